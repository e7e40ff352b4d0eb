package org.ipex4j.compiler;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import org.ipex4j.compiler.loop.LoopGroup;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.compiler.reference.ReferenceTable;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Scalar;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;
import org.ipex4j.ir.plan.BufferType;
import org.ipex4j.ir.plan.CompiledGraph;
import org.ipex4j.ir.plan.Layout;
import org.ipex4j.ir.plan.LibraryCall;
import org.ipex4j.ir.plan.Operand;
import org.ipex4j.ir.plan.Plan;
import org.ipex4j.ir.plan.PostOp;
import org.ipex4j.ir.plan.Step;

/**
 * Executes plans on byte arrays exactly as laid out: every operand is read and written through its
 * place, offset and layout, so that a wrong layout, alias, offset or lifetime shows in the numbers.
 * What a step computes comes from the reference.
 */
final class PlanInterpreter {
    private final Map<String, LoopGroup> groups;

    PlanInterpreter(Map<String, LoopGroup> groups) {
        this.groups = groups;
    }

    List<RefTensor> run(CompiledGraph graph, List<RefTensor> inputs) {
        return run(graph, inputs, i -> 0);
    }

    /**
     * Runs phase by phase: each result is what lies in its memory at the end of the first phase
     * that touches it, when a caller would get it.
     *
     * @param phase the phase in which a graph input is given; there is no memory before
     */
    List<RefTensor> run(CompiledGraph graph, List<RefTensor> inputs, IntUnaryOperator phase) {
        List<ByteBuffer[]> prologues = new ArrayList<>();
        for (CompiledGraph.Prologue p : graph.prologues()) {
            List<ByteBuffer> given = new ArrayList<>();
            for (int i = 0; i < p.inputs().size(); i++) {
                given.add(store(inputs.get(p.inputs().get(i)), p.plan().inputs().get(i)));
            }
            prologues.add(run(p.plan(), given, i -> 0));
        }
        List<ByteBuffer> main = new ArrayList<>();
        for (int i = 0; i < graph.arguments().size(); i++) {
            main.add(store(inputs.get(graph.arguments().get(i)), graph.main().inputs().get(i)));
        }
        for (int i = 0; i < graph.bound().size(); i++) {
            BufferType type = graph.main().inputs().get(graph.arguments().size() + i);
            main.add(bound(graph.bound().get(i), type, inputs, prologues));
        }
        ByteBuffer[] outs =
                run(
                        graph.main(),
                        main,
                        i ->
                                i < graph.arguments().size()
                                        ? phase.applyAsInt(graph.arguments().get(i))
                                        : 0);
        Map<Integer, ByteBuffer> after = new HashMap<>();
        for (int i = 0; i < main.size(); i++) {
            int from = i - graph.arguments().size();
            if (from < 0) {
                after.put(graph.arguments().get(i), main.get(i));
            } else if (graph.bound().get(from) instanceof CompiledGraph.Bound.Input(int input)) {
                after.put(input, main.get(i));
            }
        }
        return graph.results().stream()
                .map(
                        r ->
                                switch (r) {
                                    case CompiledGraph.Result.Output(int i) ->
                                            load(outs[i], 0, graph.main().outputs().get(i));
                                    case CompiledGraph.Result.InputView(
                                                    int i,
                                                    BufferType type,
                                                    long offset) ->
                                            load(
                                                    graph.written().contains(i)
                                                            ? after.get(i)
                                                            : store(
                                                                    inputs.get(i),
                                                                    BufferType.contiguous(
                                                                            inputs.get(i).type())),
                                                    offset * type.dtype().byteSize(),
                                                    type);
                                    case CompiledGraph.Result.BoundValue(
                                                    CompiledGraph.Bound b,
                                                    BufferType type,
                                                    long offset) ->
                                            load(
                                                    bound(
                                                            b,
                                                            BufferType.contiguous(type.type()),
                                                            inputs,
                                                            prologues),
                                                    offset * type.dtype().byteSize(),
                                                    type);
                                })
                .toList();
    }

    private static ByteBuffer bound(
            CompiledGraph.Bound b,
            BufferType type,
            List<RefTensor> inputs,
            List<ByteBuffer[]> prologues) {
        return switch (b) {
            case CompiledGraph.Bound.Input(int i) -> store(inputs.get(i), type);
            case CompiledGraph.Bound.Computed(int p, int o) -> prologues.get(p)[o];
        };
    }

    private ByteBuffer[] run(Plan plan, List<ByteBuffer> inputs, IntUnaryOperator phase) {
        ByteBuffer arena = memory(plan.arenaBytes());
        ByteBuffer[] outs = new ByteBuffer[plan.outputs().size()];
        ByteBuffer[] handedOut = new ByteBuffer[outs.length];
        int from = 0;
        for (int p = 0; p < plan.phaseEnds().size(); p++) {
            for (Step s : plan.steps().subList(from, plan.phaseEnds().get(p))) {
                ByteBuffer[] at = new ByteBuffer[s.operands().size()];
                for (int i = 0; i < at.length; i++) {
                    at[i] = place(plan, s.operands().get(i).place(), inputs, outs, arena, phase, p);
                }
                switch (s) {
                    case Step.Kernel k -> kernel(k, at);
                    case Step.Library l -> library(l, at);
                    case Step.Host h -> host(h, at);
                }
            }
            from = plan.phaseEnds().get(p);
            for (int i = 0; i < outs.length; i++) {
                if (outs[i] != null && handedOut[i] == null) {
                    handedOut[i] =
                            ByteBuffer.wrap(outs[i].array().clone()).order(ByteOrder.LITTLE_ENDIAN);
                }
            }
        }
        return handedOut;
    }

    private static ByteBuffer place(
            Plan plan,
            Operand.Place place,
            List<ByteBuffer> inputs,
            ByteBuffer[] outs,
            ByteBuffer arena,
            IntUnaryOperator phase,
            int now) {
        return switch (place) {
            case Operand.Place.In(int n) -> {
                if (phase.applyAsInt(n) > now) {
                    throw new IllegalStateException(
                            "input " + n + " is read in phase " + now + ", before it is given");
                }
                yield inputs.get(n);
            }
            case Operand.Place.Out(int n) -> {
                if (outs[n] == null) {
                    outs[n] = memory(plan.outputs().get(n).byteSize());
                }
                yield outs[n];
            }
            case Operand.Place.Arena() -> arena;
        };
    }

    /** Memory full of NaN, so that reading what nobody wrote shows. */
    private static ByteBuffer memory(long bytes) {
        byte[] fill = new byte[(int) bytes];
        Arrays.fill(fill, (byte) 0xff);
        return ByteBuffer.wrap(fill).order(ByteOrder.LITTLE_ENDIAN);
    }

    private void kernel(Step.Kernel k, ByteBuffer[] at) {
        LoopGroup g = groups.get(k.symbol());
        Map<Value, RefTensor> values = new HashMap<>();
        int i = 0;
        for (Value v : g.inputs()) {
            values.put(v, load(at[i], k.operands().get(i)));
            i++;
        }
        for (Node n : g.nodes()) {
            List<RefTensor> results = ReferenceTable.evaluate(n.op(), n.args().map(values::get));
            for (int r = 0; r < results.size(); r++) {
                values.put(n.results().get(r), results.get(r));
            }
        }
        if (k.operands().size() > g.inputs().size() + g.outputs().size()) {
            Operand scratch = k.operands().getLast();
            for (long b = 0; b < scratch.type().byteSize(); b++) {
                at[at.length - 1].put((int) (scratch.byteOffset() + b), (byte) 0xee);
            }
        }
        for (Value v : g.outputs()) {
            save(values.get(v), at[i], k.operands().get(i));
            i++;
        }
    }

    private static void host(Step.Host h, ByteBuffer[] at) {
        int results = h.op().schema().results();
        List<RefTensor> out =
                ReferenceTable.evaluate(
                        h.op(), h.args().map(i -> load(at[i], h.operands().get(i))));
        for (int r = 0; r < results; r++) {
            int i = at.length - results + r;
            save(out.get(r), at[i], h.operands().get(i));
        }
    }

    private static void library(Step.Library l, ByteBuffer[] at) {
        LibraryCall call = l.call();
        List<RefTensor> in = new ArrayList<>();
        int inputs = call.inputs().size();
        for (int i = 0; i < inputs; i++) {
            if (!call.inputs().get(i).equals(l.operands().get(i).type())) {
                throw new IllegalStateException(
                        "operand "
                                + i
                                + " is "
                                + l.operands().get(i).type()
                                + ", the call says "
                                + call);
            }
            in.add(load(at[i], l.operands().get(i)));
        }
        List<RefTensor> made = base(call, in);
        RefTensor y = made.getFirst();
        int next = inputs;
        int last = at.length - 1;
        for (PostOp p : call.postOps()) {
            switch (p) {
                case PostOp.Sum s ->
                        y =
                                op(
                                        "aten.add.Tensor",
                                        y,
                                        load(at[last], l.operands().get(last)),
                                        Scalar.of((double) s.scale()));
                case PostOp.Binary b -> {
                    if (!b.operand().equals(l.operands().get(next).type())) {
                        throw new IllegalStateException(
                                "binary operand is "
                                        + l.operands().get(next).type()
                                        + ", the call says "
                                        + call);
                    }
                    RefTensor other = load(at[next], l.operands().get(next++));
                    y = op("aten." + b.algorithm() + ".Tensor", y, other);
                }
                case PostOp.Eltwise e -> y = eltwise(y, e);
            }
        }
        if (call.secondOutput().isPresent()) {
            if (!call.secondOutput().get().equals(l.operands().get(next).type())) {
                throw new IllegalStateException(
                        "second result is "
                                + l.operands().get(next).type()
                                + ", the call says "
                                + call);
            }
            save(made.get(1), at[next], l.operands().get(next));
            next++;
        }
        if (next != last) {
            throw new IllegalStateException(call + " has " + l.operands().size() + " operands");
        }
        save(y, at[last], l.operands().get(last));
    }

    /** What a call makes before its post-ops. */
    private static List<RefTensor> base(LibraryCall call, List<RefTensor> in) {
        return call instanceof LibraryCall.Pooling p && p.workspace().isPresent()
                ? ops(
                        "ipex.max_pool_training",
                        in.getFirst(),
                        longs(p.kernel()),
                        longs(p.stride()),
                        longs(p.paddingBegin()),
                        longs(p.dilation()),
                        hangsOver(p.paddingBegin(), p.paddingEnd()))
                : List.of(only(call, in));
    }

    /** ATen makes windows hang over only with {@code ceil_mode}. */
    private static boolean hangsOver(List<Long> begin, List<Long> end) {
        return !begin.equals(end);
    }

    private static RefTensor only(LibraryCall call, List<RefTensor> in) {
        return switch (call) {
            case LibraryCall.Reorder r -> in.getFirst();
            case LibraryCall.MatMul m -> {
                RefTensor y = op("aten.matmul", in.get(0), in.get(1));
                yield in.size() > 2 ? op("aten.add.Tensor", y, in.get(2)) : y;
            }
            case LibraryCall.Convolution c ->
                    convolution(
                            in,
                            c.stride(),
                            c.dilation(),
                            c.paddingBegin(),
                            c.paddingEnd(),
                            c.groups());
            case LibraryCall.Deconvolution c -> deconvolution(c, in);
            case LibraryCall.ConvolutionBackwardData c ->
                    op(
                            "ipex.convolution_backward_data",
                            in.get(0),
                            mergeGroups(in.get(1), c.groups()),
                            c.output().sizes().toArray(),
                            longs(c.stride()),
                            longs(c.paddingBegin()),
                            longs(c.dilation()),
                            c.groups());
            case LibraryCall.ConvolutionBackwardWeights c -> {
                long[] merged = c.output().sizes().toArray();
                if (c.groups() > 1) {
                    merged = Arrays.copyOfRange(merged, 1, merged.length);
                    merged[0] *= c.groups();
                }
                yield op(
                                "ipex.convolution_backward_weights",
                                in.get(1),
                                in.get(0),
                                merged,
                                longs(c.stride()),
                                longs(c.paddingBegin()),
                                longs(c.dilation()),
                                c.groups())
                        .reshape(c.output().sizes());
            }
            case LibraryCall.Pooling p -> pooling(p, in.getFirst());
            case LibraryCall.PoolingBackward p ->
                    op(
                            "ipex.max_pool_backward",
                            in.get(0),
                            in.get(1),
                            p.output().sizes().toArray(),
                            longs(p.kernel()),
                            longs(p.stride()),
                            longs(p.paddingBegin()),
                            longs(p.dilation()),
                            hangsOver(p.paddingBegin(), p.paddingEnd()));
        };
    }

    private static RefTensor convolution(
            List<RefTensor> in,
            List<Long> stride,
            List<Long> dilation,
            List<Long> begin,
            List<Long> end,
            int groups) {
        if (!begin.equals(end)) {
            throw new IllegalStateException("uneven padding in a convolution");
        }
        return op(
                "aten.convolution",
                in.get(0),
                mergeGroups(in.get(1), groups),
                in.size() > 2 ? in.get(2) : null,
                longs(stride),
                longs(begin),
                longs(dilation),
                false,
                new long[begin.size()],
                groups);
    }

    private static RefTensor mergeGroups(RefTensor w, int groups) {
        if (groups == 1) {
            return w;
        }
        long[] s = w.sizes().toArray();
        long[] merged = Arrays.copyOfRange(s, 1, s.length);
        merged[0] *= s[0];
        return w.reshape(Sizes.of(merged));
    }

    private static RefTensor deconvolution(LibraryCall.Deconvolution c, List<RefTensor> in) {
        int n = c.stride().size();
        int groupDims = c.groups() > 1 ? 1 : 0;
        long[] order = new long[n + 2 + groupDims];
        for (int i = 0; i < order.length; i++) {
            order[i] = i;
        }
        order[groupDims] = groupDims + 1;
        order[groupDims + 1] = groupDims;
        RefTensor weights = mergeGroups(op("aten.permute", in.get(1), (Object) order), c.groups());
        long[] extra = new long[n];
        for (int i = 0; i < n; i++) {
            extra[i] = c.paddingBegin().get(i) - c.paddingEnd().get(i);
        }
        return op(
                "aten.convolution",
                in.get(0),
                weights,
                in.size() > 2 ? in.get(2) : null,
                longs(c.stride()),
                longs(c.paddingBegin()),
                longs(c.dilation()),
                true,
                extra,
                c.groups());
    }

    /** Pads by hand, so that uneven padding is honoured as oneDNN does. */
    private static RefTensor pooling(LibraryCall.Pooling p, RefTensor x) {
        int n = p.kernel().size();
        long[] pads = new long[2 * n];
        for (int d = 0; d < n; d++) {
            pads[2 * (n - 1 - d)] = p.paddingBegin().get(d);
            pads[2 * (n - 1 - d) + 1] = p.paddingEnd().get(d);
        }
        boolean max = p.algorithm().equals("max");
        RefTensor padded =
                op("aten.constant_pad_nd", x, pads, max ? Double.NEGATIVE_INFINITY : 0.0);
        String suffix = "_pool" + n + "d";
        if (max) {
            return op(
                    "aten.max" + suffix,
                    padded,
                    longs(p.kernel()),
                    longs(p.stride()),
                    new long[n],
                    longs(p.dilation()),
                    false);
        }
        RefTensor mean =
                op("aten.avg" + suffix, padded, longs(p.kernel()), longs(p.stride()), new long[n]);
        if (p.algorithm().equals("avg_include_padding")) {
            return mean;
        }
        RefTensor ones = RefTensor.build(x.type(), i -> 1);
        RefTensor share =
                op(
                        "aten.avg" + suffix,
                        op("aten.constant_pad_nd", ones, pads, 0.0),
                        longs(p.kernel()),
                        longs(p.stride()),
                        new long[n]);
        return op("aten.div.Tensor", mean, share);
    }

    private static RefTensor eltwise(RefTensor y, PostOp.Eltwise e) {
        double a = e.alpha();
        double b = e.beta();
        return switch (e.algorithm()) {
            case "relu" -> map(y, x -> x > 0 ? x : a * x);
            case "clip_v2" -> map(y, x -> Math.min(Math.max(x, a), b));
            case "hardswish" -> map(y, x -> x * Math.max(0, Math.min(1, a * x + b)));
            case "hardsigmoid" -> map(y, x -> Math.max(0, Math.min(1, a * x + b)));
            case "elu" -> map(y, x -> x > 0 ? x : a * Math.expm1(x));
            case "tanh" -> map(y, Math::tanh);
            case "logistic" -> map(y, x -> 1 / (1 + Math.exp(-x)));
            case "swish" -> map(y, x -> x / (1 + Math.exp(-a * x)));
            case "mish" -> map(y, x -> x * Math.tanh(Math.log1p(Math.exp(x))));
            case "gelu_tanh" ->
                    map(
                            y,
                            x ->
                                    0.5
                                            * x
                                            * (1
                                                    + Math.tanh(
                                                            Math.sqrt(2 / Math.PI)
                                                                    * (x + 0.044715 * x * x * x))));
            case "gelu_erf" -> op("aten.gelu", y, "none");
            case "abs" -> map(y, Math::abs);
            case "linear" -> map(y, x -> a * x + b);
            default -> throw new IllegalStateException("unknown eltwise " + e.algorithm());
        };
    }

    private static RefTensor map(RefTensor x, java.util.function.DoubleUnaryOperator f) {
        return RefTensor.build(x.type(), i -> f.applyAsDouble(x.real(i)));
    }

    private static RefTensor op(String name, Object... args) {
        return ops(name, args).getFirst();
    }

    private static List<RefTensor> ops(String name, Object... args) {
        Op op = OpCatalog.get(name);
        return ReferenceTable.evaluate(op, Args.<RefTensor>of(op.schema(), args));
    }

    private static long[] longs(List<Long> v) {
        return v.stream().mapToLong(Long::longValue).toArray();
    }

    private static ByteBuffer store(RefTensor t, BufferType type) {
        ByteBuffer out = memory(type.byteSize());
        save(t, out, 0, type);
        return out;
    }

    private static RefTensor load(ByteBuffer from, Operand o) {
        return load(from, o.byteOffset(), o.type());
    }

    private static void save(RefTensor t, ByteBuffer to, Operand o) {
        save(t, to, o.byteOffset(), o.type());
    }

    static RefTensor load(ByteBuffer from, long offset, BufferType type) {
        TensorType t = type.type();
        Sizes sizes = t.sizes();
        if (t.dtype().isFloating()) {
            return RefTensor.build(
                    t,
                    i -> {
                        int at = position(type.layout(), sizes, i, offset, t.dtype());
                        return t.dtype() == DType.FLOAT64 ? from.getDouble(at) : from.getFloat(at);
                    });
        }
        return RefTensor.buildInts(
                t,
                i -> {
                    int at = position(type.layout(), sizes, i, offset, t.dtype());
                    return switch (t.dtype().byteSize()) {
                        case 1 -> from.get(at);
                        case 2 -> from.getShort(at);
                        case 4 -> from.getInt(at);
                        default -> from.getLong(at);
                    };
                });
    }

    private static void save(RefTensor t, ByteBuffer to, long offset, BufferType type) {
        if (!t.type().equals(type.type())) {
            throw new IllegalStateException(
                    "a step made " + t.type() + " where the plan says " + type);
        }
        for (int i = 0; i < t.numel(); i++) {
            int at = position(type.layout(), t.sizes(), i, offset, t.dtype());
            switch (t.dtype()) {
                case FLOAT64 -> to.putDouble(at, t.real(i));
                case FLOAT32 -> to.putFloat(at, (float) t.real(i));
                case BOOL, INT8, UINT8 -> to.put(at, (byte) t.integer(i));
                case INT16 -> to.putShort(at, (short) t.integer(i));
                case INT32 -> to.putInt(at, (int) t.integer(i));
                case INT64 -> to.putLong(at, t.integer(i));
                default -> throw new IllegalStateException("no " + t.dtype() + " here");
            }
        }
    }

    /** Byte position of an element, given by its row-major number. */
    static int position(Layout layout, Sizes sizes, int index, long offset, DType dtype) {
        long[] at = new long[sizes.rank()];
        int rest = index;
        for (int d = at.length - 1; d >= 0; d--) {
            at[d] = rest % sizes.get(d);
            rest /= (int) sizes.get(d);
        }
        long inner = 0;
        long step = 1;
        for (int b = layout.innerBlocks().length - 1; b >= 0; b--) {
            int d = layout.innerDims()[b];
            inner += at[d] % layout.innerBlocks()[b] * step;
            at[d] /= layout.innerBlocks()[b];
            step *= layout.innerBlocks()[b];
        }
        for (int d = 0; d < at.length; d++) {
            inner += at[d] * layout.strides()[d];
        }
        return (int) (offset + inner * dtype.byteSize());
    }
}
