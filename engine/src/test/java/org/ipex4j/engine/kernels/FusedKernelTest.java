package org.ipex4j.engine.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.ipex4j.compiler.loop.LoopGroup;
import org.ipex4j.compiler.loop.LoopKernel;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.plan.Layout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Chains of ops that must become one kernel, in several layouts. */
class FusedKernelTest {
    private final GraphBuilder g = new GraphBuilder();
    private final List<RefTensor> inputs = new ArrayList<>();
    private final Map<Value, Layout> layouts = new HashMap<>();
    private final Random random = new Random(7);

    private Value input(long... sizes) {
        TensorType t = TensorType.of(DType.FLOAT32, sizes);
        inputs.add(RefTensor.build(t, i -> (float) random.nextGaussian()));
        return g.input(Input.Role.ARGUMENT, "x" + inputs.size(), t);
    }

    private Value indices(long bound, long... sizes) {
        TensorType t = TensorType.of(DType.INT64, sizes);
        inputs.add(RefTensor.buildInts(t, i -> random.nextLong(bound)));
        return g.input(Input.Role.ARGUMENT, "i" + inputs.size(), t);
    }

    private Value in(Value v, Layout layout) {
        layouts.put(v, layout);
        return v;
    }

    private List<LoopKernel> run(Value... outputs) {
        return KernelHarness.check(g.build(outputs), inputs, layouts, 4);
    }

    private Value softmax(Value x, int dim) {
        Value max = g.call("aten.amax", x, new long[] {dim}, true);
        Value e = g.call("aten.exp", g.call("aten.sub.Tensor", x, max));
        return g.call(
                "aten.div.Tensor", e, g.call("aten.sum.dim_IntList", e, new long[] {dim}, true));
    }

    private Value layerNorm(Value x, Value weight, Value bias) {
        int last = x.type().rank() - 1;
        double n = x.type().sizes().get(last);
        Value mean =
                g.call(
                        "aten.mul.Scalar",
                        g.call("aten.sum.dim_IntList", x, new long[] {last}, true),
                        1 / n);
        Value d = g.call("aten.sub.Tensor", x, mean);
        Value var =
                g.call(
                        "aten.mul.Scalar",
                        g.call(
                                "aten.sum.dim_IntList",
                                g.call("aten.mul.Tensor", d, d),
                                new long[] {last},
                                true),
                        1 / n);
        Value r = g.call("aten.rsqrt", g.call("aten.add.Scalar", var, 1e-5));
        return g.call(
                "aten.add.Tensor",
                g.call("aten.mul.Tensor", g.call("aten.mul.Tensor", d, r), weight),
                bias);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 7, 13, 33, 207, 1000})
    void softmaxIsOneKernel(long n) {
        assertThat(run(softmax(input(5, 3, n), 2))).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 7, 33, 207})
    void softmaxOverChannelsIsOneKernel(long n) {
        assertThat(run(softmax(input(2, 5, n), 1))).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 13, 768})
    void layerNormIsOneKernel(long n) {
        assertThat(run(layerNorm(input(4, 9, n), input(n), input(n)))).hasSize(1);
    }

    @Test
    void layerNormWithResidualAndGelu() {
        Value x = g.call("aten.add.Tensor", input(3, 7, 64), input(3, 7, 64));
        Value y = layerNorm(x, input(64), input(64));
        assertThat(run(x, g.call("aten.gelu", y, "tanh"))).hasSize(1);
    }

    @Test
    void broadcastChain() {
        Value x = input(2, 13, 7, 33);
        Value y = g.call("aten.mul.Tensor", x, input(13, 1, 1));
        y = g.call("aten.add.Tensor", y, input(1, 13, 1, 1));
        y = g.call("aten.relu", y);
        y = g.call("aten.add.Tensor", y, input(2, 1, 7, 1));
        assertThat(run(y)).hasSize(1);
    }

    @Test
    void batchNormInBlockedLayout() {
        Sizes s = Sizes.of(2, 32, 5, 7);
        Layout blocked = Layout.blockedChannels(s, 16);
        Value x = in(input(2, 32, 5, 7), blocked);
        Value r = in(input(2, 32, 5, 7), blocked);
        Value y = g.call("aten.add.Tensor", g.call("aten.mul.Tensor", x, input(32, 1, 1)), r);
        y = in(g.call("aten.relu", y), blocked);
        assertThat(run(y)).hasSize(1);
    }

    @Test
    void fromBlockedToPlainAndChannelsLast() {
        Sizes s = Sizes.of(2, 32, 5, 7);
        Value x = in(input(2, 32, 5, 7), Layout.blockedChannels(s, 16));
        Value a = g.call("aten.relu", x);
        Value b = in(g.call("aten.neg", x), Layout.channelsLast(s));
        run(a, b);
    }

    @Test
    void meanOverSpaceInEveryLayout() {
        Sizes s = Sizes.of(2, 32, 5, 7);
        for (Layout l :
                List.of(
                        Layout.contiguous(s),
                        Layout.channelsLast(s),
                        Layout.blockedChannels(s, 16))) {
            Value x = in(input(2, 32, 5, 7), l);
            Value y =
                    g.call(
                            "aten.mul.Scalar",
                            g.call(
                                    "aten.sum.dim_IntList",
                                    g.call("aten.relu", x),
                                    new long[] {2, 3},
                                    true),
                            1.0 / 35);
            run(y);
        }
    }

    @Test
    void catInBlockedLayout() {
        Value x = in(input(2, 32, 3, 3), Layout.blockedChannels(Sizes.of(2, 32, 3, 3), 16));
        Value y = in(input(2, 16, 3, 3), Layout.blockedChannels(Sizes.of(2, 16, 3, 3), 16));
        Value z =
                in(
                        g.call("aten.cat", List.of(g.call("aten.relu", x), y), 1),
                        Layout.blockedChannels(Sizes.of(2, 48, 3, 3), 16));
        assertThat(run(z)).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 7, 33, 207})
    void transposedCopy(long n) {
        Value x = in(input(n, 65), Layout.strided(1, n));
        assertThat(run(g.call("aten.neg", x))).hasSize(1);
    }

    @Test
    void viewsBetweenNodesAreAbsorbed() {
        Value x = input(4, 6, 9);
        Value y = g.call("aten.exp", x);
        y = g.call("aten.permute", y, new long[] {0, 2, 1});
        y = g.call("aten.slice.Tensor", y, 1, 1, 9, 2);
        y = g.call("aten.add.Tensor", y, g.call("aten.slice.Tensor", input(9, 6), 0, 2, 6, 1));
        assertThat(run(g.call("aten.relu", y))).hasSize(1);
    }

    @Test
    void columnAndFullReductions() {
        Value x = input(207, 33);
        Value y = g.call("aten.mul.Tensor", x, x);
        run(
                g.call("aten.sum.dim_IntList", y, new long[] {0}, false),
                g.call("aten.sum", y),
                g.call("aten.amax", y, new long[] {0, 1}, false));
    }

    @Test
    void causalMaskIsComputedInPlaceOfBeingRead() {
        Value scores = input(2, 13, 13);
        Value mask = g.call("aten.tril", g.call("aten.ones", new long[] {13, 13}, DType.BOOL), 0);
        Value masked = g.call("aten.where.ScalarOther", mask, scores, Double.NEGATIVE_INFINITY);
        assertThat(run(softmax(masked, 2))).hasSize(1);
    }

    @Test
    void embeddingWithPositions() {
        Value ids = indices(50, 3, 7);
        Value y =
                g.call(
                        "aten.add.Tensor",
                        g.call("aten.embedding", input(50, 33), ids),
                        input(7, 33));
        assertThat(run(y)).hasSize(1);
    }

    @Test
    void kernelsThatDependOnEachOtherThroughAReductionStayApartWithoutCircles() {
        Value x = input(6, 33);
        Value a = g.call("aten.relu", x);
        Value total = g.call("aten.sum", a);
        Value b = g.call("aten.mul.Tensor", a, total);
        Value rows = g.call("aten.sum.dim_IntList", b, new long[] {1}, true);
        List<LoopGroup> groups = KernelHarness.groups(g.build(g.call("aten.sub.Tensor", b, rows)));
        assertThat(groups).hasSizeBetween(1, 3);
        run(g.call("aten.sub.Tensor", b, rows));
    }

    @Test
    void anotherBatchSizeFindsTheSameCode() {
        List<String> symbols = new ArrayList<>();
        for (long n : new long[] {1, 4, 16}) {
            GraphBuilder b = new GraphBuilder();
            Value x =
                    b.input(Input.Role.ARGUMENT, "x", TensorType.of(DType.FLOAT32, n, 64, 14, 14));
            Value w = b.input(Input.Role.PARAMETER, "w", TensorType.of(DType.FLOAT32, 64, 1, 1));
            Value y = b.call("aten.relu", b.call("aten.mul.Tensor", x, w));
            Value z = b.call("aten.sum.dim_IntList", y, new long[] {2, 3}, true);
            Graph graph = b.build(z, y);
            for (LoopGroup group : KernelHarness.groups(graph)) {
                symbols.add(KernelHarness.compile(group, Map.of()).unit().symbol());
            }
        }
        assertThat(symbols.stream().distinct().toList()).hasSize(symbols.size() / 3);
    }

    @Test
    void indexOutOfRangeSetsTheStatusAndReadsNothingOutside() {
        Value table = input(10, 4);
        Value ids = g.input(Input.Role.ARGUMENT, "ids", TensorType.of(DType.INT64, 40));
        LoopGroup group =
                KernelHarness.groups(g.build(g.call("aten.index_select", table, 0, ids)))
                        .getFirst();
        LoopKernel k = KernelHarness.compile(group, Map.of());
        for (long bad : new long[] {10, -1, 1L << 40}) {
            try (Arena arena = Arena.ofConfined()) {
                List<MemorySegment> buffers = new ArrayList<>();
                for (Value v : k.buffers()) {
                    RefTensor content =
                            v == table
                                    ? inputs.getFirst()
                                    : v == ids
                                            ? RefTensor.buildInts(
                                                    ids.type(), i -> i == 37 ? bad : i % 10)
                                            : null;
                    buffers.add(
                            KernelHarness.buffer(
                                    arena, v.type(), Layout.contiguous(v.type().sizes()), content));
                }
                long status = KernelHarness.run(k, buffers, 2, arena);
                assertThat(status & 0xFF).isEqualTo(1);
                assertThat(status >> 8).isEqualTo(bad);
            }
        }
    }

    @Test
    void zeroSizesDoNothing() {
        run(
                softmax(input(0, 7), 1),
                g.call("aten.sum.dim_IntList", input(3, 0), new long[] {1}, false));
    }

    @Test
    void scanAlongRowsAndColumns() {
        Value x = input(7, 33);
        run(g.call("aten.cumsum", g.call("aten.exp", x), 1), g.call("aten.cumsum", x, 0));
    }
}
