package org.ipex4j.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.ipex4j.compiler.CompilerTest.Net;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.Input.Role;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.plan.CompiledGraph;
import org.ipex4j.ir.plan.LibraryCall;
import org.ipex4j.ir.plan.LibraryOracle;
import org.ipex4j.ir.plan.PostOp;
import org.ipex4j.ir.plan.Step;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What becomes of small graphs: post-ops, aliases, views, prologues; each also checked by running
 * it.
 */
class LoweringGoldenTest {
    private static List<Step> steps(CompiledGraph c) {
        return c.main().steps();
    }

    private static LibraryCall call(CompiledGraph c, int step) {
        return ((Step.Library) steps(c).get(step)).call();
    }

    private static List<String> postOps(LibraryCall call) {
        return call.postOps().stream()
                .map(
                        p ->
                                switch (p) {
                                    case PostOp.Eltwise e -> e.algorithm();
                                    case PostOp.Sum s -> "sum";
                                    case PostOp.Binary b -> b.algorithm();
                                })
                .toList();
    }

    private static CompiledGraph compile(Graph g) {
        CompilerTest.check(g, LibraryOracle.PLAIN, CompileOptions.DEFAULT);
        return CompilerTest.check(g, new FakeOracle(), CompileOptions.DEFAULT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "relu",
                "hardswish",
                "hardsigmoid",
                "tanh",
                "sigmoid",
                "silu",
                "mish",
                "relu6",
                "elu",
                "leaky_relu",
                "gelu",
                "abs"
            })
    void activationsBecomePostOps(String activation) {
        Net n = new Net();
        Value y = n.g.call("aten." + activation, n.conv(n.arg(1, 16, 5, 7), 16, 3, 1, 1));
        CompiledGraph c = compile(n.g.build(y));
        assertThat(steps(c).stream().filter(s -> s instanceof Step.Kernel)).isEmpty();
        assertThat(
                        steps(c).stream()
                                .map(s -> ((Step.Library) s).call())
                                .filter(x -> x instanceof LibraryCall.Convolution)
                                .map(LibraryCall::postOps)
                                .findFirst()
                                .orElseThrow())
                .hasSize(1);
    }

    @Test
    void aValueReadTwiceIsNotAbsorbed() {
        Net n = new Net();
        Value y = n.conv(n.arg(1, 16, 5, 7), 16, 3, 1, 1);
        CompiledGraph c = compile(n.g.build(n.g.call("aten.mul.Tensor", n.relu(y), y)));
        assertThat(steps(c)).anyMatch(s -> s instanceof Step.Kernel);
    }

    @Test
    void aGraphOutputIsNotAbsorbed() {
        Net n = new Net();
        Value y = n.conv(n.arg(1, 16, 5, 7), 16, 3, 1, 1);
        CompiledGraph c = compile(n.g.build(y, n.relu(y)));
        assertThat(c.main().outputs()).hasSize(2);
    }

    @Test
    void aResidualStillNeededIsAddedFromItsOwnBuffer() {
        Net n = new Net();
        Value x = n.relu(n.conv(n.arg(1, 16, 5, 7), 16, 3, 1, 1));
        Value y = n.g.call("aten.add.Tensor", n.conv(x, 16, 3, 1, 1), x);
        CompiledGraph c = compile(n.g.build(n.g.call("aten.mul.Tensor", y, x)));
        boolean sum =
                steps(c).stream()
                        .anyMatch(
                                s ->
                                        s instanceof Step.Library l
                                                && postOps(l.call()).contains("sum"));
        assertThat(sum).isFalse();
        assertThat(
                        steps(c).stream()
                                .filter(
                                        s ->
                                                s instanceof Step.Library l
                                                        && postOps(l.call()).contains("add")))
                .hasSize(1);
    }

    @Test
    void linearLayersOfSequencesAreOneMatrixProductEach() {
        Net n = new Net();
        Value x = n.arg(2, 5, 12);
        Value h = n.g.call("aten.gelu", n.linear(x, 24));
        CompiledGraph c = compile(n.g.build(n.g.call("aten.add.Tensor", n.linear(h, 12), x)));
        assertThat(steps(c)).hasSize(2).allMatch(s -> s instanceof Step.Library);
        assertThat(postOps(call(c, 0))).containsExactly("gelu_erf");
        assertThat(postOps(call(c, 1))).containsExactly("add");
        assertThat(call(c, 0).output().sizes().rank()).isEqualTo(2);
    }

    @Test
    void attentionReadsTransposedHeadsInPlace() {
        Net n = new Net();
        Value x = n.arg(2, 6, 16);
        Value[] heads = new Value[3];
        for (int i = 0; i < 3; i++) {
            Value split = n.g.call("aten.view", n.linear(x, 16), new long[] {2, 6, 4, 4});
            heads[i] = n.g.call("aten.transpose.int", split, 1, 2);
        }
        Value y = n.g.call("aten.scaled_dot_product_attention", heads[0], heads[1], heads[2]);
        Value merged =
                n.g.call(
                        "aten.reshape",
                        n.g.call("aten.transpose.int", y, 1, 2),
                        new long[] {2, 6, 16});
        CompiledGraph c = compile(n.g.build(n.linear(merged, 16)));
        long products =
                steps(c).stream()
                        .filter(
                                s ->
                                        s instanceof Step.Library l
                                                && l.call() instanceof LibraryCall.MatMul)
                        .count();
        assertThat(products).isEqualTo(6);
        assertThat(steps(c).stream().filter(s -> s instanceof Step.Kernel))
                .hasSize(1); // the softmax
    }

    @Test
    void causalAndMaskedAttentionMatchTheReference() {
        Net n = new Net();
        Value q = n.arg(1, 2, 5, 4);
        Value mask = n.g.input(Role.ARGUMENT, "mask", TensorType.of(DType.BOOL, 5, 5));
        compile(
                n.g.build(
                        n.g.call("aten.scaled_dot_product_attention", q, q, q, null, 0.0, true),
                        n.g.call("aten.scaled_dot_product_attention", q, q, q, mask)));
    }

    @Test
    void depthwiseConvolutionsSeeGroupedWeights() {
        Net n = new Net();
        Value y = n.g.call("aten.relu6", n.bn(n.conv(n.arg(1, 16, 7, 7), 16, 3, 2, 16)));
        CompiledGraph c = compile(n.g.build(y));
        LibraryCall.Convolution conv =
                (LibraryCall.Convolution)
                        steps(c).stream()
                                .map(s -> ((Step.Library) s).call())
                                .filter(x -> x instanceof LibraryCall.Convolution)
                                .findFirst()
                                .orElseThrow();
        assertThat(conv.groups()).isEqualTo(16);
        assertThat(conv.weights().sizes().toArray()).containsExactly(16, 1, 1, 3, 3);
        assertThat(postOps(conv)).containsExactly("clip_v2");
    }

    @Test
    void outputsThatAreInputsOrViewsOfThemAreHandedOut() {
        Net n = new Net();
        Value x = n.arg(3, 4);
        Value p = n.param(4);
        CompiledGraph c =
                compile(
                        n.g.build(
                                x,
                                n.g.call("aten.t", x),
                                p,
                                n.g.call("aten.exp", p),
                                n.relu(x),
                                n.relu(x)));
        assertThat(c.results().get(0)).isInstanceOf(CompiledGraph.Result.InputView.class);
        assertThat(c.results().get(1)).isInstanceOf(CompiledGraph.Result.InputView.class);
        assertThat(c.results().get(2)).isInstanceOf(CompiledGraph.Result.InputView.class);
        assertThat(c.results().get(3)).isInstanceOf(CompiledGraph.Result.BoundValue.class);
        assertThat(c.results().get(4))
                .isEqualTo(c.results().get(5))
                .isEqualTo(new CompiledGraph.Result.Output(0));
        assertThat(c.main().outputs()).hasSize(1);
    }

    @Test
    void aCopyHandedOutIsNotTheInput() {
        Net n = new Net();
        CompiledGraph c = compile(n.g.build(n.g.call("aten.clone", n.arg(3, 4))));
        assertThat(c.results()).containsExactly(new CompiledGraph.Result.Output(0));
    }

    @Test
    void viewsOfOneBufferBecomeTensorsOfTheirOwn() {
        Net n = new Net();
        Value y = n.relu(n.arg(4, 6));
        CompiledGraph c =
                compile(
                        n.g.build(
                                y,
                                n.g.call("aten.t", y),
                                n.g.call("aten.slice.Tensor", y, 0, 1L, 3L, 1L),
                                n.g.call("aten.view", y, new long[] {24})));
        assertThat(c.main().outputs()).hasSize(4);
    }

    @Test
    void concatenationsBetweenConvolutions() {
        Net n = new Net();
        Value x = n.arg(1, 16, 9, 9);
        Value a = n.relu(n.conv(x, 16, 3, 1, 1));
        Value b = n.relu(n.conv(x, 32, 1, 1, 1));
        Value joined = n.g.call("aten.cat", List.of(a, b), 1);
        compile(n.g.build(n.conv(n.bn(joined), 16, 1, 1, 1)));
    }

    @Test
    void squeezeAndExcitation() {
        Net n = new Net();
        Value x = n.relu(n.conv(n.arg(2, 16, 9, 9), 32, 3, 1, 1));
        Value pooled = n.g.call("aten.adaptive_avg_pool2d", x, new long[] {1, 1});
        Value gate =
                n.g.call(
                        "aten.hardsigmoid",
                        n.conv(n.relu(n.conv(pooled, 8, 1, 1, 1)), 32, 1, 1, 1));
        compile(n.g.build(n.conv(n.g.call("aten.mul.Tensor", x, gate), 16, 1, 1, 1)));
    }

    @Test
    void channelsThatFillNoBlock() {
        Net n = new Net();
        Value x = n.g.call("aten.exp", n.conv(n.arg(1, 3, 9, 9), 13, 3, 1, 1));
        compile(
                n.g.build(
                        n.g.call(
                                "aten.flatten.using_ints",
                                n.relu(n.conv(n.g.call("aten.mul.Tensor", x, x), 7, 3, 1, 1)),
                                1)));
    }

    @Test
    void batchNormalisationWithoutConvolutionStaysTwoOperationsAChannel() {
        Net n = new Net();
        compile(n.g.build(n.conv(n.relu(n.bn(n.arg(2, 16, 5, 5))), 16, 3, 1, 1)));
    }

    /** Found by random graphs: of one row and one column, a folded bias is a whole tensor. */
    @Test
    void noSumLandsOnWhatAPrologueHasMade() {
        Net n = new Net();
        Value x = n.relu(n.arg(1, 1));
        Value y = n.g.call("aten.add.Tensor", n.linear(x, 1), x);
        CompiledGraph c = compile(n.g.build(n.bn(y)));
        assertThat(steps(c)).isNotEmpty();
    }

    @Test
    void emptyBatches() {
        Net n = new Net();
        Value x =
                n.g.call(
                        "aten.flatten.using_ints",
                        n.relu(n.conv(n.arg(0, 3, 9, 9), 4, 3, 1, 1)),
                        1);
        CompiledGraph c = compile(n.g.build(n.linear(x, 5)));
        assertThat(steps(c)).isEmpty();
    }
}
