package org.ipex4j.engine.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ipex4j.compiler.CompileOptions.FloatMode;
import org.ipex4j.compiler.loop.Fusion;
import org.ipex4j.compiler.loop.LoopCompiler;
import org.ipex4j.compiler.loop.LoopGroup;
import org.ipex4j.compiler.loop.LoopKernel;
import org.ipex4j.compiler.loop.LoopLowerings;
import org.ipex4j.compiler.phase.Phases;
import org.ipex4j.compiler.reference.Interpreter;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.compiler.samples.Closeness;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Trait;
import org.ipex4j.ir.plan.BufferType;
import org.ipex4j.ir.plan.CodeUnit;
import org.ipex4j.ir.plan.Layout;
import org.ipex4j.ir.plan.Target;
import org.ipex4j.runtime.Runtime;

/**
 * Compiles graphs by fusion and loop compiler alone, runs the kernels, and compares with the
 * reference.
 */
final class KernelHarness {
    private static final MethodHandle CALL_SHAPE =
            Linker.nativeLinker()
                    .downcallHandle(
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_LONG,
                                    ValueLayout.ADDRESS,
                                    ValueLayout.ADDRESS,
                                    ValueLayout.JAVA_LONG));

    private KernelHarness() {}

    /** The loop nodes of a graph: all but views. */
    static Set<Node> loops(Graph graph) {
        Set<Node> out = new HashSet<>();
        for (Node n : graph.nodes()) {
            if (!n.op().is(Trait.VIEW)) {
                if (!LoopLowerings.supports(n.op())) {
                    throw new IllegalArgumentException("not a loop: " + n);
                }
                out.add(n);
            }
        }
        return out;
    }

    static List<LoopGroup> groups(Graph graph) {
        return Fusion.group(graph, loops(graph), Phases.ONE);
    }

    /**
     * Runs every group on the reference's values of its inputs; layouts may say how values lie in
     * memory.
     */
    static List<LoopKernel> check(
            Graph graph, List<RefTensor> inputs, Map<Value, Layout> layouts, double slack) {
        List<Value> all = new ArrayList<>();
        graph.inputs().forEach(i -> all.add(i.value()));
        graph.nodes().forEach(n -> all.addAll(n.results()));
        List<RefTensor> values =
                Interpreter.run(new Graph(graph.inputs(), graph.nodes(), all), inputs);
        Map<Value, RefTensor> reference = new HashMap<>();
        for (int i = 0; i < all.size(); i++) {
            reference.put(all.get(i), values.get(i));
        }
        List<LoopKernel> kernels = new ArrayList<>();
        for (LoopGroup g : groups(graph)) {
            kernels.add(check(g, reference, layouts, slack));
        }
        return kernels;
    }

    private static LoopKernel check(
            LoopGroup g,
            Map<Value, RefTensor> reference,
            Map<Value, Layout> layouts,
            double slack) {
        LoopKernel k = compile(g, layouts);
        try (Arena arena = Arena.ofConfined()) {
            for (int threads : new int[] {1, 2}) {
                Map<Value, MemorySegment> memory = new HashMap<>();
                for (Value v : k.buffers()) {
                    boolean input = g.inputs().contains(v);
                    memory.put(
                            v,
                            buffer(
                                    arena,
                                    v.type(),
                                    layout(v, layouts),
                                    input ? reference.get(v) : null));
                }
                long status =
                        run(k, k.buffers().stream().map(memory::get).toList(), threads, arena);
                if (status != 0) {
                    throw new AssertionError(g.nodes() + ": status " + status);
                }
                for (Value v : g.outputs()) {
                    RefTensor actual = read(memory.get(v), v.type(), layout(v, layouts));
                    Closeness.check(
                            g.nodes() + " -> " + v + " with " + threads + " threads\n",
                            reference.get(v),
                            actual,
                            slack);
                }
            }
        }
        return k;
    }

    static LoopKernel compile(LoopGroup g, Map<Value, Layout> layouts) {
        return compile(g, layouts, Runtime.instance().target());
    }

    static LoopKernel compile(LoopGroup g, Map<Value, Layout> layouts, Target target) {
        Map<Value, BufferType> types = new HashMap<>();
        g.inputs()
                .forEach(
                        v ->
                                types.put(
                                        v,
                                        new BufferType(
                                                v.type().dtype(),
                                                v.type().sizes(),
                                                layout(v, layouts))));
        g.outputs()
                .forEach(
                        v ->
                                types.put(
                                        v,
                                        new BufferType(
                                                v.type().dtype(),
                                                v.type().sizes(),
                                                layout(v, layouts))));
        return LoopCompiler.compile(g, types, target, FloatMode.FAST_REDUCTIONS);
    }

    private static Layout layout(Value v, Map<Value, Layout> layouts) {
        return layouts.getOrDefault(v, Layout.contiguous(v.type().sizes()));
    }

    static long address(CodeUnit unit) {
        return Runtime.instance().jit().link(List.of(unit)).get(unit.symbol());
    }

    /** Calls a kernel. */
    static long run(LoopKernel k, List<MemorySegment> buffers, int threads, Arena arena) {
        MemorySegment pointers = arena.allocate(8L * Math.max(1, buffers.size()), 8);
        for (int i = 0; i < buffers.size(); i++) {
            pointers.setAtIndex(ValueLayout.ADDRESS, i, buffers.get(i));
        }
        MemorySegment params = arena.allocate(8L * Math.max(1, k.params().length), 8);
        MemorySegment.copy(k.params(), 0, params, ValueLayout.JAVA_LONG, 0, k.params().length);
        return call(address(k.unit()), pointers, params, threads);
    }

    static long call(long address, MemorySegment pointers, MemorySegment params, long threads) {
        try {
            return (long)
                    CALL_SHAPE.invokeExact(
                            MemorySegment.ofAddress(address), pointers, params, threads);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** Position in a layout of the element at logical position {@code at}. */
    private static long position(Layout l, long[] at) {
        long p = 0;
        long inner = 1;
        long[] rest = at.clone();
        for (int i = l.innerBlocks().length - 1; i >= 0; i--) {
            int d = l.innerDims()[i];
            p += rest[d] % l.innerBlocks()[i] * inner;
            rest[d] /= l.innerBlocks()[i];
            inner *= l.innerBlocks()[i];
        }
        for (int d = 0; d < at.length; d++) {
            p += rest[d] * l.strides()[d];
        }
        return p;
    }

    static MemorySegment buffer(Arena arena, TensorType type, Layout layout, RefTensor content) {
        long span = layout.span(type.sizes());
        MemorySegment m = arena.allocate(Math.max(1, span * type.dtype().byteSize()), 64);
        m.fill((byte) 0x5A);
        if (content != null) {
            each(type.sizes(), (i, at) -> write(m, type.dtype(), position(layout, at), content, i));
        }
        return m;
    }

    interface Element {
        void at(int flat, long[] position);
    }

    static void each(Sizes sizes, Element body) {
        long n = sizes.numel();
        long[] at = new long[sizes.rank()];
        for (int i = 0; i < n; i++) {
            long rest = i;
            for (int d = at.length - 1; d >= 0; d--) {
                at[d] = rest % sizes.get(d);
                rest /= sizes.get(d);
            }
            body.at(i, at);
        }
    }

    private static void write(MemorySegment m, DType t, long at, RefTensor x, int i) {
        switch (t) {
            case BOOL -> m.set(ValueLayout.JAVA_BYTE, at, (byte) (x.truth(i) ? 1 : 0));
            case UINT8, INT8 -> m.set(ValueLayout.JAVA_BYTE, at, (byte) x.integer(i));
            case INT16 -> m.setAtIndex(ValueLayout.JAVA_SHORT, at, (short) x.integer(i));
            case INT32 -> m.setAtIndex(ValueLayout.JAVA_INT, at, (int) x.integer(i));
            case INT64 -> m.setAtIndex(ValueLayout.JAVA_LONG, at, x.integer(i));
            case FLOAT16 ->
                    m.setAtIndex(
                            ValueLayout.JAVA_SHORT, at, Float.floatToFloat16((float) x.real(i)));
            case BFLOAT16 ->
                    m.setAtIndex(
                            ValueLayout.JAVA_SHORT,
                            at,
                            (short) (Float.floatToRawIntBits((float) x.real(i)) >>> 16));
            case FLOAT32 -> m.setAtIndex(ValueLayout.JAVA_FLOAT, at, (float) x.real(i));
            case FLOAT64 -> m.setAtIndex(ValueLayout.JAVA_DOUBLE, at, x.real(i));
        }
    }

    static RefTensor read(MemorySegment m, TensorType type, Layout layout) {
        int n = Math.toIntExact(type.numel());
        double[] reals = new double[n];
        long[] ints = new long[n];
        each(
                type.sizes(),
                (i, p) -> {
                    long at = position(layout, p);
                    switch (type.dtype()) {
                        case BOOL, INT8 -> ints[i] = m.get(ValueLayout.JAVA_BYTE, at);
                        case UINT8 -> ints[i] = m.get(ValueLayout.JAVA_BYTE, at) & 0xFF;
                        case INT16 -> ints[i] = m.getAtIndex(ValueLayout.JAVA_SHORT, at);
                        case INT32 -> ints[i] = m.getAtIndex(ValueLayout.JAVA_INT, at);
                        case INT64 -> ints[i] = m.getAtIndex(ValueLayout.JAVA_LONG, at);
                        case FLOAT16 ->
                                reals[i] =
                                        Float.float16ToFloat(
                                                m.getAtIndex(ValueLayout.JAVA_SHORT, at));
                        case BFLOAT16 ->
                                reals[i] =
                                        Float.intBitsToFloat(
                                                m.getAtIndex(ValueLayout.JAVA_SHORT, at) << 16);
                        case FLOAT32 -> reals[i] = m.getAtIndex(ValueLayout.JAVA_FLOAT, at);
                        case FLOAT64 -> reals[i] = m.getAtIndex(ValueLayout.JAVA_DOUBLE, at);
                    }
                });
        return type.dtype().isFloating() ? RefTensor.of(type, reals) : RefTensor.of(type, ints);
    }
}
