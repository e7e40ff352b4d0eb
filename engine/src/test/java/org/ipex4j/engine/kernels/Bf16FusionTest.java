package org.ipex4j.engine.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.ipex4j.compiler.CompileOptions;
import org.ipex4j.compiler.Compiler;
import org.ipex4j.compiler.reference.Interpreter;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.compiler.samples.Closeness;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Input.Role;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.plan.CompiledGraph;
import org.ipex4j.ir.plan.LibraryCall;
import org.ipex4j.ir.plan.PostOp;
import org.ipex4j.ir.plan.Step;
import org.ipex4j.runtime.Runtime;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Casts around bf16 library calls are done by the calls and by reorders, never by themselves. */
class Bf16FusionTest {
    private final GraphBuilder g = new GraphBuilder();

    @BeforeEach
    void onlyWhereTheLibraryHasBf16() {
        assumeTrue(Runtime.instance().target().hasLibrary(DType.BFLOAT16));
    }

    private Value input(Role role, String name, long... sizes) {
        return g.input(role, name, TensorType.of(DType.FLOAT32, sizes));
    }

    private Value cast(Value v, DType type) {
        return g.call("aten._to_copy", v, type);
    }

    private Value bf16(Value v) {
        return cast(v, DType.BFLOAT16);
    }

    private Value convolution(Value x, Value w, Value bias, long padding) {
        long[] one = {1, 1};
        long[] pad = {padding, padding};
        return g.call("aten.convolution", x, w, bias, one, pad, one, false, new long[2], 1);
    }

    private static CompiledGraph compile(Graph graph) {
        Runtime runtime = Runtime.instance();
        return new Compiler(runtime.target(), runtime.oracle())
                .verifying()
                .compile(graph, CompileOptions.DEFAULT);
    }

    private static <T extends LibraryCall> List<T> calls(List<Step> steps, Class<T> kind) {
        return steps.stream()
                .filter(Step.Library.class::isInstance)
                .map(s -> ((Step.Library) s).call())
                .filter(kind::isInstance)
                .map(kind::cast)
                .toList();
    }

    private static List<Step> kernels(CompiledGraph c) {
        return c.main().steps().stream().filter(s -> !(s instanceof Step.Library)).toList();
    }

    private static List<Step> inPrologues(CompiledGraph c) {
        return c.prologues().stream().flatMap(p -> p.plan().steps().stream()).toList();
    }

    /**
     * Runs a graph on random inputs and compares with the interpreter, which rounds after every op:
     * results may be as far apart as a rounding of the greatest.
     */
    private static void check(Graph graph) {
        Random random = new Random(11);
        List<RefTensor> inputs = new ArrayList<>();
        for (Input in : graph.inputs()) {
            boolean variance = in.name().equals("var");
            inputs.add(
                    RefTensor.build(
                            in.value().type(),
                            i -> variance ? 0.5 + random.nextDouble() : random.nextGaussian()));
        }
        List<RefTensor> expected = Interpreter.run(graph, inputs);
        List<RefTensor> actual =
                CompiledHarness.run(graph, inputs.stream().map(CompiledHarness::dense).toList());
        for (int o = 0; o < expected.size(); o++) {
            double[] e = expected.get(o).toDoubles();
            double greatest = Arrays.stream(e).map(Math::abs).max().orElseThrow();
            assertThat(actual.get(o).type()).isEqualTo(expected.get(o).type());
            assertThat(actual.get(o).toDoubles()).containsExactly(e, within(greatest / 128));
        }
    }

    @Test
    void aLinearLayerGivesF32WhereThatIsWanted() {
        Value x = input(Role.ARGUMENT, "x", 5, 33);
        Value w = input(Role.PARAMETER, "w", 17, 33);
        Value b = input(Role.PARAMETER, "b", 17);
        Graph graph =
                g.build(
                        List.of(
                                cast(
                                        g.call("aten.linear", bf16(x), bf16(w), bf16(b)),
                                        DType.FLOAT32)));
        CompiledGraph c = compile(graph);
        assertThat(kernels(c)).isEmpty();
        assertThat(calls(c.main().steps(), LibraryCall.MatMul.class))
                .singleElement()
                .satisfies(
                        m -> {
                            assertThat(m.source().dtype()).isEqualTo(DType.BFLOAT16);
                            assertThat(m.output().dtype()).isEqualTo(DType.FLOAT32);
                            // The bias is read as it was before it was rounded.
                            assertThat(m.bias().orElseThrow().dtype()).isEqualTo(DType.FLOAT32);
                        });
        check(graph);
    }

    @Test
    void weightsAreCastAndPackedByOneReorder() {
        Value x = input(Role.ARGUMENT, "x", 2, 32, 9, 7);
        Value w = input(Role.PARAMETER, "w", 48, 32, 3, 3);
        Value y = g.call("aten.relu", convolution(bf16(x), bf16(w), null, 1));
        Graph graph = g.build(List.of(cast(y, DType.FLOAT32)));
        CompiledGraph c = compile(graph);
        assertThat(inPrologues(c)).hasSize(1);
        assertThat(calls(inPrologues(c), LibraryCall.Reorder.class))
                .singleElement()
                .satisfies(
                        r -> {
                            assertThat(r.source().dtype()).isEqualTo(DType.FLOAT32);
                            assertThat(r.output().dtype()).isEqualTo(DType.BFLOAT16);
                            assertThat(r.output().layout().isPlain()).isFalse();
                        });
        assertThat(kernels(c)).isEmpty();
        LibraryCall.Convolution call =
                calls(c.main().steps(), LibraryCall.Convolution.class).getFirst();
        assertThat(calls(c.main().steps(), LibraryCall.Reorder.class))
                .first()
                .satisfies(
                        r -> {
                            assertThat(r.source().dtype()).isEqualTo(DType.FLOAT32);
                            assertThat(r.output()).isEqualTo(call.source());
                        });
        assertThat(call.output().dtype()).isEqualTo(DType.FLOAT32);
        check(graph);
    }

    /** Pictures are cast row-major: the first convolution reads its three channels so. */
    @Test
    void picturesAreCastAsTheFirstConvolutionReadsThem() {
        Value x = input(Role.ARGUMENT, "x", 4, 3, 32, 32);
        Value w1 = input(Role.PARAMETER, "w1", 64, 3, 7, 7);
        Value w2 = input(Role.PARAMETER, "w2", 64, 64, 3, 3);
        Value y = convolution(bf16(x), bf16(w1), null, 3);
        Graph graph = g.build(List.of(convolution(g.call("aten.relu", y), bf16(w2), null, 1)));
        CompiledGraph c = compile(graph);
        assertThat(kernels(c)).isEmpty();
        LibraryCall.Convolution first =
                calls(c.main().steps(), LibraryCall.Convolution.class).getFirst();
        assertThat(first.source().layout().isContiguous(first.source().sizes())).isTrue();
        assertThat(first.output().layout().isPlain()).isFalse();
        // The cast, and the result to row-major.
        assertThat(calls(c.main().steps(), LibraryCall.Reorder.class)).hasSize(2);
        check(graph);
    }

    @Test
    void batchNormIsFoldedInF32AndRoundedOnce() {
        Value x = input(Role.ARGUMENT, "x", 2, 16, 6, 5);
        Value w = input(Role.PARAMETER, "w", 24, 16, 3, 3);
        Value bias = input(Role.PARAMETER, "b", 24);
        Value gamma = input(Role.PARAMETER, "gamma", 24);
        Value beta = input(Role.PARAMETER, "beta", 24);
        Value mean = input(Role.PARAMETER, "mean", 24);
        Value var = input(Role.PARAMETER, "var", 24);
        Value y = convolution(bf16(x), bf16(w), bf16(bias), 1);
        Value z =
                g.callAll(
                                "aten._native_batch_norm_legit_no_training",
                                y,
                                gamma,
                                beta,
                                mean,
                                var,
                                0.1,
                                1e-5)
                        .getFirst();
        Graph graph = g.build(List.of(g.call("aten.relu", z)));
        CompiledGraph c = compile(graph);
        assertThat(kernels(c)).isEmpty();
        assertThat(calls(c.main().steps(), LibraryCall.Convolution.class))
                .singleElement()
                .satisfies(
                        k -> {
                            assertThat(k.bias().orElseThrow().dtype()).isEqualTo(DType.FLOAT32);
                            assertThat(k.output().dtype()).isEqualTo(DType.BFLOAT16);
                            assertThat(k.postOps()).hasSize(1);
                        });
        check(graph);
    }

    @Test
    void aResidualIsAddedInPlace() {
        Value x = input(Role.ARGUMENT, "x", 1, 32, 8, 8);
        Value w1 = input(Role.PARAMETER, "w1", 32, 32, 1, 1);
        Value w2 = input(Role.PARAMETER, "w2", 32, 32, 3, 3);
        Value first = g.call("aten.relu", convolution(bf16(x), bf16(w1), null, 0));
        Value inner = g.call("aten.relu", convolution(first, bf16(w2), null, 1));
        Value second = convolution(inner, bf16(w2), null, 1);
        Value sum = g.call("aten.relu", g.call("aten.add.Tensor", second, first));
        Value third = convolution(sum, bf16(w1), null, 0);
        Graph graph = g.build(List.of(third));
        CompiledGraph c = compile(graph);
        assertThat(kernels(c)).isEmpty();
        assertThat(calls(c.main().steps(), LibraryCall.Convolution.class))
                .anyMatch(k -> k.postOps().stream().anyMatch(PostOp.Sum.class::isInstance));
        check(graph);
    }

    @Test
    void anF32ResidualIsAddedBeforeTheSumIsRounded() {
        Value x = input(Role.ARGUMENT, "x", 7, 32);
        Value w = input(Role.PARAMETER, "w", 32, 32);
        Value y = g.call("aten.linear", bf16(x), bf16(w), null);
        Graph graph = g.build(List.of(g.call("aten.add.Tensor", y, x)));
        CompiledGraph c = compile(graph);
        assertThat(kernels(c)).isEmpty();
        assertThat(calls(c.main().steps(), LibraryCall.MatMul.class))
                .singleElement()
                .satisfies(m -> assertThat(m.output().dtype()).isEqualTo(DType.FLOAT32));
        check(graph);
    }

    /** A kernel that reads the wider value casts what it reads: half the bytes are moved. */
    @Test
    void whatAKernelWidensIsWrittenNarrow() {
        Value x = input(Role.ARGUMENT, "x", 2, 16, 8, 8);
        Value w = input(Role.PARAMETER, "w", 16, 16, 3, 3);
        Value y = cast(convolution(bf16(x), bf16(w), null, 1), DType.FLOAT32);
        Value mean = g.call("aten.mean.dim", y, new long[] {0, 2, 3}, true);
        Graph graph = g.build(List.of(bf16(g.call("aten.sub.Tensor", y, mean))));
        assertThat(calls(compile(graph).main().steps(), LibraryCall.Convolution.class))
                .singleElement()
                .satisfies(k -> assertThat(k.output().dtype()).isEqualTo(DType.BFLOAT16));
        check(graph);
    }

    /** The gradient of a parameter that is cast: f32 straight from the call. */
    @Test
    void gradientsOfCastWeightsComeAsF32() {
        Value x = input(Role.ARGUMENT, "x", 2, 32, 8, 8);
        Value grad = input(Role.ARGUMENT, "grad", 2, 16, 8, 8);
        long[] one = {1, 1};
        for (int groups : new int[] {1, 2}) {
            Value dw =
                    g.call(
                            "ipex.convolution_backward_weights",
                            bf16(grad),
                            bf16(x),
                            new long[] {16, 32 / groups, 3, 3},
                            one,
                            one,
                            one,
                            groups);
            Graph graph = g.build(List.of(cast(dw, DType.FLOAT32)));
            CompiledGraph c = compile(graph);
            assertThat(kernels(c)).isEmpty();
            assertThat(calls(c.main().steps(), LibraryCall.ConvolutionBackwardWeights.class))
                    .singleElement()
                    .satisfies(k -> assertThat(k.output().dtype()).isEqualTo(DType.FLOAT32));
            check(graph);
        }
    }

    /** One cast read by two calls in different ways, one of them through a view. */
    @Test
    void oneCastServesSeveralCalls() {
        Value x = input(Role.ARGUMENT, "x", 6, 40);
        Value w = input(Role.PARAMETER, "w", 24, 40);
        Value y = input(Role.ARGUMENT, "y", 6, 24);
        Value narrow = bf16(w);
        Value forward = g.call("aten.linear", bf16(x), narrow, null);
        Value backward = g.call("aten.mm", bf16(y), narrow);
        check(g.build(List.of(forward, backward)));
    }

    /** What is cast may be overwritten by a residual's sum before the cast's reader runs. */
    @Test
    void aCastReadsWhatWasThere() {
        Value x = input(Role.ARGUMENT, "x", 1, 16, 6, 6);
        Value w = input(Role.PARAMETER, "w", 16, 16, 3, 3);
        Value base = convolution(x, w, null, 1);
        Value narrow = bf16(base);
        Value sum = g.call("aten.add.Tensor", convolution(x, w, null, 1), base);
        Value other = convolution(sum, w, null, 1);
        Value last = convolution(narrow, bf16(w), null, 1);
        check(g.build(List.of(other, last)));
    }

    @Test
    void notANumberAndInfinityComeThrough() {
        Value x = input(Role.ARGUMENT, "x", 1, 16, 4, 4);
        Value w = input(Role.PARAMETER, "w", 16, 16, 1, 1);
        Graph graph = g.build(List.of(convolution(bf16(x), bf16(w), null, 0)));
        double[] values = new double[256];
        values[3] = Double.NaN;
        values[16 + 5] = Double.POSITIVE_INFINITY;
        values[32 + 7] = Double.NEGATIVE_INFINITY;
        values[48 + 9] = Float.MAX_VALUE; // rounds to infinity
        List<RefTensor> inputs =
                List.of(
                        RefTensor.of(graph.inputs().get(0).value().type(), values),
                        RefTensor.build(graph.inputs().get(1).value().type(), i -> 1 + i % 3));
        RefTensor expected = Interpreter.run(graph, inputs).getFirst();
        RefTensor actual =
                CompiledHarness.run(graph, inputs.stream().map(CompiledHarness::dense).toList())
                        .getFirst();
        Closeness.check("result", expected, actual, 1);
        assertThat(actual.real(3)).isNaN();
        assertThat(actual.real(5)).isInfinite();
    }
}
