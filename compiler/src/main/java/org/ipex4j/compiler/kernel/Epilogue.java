package org.ipex4j.compiler.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ipex4j.compiler.phase.Phases;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Scalar;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;

/**
 * The chain of pointwise nodes after a library call that oneDNN does as post-ops: each reads the
 * value before it and is that value's only reader. oneDNN computes them in f32 and rounds once, so
 * that casts among them are the choice of the result's type.
 *
 * @param nodes the nodes absorbed, in order
 * @param steps what each becomes; casts become none
 */
record Epilogue(List<Node> nodes, List<Step> steps) {
    static final Epilogue NONE = new Epilogue(List.of(), List.of());

    /** One post-op. */
    sealed interface Step {
        record Eltwise(String algorithm, double alpha, double beta) implements Step {}

        /** Combines with a tensor of the result's sizes, one per channel, or a single number. */
        record Binary(String algorithm, Value operand) implements Step {}
    }

    /** Turns a node into an element-wise post-op, or null where its arguments do not allow it. */
    @FunctionalInterface
    private interface Rule {
        Step apply(Args<Value> a);
    }

    /**
     * oneDNN's formulas are those of ATen for every entry; see the element-wise page of its manual.
     */
    private static final Map<String, Rule> ELTWISE = eltwise();

    /** oneDNN allows 32 post-ops; few implementations are tuned for more than some. */
    private static final int MOST = 6;

    /**
     * Where chains are looked for.
     *
     * @param taken nodes that belong to another call already
     * @param exact without post-ops that drop NaN
     * @param phases a chain ends with the call's phase
     */
    record Context(
            Graph graph, Set<Value> outputs, Set<Value> taken, boolean exact, Phases phases) {}

    /**
     * What a call may do beside its own work.
     *
     * @param postOps pointwise ops
     * @param casts another type of the result
     */
    record Abilities(boolean postOps, boolean casts) {}

    /**
     * The longest chain after {@code result}.
     *
     * @param channelDim the dimension along which per-channel operands may vary
     */
    static Epilogue after(Context c, Value result, int channelDim, Abilities can) {
        List<Node> nodes = new ArrayList<>();
        List<Step> steps = new ArrayList<>();
        Epilogue longest = NONE;
        Value v = result;
        while (steps.size() < MOST && !c.outputs.contains(v) && c.graph.users(v).size() == 1) {
            Node user = c.graph.users(v).getFirst();
            if (c.taken.contains(user.results().getFirst())
                    || c.phases.of(user) != c.phases.of(v)) {
                break;
            }
            boolean cast = Casts.isCast(user);
            if (cast ? !can.casts : !can.postOps) {
                break;
            }
            if (!cast) {
                Step step = step(user, v, channelDim, can.casts);
                if (step == null
                        || c.exact && step instanceof Step.Eltwise e && LibraryNaN.isDropped(e)) {
                    break;
                }
                steps.add(step);
            }
            nodes.add(user);
            v = user.result();
            if (!cast || !widens(v, result) || staysWide(c, v)) {
                longest = new Epilogue(List.copyOf(nodes), List.copyOf(steps));
            }
        }
        return longest;
    }

    private static boolean widens(Value to, Value from) {
        return to.type().dtype().byteSize() > from.type().dtype().byteSize();
    }

    /**
     * True if nobody can read the wider value as cheaply from the narrower one: generated kernels
     * cast what they read, and then read half the bytes.
     */
    private static boolean staysWide(Context c, Value v) {
        return c.graph.users(v).stream()
                .allMatch(u -> LibraryLowering.has(u.op()) || Lowering.isHost(u.op()));
    }

    /** The value after the whole chain. */
    Value result(Value before) {
        return nodes.isEmpty() ? before : nodes.getLast().result();
    }

    /**
     * @param mixed operands and results may have another type than the value before
     */
    private static Step step(Node user, Value v, int channelDim, boolean mixed) {
        if (user.results().size() != 1
                || !user.result().type().sizes().equals(v.type().sizes())
                || !fits(user.result(), v, mixed)) {
            return null;
        }
        Rule rule = ELTWISE.get(user.op().name());
        if (rule != null) {
            return user.args().allTensors().size() == 1 ? rule.apply(user.args()) : null;
        }
        String algorithm =
                switch (user.op().name()) {
                    case "aten.add.Tensor" -> "add";
                    case "aten.sub.Tensor" -> "sub";
                    case "aten.mul.Tensor" -> "mul";
                    case "aten.div.Tensor" -> "div";
                    default -> null;
                };
        if (algorithm == null
                || user.args().schema().has("alpha")
                        && user.args().number("alpha").toDouble() != 1) {
            return null;
        }
        Value self = user.args().tensor("self");
        Value other = user.args().tensor("other");
        boolean commutes = algorithm.equals("add") || algorithm.equals("mul");
        if (self.equals(v) && !other.equals(v)) {
            return broadcasts(other, v, channelDim, mixed)
                    ? new Step.Binary(algorithm, other)
                    : null;
        }
        if (commutes && other.equals(v) && !self.equals(v)) {
            return broadcasts(self, v, channelDim, mixed) ? new Step.Binary(algorithm, self) : null;
        }
        return null;
    }

    /** Whole tensor, per channel or scalar: the broadcasts that every fast implementation has. */
    private static boolean broadcasts(Value operand, Value v, int channelDim, boolean mixed) {
        if (!fits(operand, v, mixed)) {
            return false;
        }
        Sizes sizes = operand.type().sizes();
        if (sizes.equals(v.type().sizes()) || sizes.numel() == 1) {
            return true;
        }
        int skip = v.type().rank() - sizes.rank();
        for (int d = 0; d < sizes.rank(); d++) {
            boolean channel = d + skip == channelDim;
            if (sizes.get(d) != (channel ? v.type().sizes().get(channelDim) : 1)) {
                return false;
            }
        }
        return true;
    }

    private static boolean fits(Value other, Value v, boolean mixed) {
        DType type = other.type().dtype();
        return mixed ? type == DType.FLOAT32 || type == DType.BFLOAT16 : type == v.type().dtype();
    }

    /** Sizes of an operand with leading dimensions of 1 up to the rank. */
    static long[] lifted(Sizes sizes, int rank) {
        long[] out = new long[rank];
        Arrays.fill(out, 1);
        System.arraycopy(sizes.toArray(), 0, out, rank - sizes.rank(), sizes.rank());
        return out;
    }

    private static Map<String, Rule> eltwise() {
        Map<String, Rule> t = new HashMap<>();
        t.put("aten.relu", a -> new Step.Eltwise("relu", 0, 0));
        t.put(
                "aten.leaky_relu",
                a -> new Step.Eltwise("relu", a.number("negative_slope").toDouble(), 0));
        t.put("aten.clamp", Epilogue::clamp);
        t.put("aten.hardswish", a -> new Step.Eltwise("hardswish", 1.0 / 6, 0.5));
        t.put("aten.hardsigmoid", a -> new Step.Eltwise("hardsigmoid", 1.0 / 6, 0.5));
        t.put(
                "aten.elu",
                a ->
                        a.number("scale").toDouble() == 1 && a.number("input_scale").toDouble() == 1
                                ? new Step.Eltwise("elu", a.number("alpha").toDouble(), 0)
                                : null);
        t.put(
                "aten.gelu",
                a ->
                        new Step.Eltwise(
                                a.text("approximate").equals("tanh") ? "gelu_tanh" : "gelu_erf",
                                0,
                                0));
        t.put("aten.tanh", a -> new Step.Eltwise("tanh", 0, 0));
        t.put("aten.sigmoid", a -> new Step.Eltwise("logistic", 0, 0));
        t.put("aten.silu", a -> new Step.Eltwise("swish", 1, 0));
        t.put("aten.mish", a -> new Step.Eltwise("mish", 0, 0));
        t.put("aten.abs", a -> new Step.Eltwise("abs", 0, 0));
        t.put("aten.neg", a -> new Step.Eltwise("linear", -1, 0));
        t.put(
                "aten.add.Scalar",
                a ->
                        new Step.Eltwise(
                                "linear",
                                1,
                                a.number("other").toDouble() * a.number("alpha").toDouble()));
        t.put("aten.mul.Scalar", a -> new Step.Eltwise("linear", a.number("other").toDouble(), 0));
        return t;
    }

    /** Only with both ends, or as relu. */
    private static Step clamp(Args<Value> a) {
        var min = a.optionalNumber("min").map(Scalar::toDouble);
        var max = a.optionalNumber("max").map(Scalar::toDouble);
        if (min.isPresent() && max.isPresent() && min.get() <= max.get()) {
            return new Step.Eltwise("clip_v2", min.get(), max.get());
        }
        return min.isPresent() && max.isEmpty() && min.get() == 0
                ? new Step.Eltwise("relu", 0, 0)
                : null;
    }
}
