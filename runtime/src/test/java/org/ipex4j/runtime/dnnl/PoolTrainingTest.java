package org.ipex4j.runtime.dnnl;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.plan.BufferType;
import org.ipex4j.ir.plan.Layout;
import org.ipex4j.ir.plan.LibraryCall;
import org.ipex4j.ir.plan.LibraryOracle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Pools with a workspace, and their derivatives, against plain loops. */
class PoolTrainingTest {
    private static final int THREADS = 2;
    private final DnnlOracle oracle = new DnnlOracle(THREADS, c -> Double.NaN);

    /** A pool with the same window along every spatial dimension. */
    private record Pool(long[] in, long kernel, long stride, long pad, boolean ceil) {
        int spatial() {
            return in.length - 2;
        }

        Sizes source() {
            return Sizes.of(in);
        }

        Sizes output() {
            long[] out = in.clone();
            for (int d = 2; d < in.length; d++) {
                long span = in[d] + 2 * pad - kernel;
                out[d] = (ceil ? span + stride - 1 : span) / stride + 1;
                out[d] -= ceil && (out[d] - 1) * stride >= in[d] + pad ? 1 : 0;
            }
            return Sizes.of(out);
        }

        List<Long> end() {
            return LongStream.range(0, spatial())
                    .map(
                            d ->
                                    Math.max(
                                            pad,
                                            (output().get((int) d + 2) - 1) * stride
                                                    + kernel
                                                    - pad
                                                    - in[(int) d + 2]))
                    .boxed()
                    .toList();
        }

        List<Long> all(long value) {
            return LongStream.generate(() -> value).limit(spatial()).boxed().toList();
        }

        LibraryCall.Pooling forward(String layout) {
            BufferType y = new BufferType(DType.FLOAT32, output(), layout(layout, output()));
            return new LibraryCall.Pooling(
                    "max",
                    new BufferType(DType.FLOAT32, source(), layout(layout, source())),
                    y,
                    Optional.of(new BufferType(DType.UINT8, y.sizes(), y.layout())),
                    all(kernel),
                    all(stride),
                    all(1),
                    all(pad),
                    end(),
                    List.of());
        }

        LibraryCall.PoolingBackward backward(String algorithm, String layout) {
            LibraryCall.Pooling f = forward(layout);
            return new LibraryCall.PoolingBackward(
                    algorithm,
                    f.output(),
                    algorithm.equals("max") ? f.workspace() : Optional.empty(),
                    f.source(),
                    f.kernel(),
                    f.stride(),
                    f.dilation(),
                    f.paddingBegin(),
                    f.paddingEnd());
        }

        /** Visits window elements inside the input: output, number in the window, input. */
        void visit(Visitor v) {
            Sizes y = output();
            long window = (long) Math.pow(kernel, spatial());
            for (int i = 0; i < y.numel(); i++) {
                for (int k = 0; k < window; k++) {
                    long o = i;
                    long rest = k;
                    long at = 0;
                    long step = 1;
                    boolean inside = true;
                    for (int d = in.length - 1; d >= 2; d--) {
                        long x = o % y.get(d) * stride - pad + rest % kernel;
                        inside &= x >= 0 && x < in[d];
                        at += x * step;
                        step *= in[d];
                        o /= y.get(d);
                        rest /= kernel;
                    }
                    if (inside) {
                        v.at(i, k, (int) (at + o * step));
                    }
                }
            }
        }

        private interface Visitor {
            void at(int output, int inWindow, int input);
        }
    }

    private static Layout layout(String name, Sizes s) {
        return switch (name) {
            case "plain" -> Layout.contiguous(s);
            case "last" -> Layout.channelsLast(s);
            default -> Layout.blockedChannels(s, DnnlOracle.isa().contains("avx512") ? 16 : 8);
        };
    }

    static Stream<Object[]> pools() {
        return Stream.of(
                        new Pool(new long[] {2, 33, 13, 7}, 3, 2, 1, false),
                        new Pool(new long[] {1, 16, 8, 9}, 3, 2, 1, true),
                        new Pool(new long[] {2, 7, 8, 9}, 2, 2, 0, true),
                        new Pool(new long[] {1, 40, 10, 11}, 3, 1, 1, false),
                        new Pool(new long[] {2, 16, 17}, 3, 2, 1, false),
                        new Pool(new long[] {1, 17, 5, 6, 7}, 3, 2, 1, true),
                        new Pool(new long[] {1, 16, 20, 18}, 15, 4, 7, false))
                .flatMap(
                        p ->
                                Stream.of("plain", "last", "blocks")
                                        .map(layout -> new Object[] {p, layout}));
    }

    private LibraryCall direct(LibraryCall call) {
        LibraryOracle.Choice choice =
                oracle.choose(call).orElseThrow(() -> new AssertionError("refused " + call));
        assertThat(choice.implementation()).doesNotStartWith("ref");
        return choice.call();
    }

    /** Many ties, and windows that begin with negative infinity. */
    private static float[] values(Sizes s) {
        float[] x = PlainLoops.random(s, 1);
        for (int i = 0; i < x.length; i += 5) {
            x[i] = Float.NEGATIVE_INFINITY;
        }
        return x;
    }

    @ParameterizedTest
    @MethodSource("pools")
    void maxPoolsTellWhereTheFirstMaximumWas(Pool p, String layout) {
        LibraryCall call = direct(p.forward(layout));
        float[] x = values(p.source());
        float[] max = new float[(int) p.output().numel()];
        int[] where = new int[max.length];
        java.util.Arrays.fill(max, Float.NEGATIVE_INFINITY);
        p.visit(
                (o, k, i) -> {
                    if (x[i] > max[o]) {
                        max[o] = x[i];
                        where[o] = k;
                    }
                });
        try (Arena arena = Arena.ofConfined()) {
            BufferType ws = call.secondOutput().orElseThrow();
            MemorySegment source = PlainLoops.pack(arena, call.inputs().getFirst(), x);
            MemorySegment workspace = arena.allocate(ws.byteSize(), 64);
            MemorySegment result = arena.allocate(call.output().byteSize(), 64);
            execute(call, arena, source, workspace, result);
            assertThat(PlainLoops.unpack(call.output(), result)).isEqualTo(max);
            for (int i = 0; i < where.length; i++) {
                assertThat(workspace.get(JAVA_BYTE, offset(ws, i)) & 0xff)
                        .as("window %d", i)
                        .isEqualTo(where[i]);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("pools")
    void maxPoolsHandGradientsToTheMaximum(Pool p, String layout) {
        LibraryCall.PoolingBackward call =
                (LibraryCall.PoolingBackward) direct(p.backward("max", layout));
        float[] x = values(p.source());
        float[] grad = PlainLoops.random(p.output(), 2);
        int[] where = new int[grad.length];
        int[] taken = new int[grad.length];
        float[] max = new float[grad.length];
        java.util.Arrays.fill(max, Float.NEGATIVE_INFINITY);
        p.visit(
                (o, k, i) -> {
                    if (x[i] > max[o]) {
                        max[o] = x[i];
                        where[o] = k;
                        taken[o] = i;
                    }
                });
        float[] expected = new float[x.length];
        for (int o = 0; o < grad.length; o++) {
            expected[taken[o]] += grad[o];
        }
        try (Arena arena = Arena.ofConfined()) {
            BufferType ws = call.workspace().orElseThrow();
            MemorySegment workspace = arena.allocate(ws.byteSize(), 64);
            for (int i = 0; i < where.length; i++) {
                workspace.set(JAVA_BYTE, offset(ws, i), (byte) where[i]);
            }
            MemorySegment result = arena.allocate(call.output().byteSize(), 64);
            result.fill((byte) 0x7f);
            execute(
                    call,
                    arena,
                    PlainLoops.pack(arena, call.outputGradient(), grad),
                    workspace,
                    result);
            assertThat(PlainLoops.unpack(call.output(), result)).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @MethodSource("pools")
    void averagePoolsShareGradientsOut(Pool p, String layout) {
        float[] grad = PlainLoops.random(p.output(), 2);
        LibraryCall.PoolingBackward call =
                (LibraryCall.PoolingBackward) direct(p.backward("avg_exclude_padding", layout));
        int[] count = new int[grad.length];
        p.visit((o, k, i) -> count[o]++);
        float[] expected = new float[(int) p.source().numel()];
        p.visit((o, k, i) -> expected[i] += grad[o] / count[o]);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment result = arena.allocate(call.output().byteSize(), 64);
            result.fill((byte) 0x7f);
            execute(call, arena, PlainLoops.pack(arena, call.outputGradient(), grad), result);
            float[] got = PlainLoops.unpack(call.output(), result);
            for (int i = 0; i < got.length; i++) {
                assertThat(got[i])
                        .as("element %d", i)
                        .isCloseTo(expected[i], org.assertj.core.api.Assertions.within(1e-5f));
            }
        }
    }

    private static long offset(BufferType type, long flat) {
        long[] index = new long[type.sizes().rank()];
        for (int d = index.length - 1; d >= 0; d--) {
            index[d] = flat % type.sizes().get(d);
            flat /= type.sizes().get(d);
        }
        return PlainLoops.offset(type.layout(), index);
    }

    private static void execute(LibraryCall call, Arena arena, MemorySegment... operands) {
        DnnlPrimitive primitive = Primitives.shared().get(call, THREADS);
        try (DnnlStream stream = new DnnlStream();
                PrimitiveArgs args = new PrimitiveArgs(primitive);
                OmpThreads.Scope _ = OmpThreads.set(THREADS)) {
            for (int i = 0; i < operands.length; i++) {
                args.set(i, operands[i].address());
            }
            args.setScratchpad(
                    arena.allocate(Math.max(64, primitive.scratchpadBytes()), 64).address());
            args.execute(stream);
        } finally {
            primitive.release();
        }
    }
}
