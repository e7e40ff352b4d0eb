package org.ipex4j.compiler.pass;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Scalar;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.GraphRewriter;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Arg;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;
import org.ipex4j.ir.op.Trait;

/**
 * Brings calls to one form and drops those that do nothing: copies, casts to the same type, views
 * of the same sizes, double negation, additions of 0 and multiplications by 1, dropout in
 * inference. Limits of every spelling become {@code aten.clamp}, and the formulas of hardswish and
 * hardsigmoid those ops. Views that only regroup dimensions all become {@code aten.view},
 * transposes {@code aten.permute}, and chains of either one call.
 */
public final class Canonicalize implements Pass {
    private static final List<String> SUMS = List.of("aten.sum", "aten.sum.dim_IntList");

    /** What may stand between a sum and the division that makes a mean of it. */
    private static final List<String> STEPS_TO_MEAN =
            List.of("aten.mul.Tensor", "aten.mul.Scalar", "aten.sub.Tensor", "aten.view");

    private static final int MEAN_DEPTH = 4;

    @FunctionalInterface
    private interface Rule {
        /** The replacement of the call's only result, or null to leave the call. */
        Value apply(Args<Value> a, Value result, State s);
    }

    /** What rules may look at and append to. */
    private record State(GraphBuilder out, Map<Value, Node> producers) {
        Node producer(Value v, String op) {
            Node n = producers.get(v);
            return n != null && n.is(op) ? n : null;
        }

        Value call(String op, Object... args) {
            List<Value> results = out.callAll(op, args);
            Node made =
                    new Node(
                            OpCatalog.get(op),
                            Args.of(OpCatalog.get(op).schema(), args),
                            results,
                            org.ipex4j.ir.graph.Source.UNKNOWN);
            producers.put(results.getFirst(), made);
            return results.getFirst();
        }
    }

    private static final Map<String, Rule> RULES = rules();

    @Override
    public String name() {
        return "canonicalize";
    }

    @Override
    public Graph run(Graph graph) {
        boolean mutates = graph.nodes().stream().anyMatch(n -> n.op().is(Trait.MUTATION));
        Set<Value> outputs = new HashSet<>(graph.outputs());
        Map<Value, Node> producers = new HashMap<>();
        return GraphRewriter.rewrite(
                graph,
                (old, args, out) -> {
                    State state = new State(out, producers);
                    List<Value> replaced =
                            mutates ? null : simplify(graph, outputs, old, args, state);
                    if (replaced == null) {
                        replaced = out.call(old.op(), args);
                        Node copy = new Node(old.op(), args, replaced, old.source());
                        replaced.forEach(r -> producers.put(r, copy));
                    }
                    return replaced;
                });
    }

    private static List<Value> simplify(
            Graph graph, Set<Value> outputs, Node old, Args<Value> args, State state) {
        if (old.op().name().startsWith("aten.max_pool")
                && old.op().name().endsWith("d_with_indices")) {
            return withoutIndices(graph, outputs, old, args, state);
        }
        if (old.is("aten.native_dropout")) {
            return null;
        }
        Rule rule = old.results().size() == 1 ? RULES.get(old.op().name()) : null;
        Value v = rule == null ? null : rule.apply(args, old.result(), state);
        if (v == null || !v.type().equals(old.result().type())) {
            return null;
        }
        // A copy that the caller receives must stay a tensor of its own.
        boolean handsOutInput =
                outputs.contains(old.result()) && !state.producers.containsKey(v) && isCopy(old);
        return handsOutInput ? null : List.of(v);
    }

    private static boolean isCopy(Node n) {
        return !n.op().is(Trait.VIEW);
    }

    /** The indices of a max pool are rarely used; without them the library can do it. */
    private static List<Value> withoutIndices(
            Graph graph, Set<Value> outputs, Node old, Args<Value> args, State state) {
        Value indices = old.results().get(1);
        if (!graph.users(indices).isEmpty() || outputs.contains(indices)) {
            return null;
        }
        String plain = old.op().name().replace("_with_indices", "");
        List<Object> same = new ArrayList<>(args.values());
        Value pooled = state.call(plain, same.toArray());
        return List.of(pooled, state.out.fresh(indices.type()));
    }

    private static Map<String, Rule> rules() {
        Map<String, Rule> t = new HashMap<>();
        Rule identity = (a, r, s) -> a.tensor("self");
        for (String op :
                List.of(
                        "aten.alias",
                        "aten.detach",
                        "aten.contiguous",
                        "aten.clone",
                        "aten.lift_fresh_copy")) {
            t.put(op, identity);
        }
        t.put("aten._to_copy", Canonicalize::cast);
        t.put(
                "aten.dropout",
                (a, r, s) -> a.bool("train") && a.real("p") != 0 ? null : a.tensor("input"));
        t.put(
                "aten.cat",
                (a, r, s) ->
                        a.tensors("tensors").size() == 1 ? a.tensors("tensors").getFirst() : null);
        views(t);
        arithmetic(t);
        return t;
    }

    private static void views(Map<String, Rule> t) {
        for (String op :
                List.of(
                        "aten.view",
                        "aten._unsafe_view",
                        "aten.reshape",
                        "aten.flatten.using_ints",
                        "aten.unflatten.int",
                        "aten.squeeze",
                        "aten.squeeze.dim",
                        "aten.squeeze.dims",
                        "aten.unsqueeze",
                        "aten.view_as",
                        "aten.reshape_as")) {
            t.put(op, (a, r, s) -> view(a, r, s, op));
        }
        t.put("aten.expand", Canonicalize::sameSizes);
        t.put(
                "aten.broadcast_to",
                (a, r, s) ->
                        r.type().equals(a.tensor("self").type())
                                ? a.tensor("self")
                                : s.call(
                                        "aten.expand",
                                        a.tensor("self"),
                                        r.type().sizes().toArray()));
        t.put("aten.slice.Tensor", Canonicalize::slice);
        t.put("aten.narrow", Canonicalize::sameSizes);
        t.put("aten.permute", (a, r, s) -> permute(a.tensor("self"), a.integers("dims"), s, true));
        t.put(
                "aten.t",
                (a, r, s) ->
                        r.type().rank() < 2
                                ? a.tensor("self")
                                : permute(a.tensor("self"), new long[] {1, 0}, s, false));
        t.put(
                "aten.transpose.int",
                (a, r, s) -> swap(a.tensor("self"), a.integer("dim0"), a.integer("dim1"), s));
        t.put(
                "aten.swapaxes",
                (a, r, s) -> swap(a.tensor("self"), a.integer("axis0"), a.integer("axis1"), s));
    }

    private static Value sameSizes(Args<Value> a, Value result, State s) {
        return a.tensor("self").type().equals(result.type()) ? a.tensor("self") : null;
    }

    /** There and back by way of a wider type changes nothing. */
    private static Value cast(Args<Value> a, Value result, State s) {
        Value self = a.tensor("self");
        Node before = s.producer(self, "aten._to_copy");
        if (before == null || self.type().equals(result.type())) {
            return self;
        }
        Value first = before.operands().getFirst();
        DType type = first.type().dtype();
        boolean exact =
                type.isFloating()
                        && DType.promote(type, self.type().dtype()) == self.type().dtype();
        return exact ? first : self;
    }

    /**
     * A part of what was cast is cast after it is cut out: a view of the cast tensor would keep all
     * of that in memory.
     */
    private static Value slice(Args<Value> a, Value result, State s) {
        Value self = a.tensor("self");
        Node cast = s.producer(self, "aten._to_copy");
        if (cast == null || result.type().numel() >= self.type().numel()) {
            return sameSizes(a, result, s);
        }
        List<Object> args = new ArrayList<>(a.values());
        args.set(0, cast.operands().getFirst());
        Value part = s.call("aten.slice.Tensor", args.toArray());
        return s.call("aten._to_copy", part, result.type().dtype());
    }

    private static Value view(Args<Value> a, Value result, State s, String op) {
        Value base = a.tensor("self");
        Node inner = s.producer(base, "aten.view");
        if (inner != null) {
            base = inner.args().tensor("self");
        }
        if (base.type().equals(result.type())) {
            return base;
        }
        return op.equals("aten.view") && inner == null
                ? null
                : s.call("aten.view", base, result.type().sizes().toArray());
    }

    private static Value swap(Value x, long d0, long d1, State s) {
        int rank = x.type().rank();
        if (rank == 0) {
            return x;
        }
        long[] order = new long[rank];
        for (int i = 0; i < rank; i++) {
            order[i] = i;
        }
        order[x.type().sizes().wrap(d0)] = x.type().sizes().wrap(d1);
        order[x.type().sizes().wrap(d1)] = x.type().sizes().wrap(d0);
        return permute(x, order, s, false);
    }

    private static Value permute(Value x, long[] dims, State s, boolean isPermute) {
        long[] order = new long[dims.length];
        for (int i = 0; i < dims.length; i++) {
            order[i] = x.type().sizes().wrap(dims[i]);
        }
        Value base = x;
        Node inner = s.producer(x, "aten.permute");
        if (inner != null) {
            base = inner.args().tensor("self");
            long[] first = inner.args().integers("dims");
            for (int i = 0; i < order.length; i++) {
                order[i] = base.type().sizes().wrap(first[(int) order[i]]);
            }
        }
        boolean inOrder = true;
        for (int i = 0; i < order.length; i++) {
            inOrder &= order[i] == i;
        }
        if (inOrder) {
            return base;
        }
        return isPermute && inner == null ? null : s.call("aten.permute", base, order);
    }

    private static void arithmetic(Map<String, Rule> t) {
        t.put(
                "aten.neg",
                (a, r, s) -> {
                    Node inner = s.producer(a.tensor("self"), "aten.neg");
                    return inner == null ? null : inner.args().tensor("self");
                });
        t.put(
                "aten.relu",
                (a, r, s) ->
                        s.producer(a.tensor("self"), "aten.relu") == null
                                ? null
                                : a.tensor("self"));
        t.put(
                "aten.add.Scalar",
                (a, r, s) ->
                        a.number("other").toDouble() * a.number("alpha").toDouble() == 0
                                ? a.tensor("self")
                                : null);
        t.put("aten.sub.Scalar", (a, r, s) -> subtract(a, s));
        t.put("aten.mul.Scalar", (a, r, s) -> isOne(a.number("other")) ? a.tensor("self") : null);
        t.put("aten.div.Scalar", (a, r, s) -> divide(a, s));
        t.put("aten.add.Tensor", (a, r, s) -> withScalar(a, r, s, "aten.add.Scalar"));
        t.put("aten.sub.Tensor", (a, r, s) -> withScalar(a, r, s, "aten.sub.Scalar"));
        t.put(
                "aten.mul.Tensor",
                (a, r, s) -> {
                    Value v = hardswish(a, s);
                    return v != null ? v : withScalar(a, r, s, "aten.mul.Scalar");
                });
        t.put("aten.div.Tensor", (a, r, s) -> withScalar(a, r, s, "aten.div.Scalar"));
        t.put(
                "aten.pow.Tensor_Scalar",
                (a, r, s) -> {
                    Value x = a.tensor("self");
                    double p = a.number("exponent").toDouble();
                    return p == 1
                            ? x
                            : p == 2 && x.type().equals(r.type())
                                    ? s.call("aten.mul.Tensor", x, x)
                                    : null;
                });
        limits(t);
    }

    /** Limits of every spelling become {@code aten.clamp}, two in a row one. */
    private static void limits(Map<String, Rule> t) {
        t.put(
                "aten.hardtanh",
                (a, r, s) ->
                        clamp(
                                s,
                                a.tensor("self"),
                                a.optionalNumber("min_val"),
                                a.optionalNumber("max_val")));
        t.put("aten.clamp", Canonicalize::clampOfClamp);
        t.put("aten.minimum", (a, r, s) -> extremum(a, r, s, false));
        t.put("aten.maximum", (a, r, s) -> extremum(a, r, s, true));
    }

    /** The smaller or larger of a tensor and a number. */
    private static Value extremum(Args<Value> a, Value result, State s, boolean lower) {
        Value x = a.tensor("self");
        Scalar c = filled(a.tensor("other"), s);
        if (c == null) {
            x = a.tensor("other");
            c = filled(a.tensor("self"), s);
        }
        if (c == null || Double.isNaN(c.toDouble()) || !x.type().equals(result.type())) {
            return null;
        }
        Optional<Scalar> limit = Optional.of(c);
        return clamp(s, x, lower ? limit : Optional.empty(), lower ? Optional.empty() : limit);
    }

    private static Value clamp(State s, Value x, Optional<Scalar> min, Optional<Scalar> max) {
        Op op = OpCatalog.get("aten.clamp");
        Args<Value> args = Args.of(op.schema(), x, min.orElse(null), max.orElse(null));
        Value v = clampOfClamp(args, x, s);
        return v != null ? v : s.call(op.name(), args.values().toArray());
    }

    /** A limit of a limited floating value, where no bound is NaN and none crosses another. */
    private static Value clampOfClamp(Args<Value> a, Value result, State s) {
        Value x = a.tensor("self");
        Node inner = s.producer(x, "aten.clamp");
        if (inner == null) {
            inner = s.producer(x, "aten.relu");
        }
        if (inner == null || !x.type().dtype().isFloating()) {
            return null;
        }
        boolean relu = inner.is("aten.relu");
        double innerMin = relu ? 0 : bound(inner.args(), "min", Double.NEGATIVE_INFINITY);
        double innerMax =
                relu
                        ? Double.POSITIVE_INFINITY
                        : bound(inner.args(), "max", Double.POSITIVE_INFINITY);
        double outerMin = bound(a, "min", Double.NEGATIVE_INFINITY);
        double outerMax = bound(a, "max", Double.POSITIVE_INFINITY);
        double min = Math.max(innerMin, outerMin);
        double max = Math.min(innerMax, outerMax);
        if (!(innerMin <= innerMax && outerMin <= outerMax && min <= max)) {
            return null;
        }
        Value base = inner.args().tensor("self");
        return base.type().equals(x.type())
                ? s.call(
                        "aten.clamp",
                        base,
                        min == Double.NEGATIVE_INFINITY ? null : Scalar.of(min),
                        max == Double.POSITIVE_INFINITY ? null : Scalar.of(max))
                : null;
    }

    private static double bound(Args<Value> a, String name, double otherwise) {
        return a.optionalNumber(name).map(Scalar::toDouble).orElse(otherwise);
    }

    /** {@code relu6(x + 3)}'s x, null for other values. */
    private static Value shiftedRelu6(Value v, State s) {
        Node clamp = s.producer(v, "aten.clamp");
        if (clamp == null
                || bound(clamp.args(), "min", Double.NaN) != 0
                || bound(clamp.args(), "max", Double.NaN) != 6) {
            return null;
        }
        Node add = s.producer(clamp.args().tensor("self"), "aten.add.Scalar");
        return add != null
                        && add.args().number("other").toDouble() == 3
                        && isOne(add.args().number("alpha"))
                ? add.args().tensor("self")
                : null;
    }

    /** {@code relu6(x + 3) / 6} and {@code x * relu6(x + 3) / 6}, which the library has. */
    private static Value hardActivation(Value dividend, State s) {
        if (!dividend.type().dtype().isFloating()) {
            return null;
        }
        Value x = shiftedRelu6(dividend, s);
        if (x != null) {
            return s.call("aten.hardsigmoid", x);
        }
        Node product = s.producer(dividend, "aten.mul.Tensor");
        if (product == null) {
            return null;
        }
        Value left = product.args().tensor("self");
        Value right = product.args().tensor("other");
        return left.equals(shiftedRelu6(right, s))
                ? s.call("aten.hardswish", left)
                : right.equals(shiftedRelu6(left, s)) ? s.call("aten.hardswish", right) : null;
    }

    /** {@code x * hardsigmoid(x)}. */
    private static Value hardswish(Args<Value> a, State s) {
        for (String gate : List.of("self", "other")) {
            Value x = a.tensor(gate.equals("self") ? "other" : "self");
            Node inner = s.producer(a.tensor(gate), "aten.hardsigmoid");
            if (inner != null && inner.args().tensor("self").equals(x)) {
                return s.call("aten.hardswish", x);
            }
        }
        return null;
    }

    /** x - c as x + (-c), exact in every type that negates c. */
    private static Value subtract(Args<Value> a, State s) {
        Value x = a.tensor("self");
        if (!x.type().dtype().isFloating() || !(a.number("alpha").toDouble() == 1)) {
            return a.number("other").toDouble() * a.number("alpha").toDouble() == 0 ? x : null;
        }
        double c = a.number("other").toDouble();
        return c == 0 ? x : s.call("aten.add.Scalar", x, -c);
    }

    /**
     * x / c as x * (1 / c) where c is a power of two, exact again. Not so for means, whose c is a
     * number of elements: another batch size would then need another kernel.
     */
    private static Value divide(Args<Value> a, State s) {
        Value x = a.tensor("self");
        double c = a.number("other").toDouble();
        if (c == 1) {
            return x;
        }
        if (c == 6) {
            return hardActivation(x, s);
        }
        boolean exact =
                !isMadeOfSum(x, s, MEAN_DEPTH)
                        && x.type().dtype().isFloating()
                        && c != 0
                        && !Double.isInfinite(c)
                        && !Double.isNaN(c)
                        && Math.abs(c) <= 0x1p64
                        && Math.abs(c) >= 0x1p-64
                        && Math.abs(c) == Math.scalb(1.0, Math.getExponent(c));
        return exact ? s.call("aten.mul.Scalar", x, 1 / c) : null;
    }

    /** True for a sum, and for what is made of it in a few steps without growing. */
    private static boolean isMadeOfSum(Value x, State s, int depth) {
        for (String sum : SUMS) {
            if (s.producer(x, sum) != null) {
                return true;
            }
        }
        for (String step : depth == 0 ? List.<String>of() : STEPS_TO_MEAN) {
            Node n = s.producer(x, step);
            if (n != null) {
                return n.operands().stream()
                        .anyMatch(
                                v ->
                                        v.type().numel() == x.type().numel()
                                                && isMadeOfSum(v, s, depth - 1));
            }
        }
        return false;
    }

    /** A filled right operand that broadcasts into the left becomes a scalar. */
    private static Value withScalar(Args<Value> a, Value result, State s, String scalarOp) {
        Value x = a.tensor("self");
        Value y = a.tensor("other");
        Scalar c = filled(y, s);
        if (c != null && x.type().equals(result.type())) {
            return scalarCall(s, scalarOp, a, x, c);
        }
        boolean commutes =
                scalarOp.equals("aten.mul.Scalar")
                        || scalarOp.equals("aten.add.Scalar") && isOne(a.number("alpha"));
        Scalar left = commutes ? filled(x, s) : null;
        if (left != null && y.type().equals(result.type())) {
            return scalarCall(s, scalarOp, a, y, left);
        }
        return null;
    }

    private static Value scalarCall(State s, String op, Args<Value> a, Value x, Scalar c) {
        Arg<Value> number = new Arg.Number<>(c);
        Rule rule = RULES.get(op);
        boolean alpha = a.schema().has("alpha");
        Object[] given =
                alpha ? new Object[] {x, number, a.number("alpha")} : new Object[] {x, number};
        Value simpler = rule.apply(Args.of(OpCatalog.get(op).schema(), given), x, s);
        return simpler != null && simpler.type().equals(x.type()) ? simpler : s.call(op, given);
    }

    /** The value of every element, if the tensor comes from {@code full}; rounded to its type. */
    private static Scalar filled(Value v, State s) {
        Node n = s.producers.get(v);
        while (n != null && (n.is("aten.view") || n.is("aten.expand"))) {
            n = s.producers.get(n.args().tensor("self"));
        }
        if (n == null || !n.is("aten.full")) {
            return null;
        }
        Scalar c = n.args().number("fill_value");
        return switch (v.type().dtype()) {
            case FLOAT32 -> Scalar.of((double) (float) c.toDouble());
            case FLOAT64 -> Scalar.of(c.toDouble());
            case INT64, INT32 -> c instanceof Scalar.Int ? c : null;
            default -> null;
        };
    }

    private static boolean isOne(Scalar s) {
        return s.toDouble() == 1;
    }
}
