package org.ipex4j.runtime.dnnl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.plan.BufferType;
import org.ipex4j.ir.plan.Layout;
import org.ipex4j.ir.plan.LibraryCall;
import org.ipex4j.ir.plan.LibraryOracle;
import org.ipex4j.ir.plan.PostOp;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class DnnlPrimitivesTest {
    private static final int THREADS = 2;
    private final DnnlOracle oracle = new DnnlOracle(THREADS, c -> Double.NaN);

    private static BufferType f32(Layout layout, long... sizes) {
        return new BufferType(DType.FLOAT32, Sizes.of(sizes), layout);
    }

    private static Layout layout(String name, Sizes s) {
        return switch (name) {
            case "plain" -> Layout.contiguous(s);
            case "last" -> Layout.channelsLast(s);
            case "b16" -> Layout.blockedChannels(s, 16);
            case "b8" -> Layout.blockedChannels(s, 8);
            default -> Layout.ANY;
        };
    }

    /** Runs a call on row-major values; the destination starts as {@code before} (or garbage). */
    static float[] run(LibraryCall call, float[] before, float[]... operands) {
        DnnlPrimitive primitive = Primitives.shared().get(call, THREADS);
        List<BufferType> types = PrimitiveDesc.operands(call);
        try (Arena arena = Arena.ofConfined();
                DnnlStream stream = new DnnlStream();
                PrimitiveArgs args = new PrimitiveArgs(primitive);
                OmpThreads.Scope _ = OmpThreads.set(THREADS)) {
            for (int i = 0; i < operands.length; i++) {
                args.set(i, PlainLoops.pack(arena, types.get(i), operands[i]).address());
            }
            float[] start = before;
            if (start == null) {
                start = new float[(int) call.output().sizes().numel()];
                java.util.Arrays.fill(start, Float.NaN);
            }
            MemorySegment out = PlainLoops.pack(arena, call.output(), start);
            args.set(types.size() - 1, out.address());
            args.setScratchpad(
                    arena.allocate(Math.max(64, primitive.scratchpadBytes()), 64).address());
            args.execute(stream);
            return PlainLoops.unpack(call.output(), out);
        } finally {
            primitive.release();
        }
    }

    private static void close(float[] got, float[] expected) {
        assertThat(got).hasSameSizeAs(expected);
        for (int i = 0; i < got.length; i++) {
            assertThat(got[i])
                    .as("element %d", i)
                    .isCloseTo(expected[i], within(1e-4f * Math.max(1, Math.abs(expected[i]))));
        }
    }

    private LibraryCall resolve(LibraryCall call) {
        LibraryOracle.Choice choice =
                oracle.choose(call).orElseThrow(() -> new AssertionError("refused " + call));
        assertThat(choice.implementation()).doesNotStartWith("ref");
        return choice.call();
    }

    private record Shape(
            long n,
            long ic,
            long oc,
            long h,
            long w,
            long kh,
            long kw,
            long stride,
            long dilation,
            long pad,
            int groups) {
        Sizes source() {
            return Sizes.of(n, ic, h, w);
        }

        Sizes weights() {
            return groups == 1
                    ? Sizes.of(oc, ic, kh, kw)
                    : Sizes.of(groups, oc / groups, ic / groups, kh, kw);
        }

        Sizes output() {
            return Sizes.of(n, oc, out(h, kh), out(w, kw));
        }

        private long out(long size, long k) {
            return (size + 2 * pad - dilation * (k - 1) - 1) / stride + 1;
        }

        LibraryCall.Convolution call(
                String source, String output, boolean bias, PostOp... postOps) {
            return new LibraryCall.Convolution(
                    f32(layout(source, source()), source().toArray()),
                    f32(Layout.ANY, weights().toArray()),
                    bias ? Optional.of(f32(Layout.strided(1), oc)) : Optional.empty(),
                    f32(layout(output, output()), output().toArray()),
                    List.of(stride, stride),
                    List.of(dilation, dilation),
                    List.of(pad, pad),
                    List.of(pad, pad),
                    groups,
                    List.of(postOps));
        }

        float[] expected(float[] x, float[] w, float[] b) {
            return PlainLoops.convolution(
                    x,
                    source(),
                    w,
                    weights(),
                    b,
                    output(),
                    new long[] {stride, stride},
                    new long[] {dilation, dilation},
                    new long[] {pad, pad},
                    groups);
        }
    }

    private static final List<Shape> SHAPES =
            List.of(
                    new Shape(1, 3, 64, 17, 19, 7, 7, 2, 1, 3, 1),
                    new Shape(2, 33, 37, 7, 13, 3, 3, 1, 1, 1, 1),
                    new Shape(1, 16, 48, 13, 7, 1, 1, 1, 1, 0, 1),
                    new Shape(3, 64, 32, 9, 9, 1, 1, 2, 1, 0, 1),
                    new Shape(1, 20, 12, 11, 11, 3, 3, 1, 2, 2, 1),
                    new Shape(2, 32, 32, 13, 13, 3, 3, 2, 1, 1, 32),
                    new Shape(1, 32, 64, 7, 7, 3, 3, 1, 1, 1, 2));

    static Stream<Arguments> convolutions() {
        List<Arguments> out = new ArrayList<>();
        for (Shape s : SHAPES) {
            for (String layout : List.of("last", "b16", "b8", "any")) {
                out.add(
                        Arguments.of(
                                s, s.ic == 3 && layout.startsWith("b") ? "plain" : layout, layout));
            }
        }
        return out.stream();
    }

    @ParameterizedTest
    @MethodSource("convolutions")
    void convolutionMatchesPlainLoops(Shape s, String source, String output) {
        Optional<LibraryOracle.Choice> choice = oracle.choose(s.call(source, output, true));
        if (choice.isEmpty()) {
            // Refused because only the reference takes these layouts: then others must have
            // generated code.
            assertThat(oracle.choose(s.call("any", "any", true)).orElseThrow().implementation())
                    .doesNotStartWith("ref");
            return;
        }
        LibraryCall call = choice.get().call();
        float[] x = PlainLoops.random(s.source(), 1);
        float[] w = PlainLoops.random(s.weights(), 2);
        float[] b = PlainLoops.random(Sizes.of(s.oc), 3);
        close(run(call, null, x, w, b), s.expected(x, w, b));
    }

    @ParameterizedTest
    @CsvSource({"last", "b16"})
    void postOpsApplyInOrder(String layout) {
        Shape s = SHAPES.get(1);
        BufferType scale = f32(Layout.contiguous(Sizes.of(1, s.oc, 1, 1)), 1, s.oc, 1, 1);
        LibraryCall call =
                resolve(
                        s.call(
                                layout,
                                layout,
                                true,
                                new PostOp.Sum(1),
                                new PostOp.Eltwise("relu", 0, 0),
                                new PostOp.Binary("mul", scale),
                                new PostOp.Eltwise("clip_v2", 0, 2)));
        float[] x = PlainLoops.random(s.source(), 1);
        float[] w = PlainLoops.random(s.weights(), 2);
        float[] b = PlainLoops.random(Sizes.of(s.oc), 3);
        float[] m = PlainLoops.random(Sizes.of(s.oc), 4);
        float[] before = PlainLoops.random(s.output(), 5);
        float[] expected = s.expected(x, w, b);
        long plane = s.output().get(2) * s.output().get(3);
        for (int i = 0; i < expected.length; i++) {
            float v = Math.max(0, expected[i] + before[i]) * m[(int) (i / plane % s.oc)];
            expected[i] = Math.clamp(v, 0, 2);
        }
        close(run(call, before, x, w, b, m), expected);
    }

    @Test
    void binaryPostOpAddsATensorOfTheDestinationsLayout() {
        Shape s = SHAPES.get(1);
        BufferType residual = f32(layout("b16", s.output()), s.output().toArray());
        LibraryCall call = resolve(s.call("b16", "b16", false, new PostOp.Binary("add", residual)));
        float[] x = PlainLoops.random(s.source(), 1);
        float[] w = PlainLoops.random(s.weights(), 2);
        float[] r = PlainLoops.random(s.output(), 3);
        float[] expected = s.expected(x, w, null);
        for (int i = 0; i < expected.length; i++) {
            expected[i] += r[i];
        }
        close(run(call, null, x, w, r), expected);
    }

    @ParameterizedTest
    @CsvSource({"last", "b16", "any"})
    void deconvolutionMatchesPlainLoops(String layout) {
        Sizes xs = Sizes.of(2, 17, 5, 7);
        Sizes ws = Sizes.of(33, 17, 3, 3);
        Sizes ys = Sizes.of(2, 33, 9, 13);
        LibraryCall call =
                new LibraryCall.Deconvolution(
                        f32(layout(layout, xs), xs.toArray()),
                        f32(Layout.ANY, ws.toArray()),
                        Optional.empty(),
                        f32(layout(layout, ys), ys.toArray()),
                        List.of(2L, 2L),
                        List.of(1L, 1L),
                        List.of(1L, 1L),
                        List.of(1L, 1L),
                        1,
                        List.of());
        float[] x = PlainLoops.random(xs, 1);
        float[] w = PlainLoops.random(ws, 2);
        float[] expected =
                PlainLoops.deconvolution(x, xs, w, ws, ys, new long[] {2, 2}, new long[] {1, 1});
        close(run(resolve(call), null, x, w), expected);
    }

    @ParameterizedTest
    @CsvSource({
        "max,plain",
        "max,last",
        "max,b16",
        "avg_include_padding,last",
        "avg_exclude_padding,b16",
        "avg_exclude_padding,plain"
    })
    void poolingMatchesPlainLoops(String algorithm, String layout) {
        Sizes xs = Sizes.of(2, 33, 13, 7);
        Sizes ys = Sizes.of(2, 33, 7, 4);
        LibraryCall call =
                new LibraryCall.Pooling(
                        algorithm,
                        f32(layout(layout, xs), xs.toArray()),
                        f32(layout(layout, ys), ys.toArray()),
                        Optional.empty(),
                        List.of(3L, 3L),
                        List.of(2L, 2L),
                        List.of(1L, 1L),
                        List.of(1L, 1L),
                        List.of(1L, 1L),
                        List.of());
        float[] x = PlainLoops.random(xs, 1);
        float[] expected =
                PlainLoops.pooling(
                        algorithm,
                        x,
                        xs,
                        ys,
                        new long[] {3, 3},
                        new long[] {2, 2},
                        new long[] {1, 1});
        close(run(oracle.choose(call).orElseThrow().call(), null, x), expected);
    }

    @ParameterizedTest
    @CsvSource({"1,207,33", "13,7,1000", "33,1,7", "64,64,64", "1,2048,1000"})
    void matmulMatchesPlainLoops(long m, long k, long n) {
        for (Layout weights : List.of(Layout.strided(n, 1), Layout.strided(1, k), Layout.ANY)) {
            LibraryCall call =
                    resolve(
                            new LibraryCall.MatMul(
                                    f32(Layout.strided(k, 1), m, k),
                                    f32(weights, k, n),
                                    Optional.of(f32(Layout.strided(n, 1), 1, n)),
                                    f32(Layout.strided(n, 1), m, n),
                                    List.of(new PostOp.Eltwise("relu", 0, 0))));
            float[] a = PlainLoops.random(Sizes.of(m, k), 1);
            float[] b = PlainLoops.random(Sizes.of(k, n), 2);
            float[] c = PlainLoops.random(Sizes.of(n), 3);
            float[] expected =
                    PlainLoops.matmul(a, Sizes.of(m, k), b, Sizes.of(k, n), c, Sizes.of(m, n));
            for (int i = 0; i < expected.length; i++) {
                expected[i] = Math.max(0, expected[i]);
            }
            close(run(call, null, a, b, c), expected);
        }
    }

    @Test
    void batchedMatmulBroadcastsWeights() {
        for (long wb : new long[] {1, 3}) {
            Sizes as = Sizes.of(3, 13, 7);
            Sizes bs = Sizes.of(wb, 7, 33);
            Sizes ys = Sizes.of(3, 13, 33);
            LibraryCall call =
                    resolve(
                            new LibraryCall.MatMul(
                                    f32(Layout.contiguous(as), as.toArray()),
                                    f32(Layout.contiguous(bs), bs.toArray()),
                                    Optional.empty(),
                                    f32(Layout.contiguous(ys), ys.toArray()),
                                    List.of()));
            float[] a = PlainLoops.random(as, 1);
            float[] b = PlainLoops.random(bs, 2);
            close(run(call, null, a, b), PlainLoops.matmul(a, as, b, bs, null, ys));
        }
    }

    @Test
    void emptyOperandsAreFine() {
        float[] none = {};
        LibraryCall noRows =
                oracle.choose(
                                new LibraryCall.MatMul(
                                        f32(Layout.strided(7, 1), 0, 7),
                                        f32(Layout.strided(5, 1), 7, 5),
                                        Optional.empty(),
                                        f32(Layout.strided(5, 1), 0, 5),
                                        List.of()))
                        .orElseThrow()
                        .call();
        assertThat(run(noRows, null, none, PlainLoops.random(Sizes.of(7, 5), 1))).isEmpty();
        // With no terms to sum oneDNN writes nothing at all, not even zeros.
        assertThat(
                        oracle.choose(
                                new LibraryCall.MatMul(
                                        f32(Layout.strided(1, 1), 3, 0),
                                        f32(Layout.strided(5, 1), 0, 5),
                                        Optional.empty(),
                                        f32(Layout.strided(5, 1), 3, 5),
                                        List.of())))
                .isEmpty();
        Shape s = new Shape(0, 16, 16, 7, 7, 3, 3, 1, 1, 1, 1);
        LibraryCall noImages = oracle.choose(s.call("last", "last", false)).orElseThrow().call();
        assertThat(run(noImages, null, none, PlainLoops.random(s.weights(), 1))).isEmpty();
    }

    @Test
    void stridesThatRepeatElementsAreRefusedNotMisread() {
        // What the library does not take, the compiler copies.
        for (Layout l :
                List.of(
                        Layout.strided(0, 1),
                        Layout.strided(1, 1),
                        Layout.strided(1, 0),
                        Layout.strided(2, 1))) {
            LibraryCall call =
                    new LibraryCall.MatMul(
                            f32(l, 13, 7),
                            f32(Layout.strided(5, 1), 7, 5),
                            Optional.empty(),
                            f32(Layout.strided(5, 1), 13, 5),
                            List.of());
            Optional<LibraryOracle.Choice> choice = oracle.choose(call);
            if (choice.isPresent()) {
                float[] a = new float[13 * 7];
                for (int i = 0; i < a.length; i++) {
                    a[i] = (i / 7) * l.strides()[0] + (i % 7) * l.strides()[1];
                }
                float[] b = PlainLoops.random(Sizes.of(7, 5), 1);
                close(
                        run(choice.get().call(), null, a, b),
                        PlainLoops.matmul(
                                a, Sizes.of(13, 7), b, Sizes.of(7, 5), null, Sizes.of(13, 5)));
            }
        }
    }

    static Stream<Arguments> reorders() {
        List<String> names = List.of("plain", "last", "b16", "b8");
        return names.stream().flatMap(a -> names.stream().map(b -> Arguments.of(a, b)));
    }

    @ParameterizedTest
    @MethodSource("reorders")
    void reorderKeepsElements(String from, String to) {
        Sizes s = Sizes.of(2, 37, 5, 7);
        LibraryCall call =
                new LibraryCall.Reorder(
                        f32(layout(from, s), s.toArray()), f32(layout(to, s), s.toArray()));
        float[] x = PlainLoops.random(s, 1);
        assertThat(run(call, null, x)).containsExactly(x);
    }

    @Test
    void reorderIntoDoubleBlockedWeights() {
        Shape s = SHAPES.get(1);
        BufferType wanted =
                ((LibraryCall.Convolution) resolve(s.call("b16", "b16", false))).weights();
        assertThat(wanted.layout().innerBlocks()).containsExactly(16, 16);
        float[] w = PlainLoops.random(s.weights(), 1);
        LibraryCall call =
                new LibraryCall.Reorder(
                        f32(Layout.contiguous(s.weights()), s.weights().toArray()), wanted);
        assertThat(run(call, null, w)).containsExactly(w);
    }

    @Test
    void reorderReadsAnySlice() {
        // Every second row and the upper channels of a larger array: strides of no dense tensor.
        Sizes s = Sizes.of(2, 5, 3);
        LibraryCall call =
                new LibraryCall.Reorder(
                        f32(Layout.strided(100, 14, 2), 2, 5, 3),
                        f32(Layout.contiguous(s), 2, 5, 3));
        float[] x = PlainLoops.random(s, 1);
        assertThat(run(call, null, x)).containsExactly(x);
    }

    @Test
    void layoutsSurviveTheWayThroughDescriptors() {
        List<BufferType> types =
                List.of(
                        f32(
                                new Layout(
                                        new long[] {640, 320, 64, 16},
                                        new int[] {16},
                                        new int[] {1}),
                                2,
                                20,
                                5,
                                4),
                        f32(
                                new Layout(
                                        new long[] {512, 256},
                                        new int[] {16, 16},
                                        new int[] {1, 0}),
                                33,
                                17),
                        f32(
                                new Layout(
                                        new long[] {48, 16},
                                        new int[] {4, 2, 2},
                                        new int[] {1, 0, 1}),
                                5,
                                20),
                        // A channel slice of a wider blocked tensor.
                        f32(
                                new Layout(
                                        new long[] {4480, 560, 112, 16},
                                        new int[] {16},
                                        new int[] {1}),
                                2,
                                32,
                                5,
                                7),
                        f32(Layout.contiguous(Sizes.of(3, 1, 7)), 3, 1, 7));
        for (BufferType t : types) {
            try (MemoryDesc md = MemoryDesc.of(t)) {
                assertThat(MemoryDesc.read(md.handle())).contains(t);
            }
        }
    }

    @Test
    void blockedDescriptorsEqualThoseOfTags() {
        // The two ways to make a descriptor must agree, or primitives would not recognise ours.
        int tag = 0;
        for (int t = 2; t < 2000 && tag == 0; t++) {
            tag = Dnnl.tagName(t).equals("ABcd16b16a") ? t : 0;
        }
        Sizes s = Sizes.of(37, 33, 3, 5);
        long made = Dnnl.memoryDescCreateWithTag(s.toArray(), DType.FLOAT32, tag);
        BufferType type = MemoryDesc.read(made).orElseThrow();
        try (MemoryDesc ours = MemoryDesc.of(type)) {
            assertThat(Dnnl.memoryDescEqual(ours.handle(), made)).isTrue();
        } finally {
            Dnnl.memoryDescDestroy(made);
        }
    }

    @Test
    void refusesLayoutsWithoutCodeOfTheirOwn() {
        Shape s = new Shape(1, 64, 64, 13, 13, 3, 3, 1, 1, 1, 1);
        LibraryCall mixed = s.call("b16", "last", false);
        assertThat(oracle.choose(mixed)).isEmpty();
        // oneDNN transposes inside, at each execution.
        assertThat(oracle.choose(s.call("plain", "plain", false))).isEmpty();
        assertThat(oracle.choose(s.call("last", "last", false))).isPresent();
        assertThat(oracle.choose(s.call("b16", "b16", false))).isPresent();
    }

    @Test
    void errorsNameFunctionStatusAndCall() {
        Shape s = SHAPES.get(1);
        LibraryCall.Convolution c = s.call("last", "last", false);
        LibraryCall wrong =
                c.with(
                        c.inputs(),
                        f32(Layout.channelsLast(Sizes.of(2, 37, 100, 13)), 2, 37, 100, 13),
                        List.of());
        assertThatThrownBy(() -> oracle.choose(wrong))
                .isInstanceOf(DnnlException.class)
                .hasMessageContaining("dnnl_convolution_primitive_desc_create")
                .hasMessageContaining("invalid_arguments")
                .hasMessageContaining("37, 100, 13");
        assertThatThrownBy(() -> Primitives.shared().get(c, THREADS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("left open");
        LibraryCall typo = s.call("last", "last", false, new PostOp.Eltwise("rellu", 0, 0));
        assertThatThrownBy(() -> oracle.choose(typo))
                .hasMessageContaining("rellu")
                .hasMessageContaining("gelu_erf");
    }

    @Test
    void int16IsNotTheLibrarys() {
        BufferType t = new BufferType(DType.INT16, Sizes.of(4), Layout.strided(1));
        assertThat(oracle.choose(new LibraryCall.Reorder(t, f32(Layout.strided(1), 4)))).isEmpty();
    }

    @Test
    void evictionFreesOnlyWhatNobodyUses() {
        Primitives cache = new Primitives(2);
        long before = DnnlPrimitive.live();
        DnnlPrimitive held = cache.get(reorder(3), 1);
        for (int i = 4; i < 10; i++) {
            cache.get(reorder(i), 1).release();
        }
        assertThat(cache.size()).isEqualTo(2);
        assertThat(DnnlPrimitive.live()).isEqualTo(before + 3);
        DnnlPrimitive again = cache.get(reorder(3), 1);
        assertThat(again).isNotSameAs(held);
        held.release();
        again.release();
        cache.clear();
        assertThat(DnnlPrimitive.live()).isEqualTo(before);
        assertThatThrownBy(held::release).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void thousandsOfPrimitivesLeakNothing() {
        Primitives cache = new Primitives(4);
        churn(cache, 300);
        long before = residentBytes();
        churn(cache, 3000);
        assertThat(residentBytes() - before).isLessThan(24L << 20);
        cache.clear();
    }

    private static void churn(Primitives cache, int rounds) {
        for (int i = 0; i < rounds; i++) {
            DnnlPrimitive p = cache.get(reorder(3 + i % 50), 1);
            try (Arena arena = Arena.ofConfined();
                    PrimitiveArgs args = new PrimitiveArgs(p);
                    DnnlStream stream = new DnnlStream();
                    OmpThreads.Scope _ = OmpThreads.set(1)) {
                args.set(0, arena.allocate(1 << 16, 64).address());
                args.set(1, arena.allocate(1 << 16, 64).address());
                args.execute(stream);
            } finally {
                p.release();
            }
        }
    }

    private static LibraryCall reorder(long n) {
        Sizes s = Sizes.of(n, 17, 3);
        return new LibraryCall.Reorder(
                f32(Layout.contiguous(s), n, 17, 3), f32(Layout.channelsLast(s), n, 17, 3));
    }

    private static long residentBytes() {
        try {
            return Long.parseLong(
                            java.nio.file.Files.readString(
                                            java.nio.file.Path.of("/proc/self/statm"))
                                    .split(" ")[1])
                    * 4096;
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
