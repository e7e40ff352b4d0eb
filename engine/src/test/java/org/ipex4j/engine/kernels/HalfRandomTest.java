package org.ipex4j.engine.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.ipex4j.compiler.autodiff.Differentiate;
import org.ipex4j.compiler.autodiff.JointGraph;
import org.ipex4j.compiler.oracle.Oracle;
import org.ipex4j.compiler.pass.ThreadRandomState;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.compiler.samples.SampleTensor;
import org.ipex4j.engine.ndarray.RandomSource;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random numbers of 16 bits: graphs draw what the engine draws, bit for bit, and both draw from the
 * distributions that libtorch draws from.
 */
class HalfRandomTest {
    private static final long SEED = 0x0123456789ABCDEFL;
    private static final long[] SIZES = {33, 2003};
    private static final int COUNT = 33 * 2003;

    /** What a call on the engine's arrays gives. */
    private static RefTensor eager(Function<NDManager, NDArray> call) {
        RandomSource.seed(SEED);
        try (NDManager manager = NDManager.newBaseManager("IPEX")) {
            NDArray drawn = call.apply(manager);
            DType dtype = DType.valueOf(drawn.getDataType().name());
            TensorType type = TensorType.of(dtype, drawn.getShape().getShape());
            return RefTensor.of(type, drawn.toType(DataType.FLOAT64, true).toDoubleArray());
        }
    }

    /** What a graph gives in place of it. */
    private static List<RefTensor> compiled(Graph graph, RefTensor... inputs) {
        ThreadRandomState.Threaded t = ThreadRandomState.run(graph);
        RandomSource.seed(SEED);
        List<SampleTensor> all = new ArrayList<>();
        for (RefTensor in : inputs) {
            all.add(CompiledHarness.dense(in));
        }
        all.add(CompiledHarness.dense(state(t)));
        return CompiledHarness.run(t.graph(), all);
    }

    private static RefTensor state(ThreadRandomState.Threaded t) {
        return RefTensor.of(TensorType.of(DType.INT64, 2), RandomSource.nextState(t.blocks()));
    }

    private static List<RefTensor> torch(String name, Object... args) {
        Oracle.seed(7);
        Op op = OpCatalog.get(name);
        return Oracle.call(name, Args.of(op.schema(), args));
    }

    /** How often each number was drawn. */
    private static SortedMap<Double, Integer> histogram(RefTensor t) {
        SortedMap<Double, Integer> out = new TreeMap<>();
        for (double v : t.toDoubles()) {
            out.merge(v, 1, Integer::sum);
        }
        return out;
    }

    /** The same numbers, each as often as in the other, give or take six standard deviations. */
    private static void sameDistribution(RefTensor actual, RefTensor expected) {
        SortedMap<Double, Integer> a = histogram(actual);
        SortedMap<Double, Integer> e = histogram(expected);
        assertThat(a.keySet()).isEqualTo(e.keySet());
        a.forEach(
                (number, times) ->
                        assertThat((double) times)
                                .as("times of %s", number)
                                .isBetween(
                                        e.get(number) - 6 * Math.sqrt(2 * e.get(number)),
                                        e.get(number) + 6 * Math.sqrt(2 * e.get(number))));
    }

    @ParameterizedTest
    @CsvSource({
        "BFLOAT16, 0, 1",
        "BFLOAT16, -0.1, 0.3",
        "BFLOAT16, 1, 2",
        "BFLOAT16, -1.7, 1.7",
        "FLOAT16, 0, 1",
        "FLOAT16, -0.1, 0.3",
        "FLOAT32, 0, 1",
        "FLOAT32, -0.1, 0.3",
        "FLOAT64, -0.1, 0.3"
    })
    void uniformNumbersOfGraphsAreTheEngines(DType dtype, float low, float high) {
        TensorType type = TensorType.of(dtype, SIZES);
        GraphBuilder g = new GraphBuilder();
        Value like = g.input(Input.Role.ARGUMENT, "like", type);
        Graph graph = g.build(g.call("aten.uniform", like, (double) low, (double) high));
        RefTensor drawn = compiled(graph, RefTensor.zeros(type)).getFirst();
        RefTensor eager =
                eager(
                        m ->
                                m.randomUniform(
                                        low,
                                        high,
                                        new Shape(SIZES),
                                        DataType.valueOf(dtype.name())));
        assertThat(drawn).isEqualTo(eager);
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "-0.1, 0.3", "1, 2", "-1.7, 1.7"})
    void uniformNumbersAreDistributedAsLibtorchs(float low, float high) {
        RefTensor eager =
                eager(m -> m.randomUniform(low, high, new Shape(SIZES), DataType.BFLOAT16));
        RefTensor torch =
                torch(
                                "aten.uniform",
                                RefTensor.zeros(TensorType.of(DType.BFLOAT16, SIZES)),
                                (double) low,
                                (double) high)
                        .getFirst();
        sameDistribution(eager, torch);
    }

    @ParameterizedTest
    @EnumSource(names = {"BFLOAT16", "FLOAT16"})
    void normalNumbersAreDistributedAsLibtorchs(DType dtype) {
        double[] eager =
                eager(
                                m ->
                                        m.randomNormal(
                                                0.5f,
                                                2,
                                                new Shape(SIZES),
                                                DataType.valueOf(dtype.name())))
                        .toDoubles();
        double[] torch =
                torch(
                                "aten.normal_functional",
                                RefTensor.zeros(TensorType.of(dtype, SIZES)),
                                0.5,
                                2.0)
                        .getFirst()
                        .toDoubles();
        java.util.Arrays.sort(eager);
        java.util.Arrays.sort(torch);
        // Kolmogorov and Smirnov's distance of two samples; beyond this once in a billion.
        double largest = 0;
        int j = 0;
        for (int i = 0; i < COUNT; i++) {
            if (i + 1 < COUNT && eager[i + 1] == eager[i]) {
                continue;
            }
            while (j < COUNT && torch[j] <= eager[i]) {
                j++;
            }
            largest = Math.max(largest, Math.abs(i + 1 - j) / (double) COUNT);
        }
        assertThat(largest).isLessThan(3.3 * Math.sqrt(2.0 / COUNT));
    }

    @ParameterizedTest
    @CsvSource({"BFLOAT16, 0.3", "BFLOAT16, 0.5", "BFLOAT16, 1", "FLOAT16, 0.1"})
    void dropoutOfGraphsIsTheEnginesAndLibtorchs(DType dtype, float rate) {
        TensorType type = TensorType.of(dtype, SIZES);
        RefTensor input = RefTensor.build(type, i -> i % 7 - 2.125);
        GraphBuilder g = new GraphBuilder();
        Value x = g.input(Input.Role.ARGUMENT, "x", type);
        List<Value> results = g.callAll("aten.native_dropout", x, (double) rate, true);
        List<RefTensor> drawn = compiled(g.build(results), input);
        RefTensor eager =
                eager(
                        m -> {
                            NDArray a =
                                    m.create(input.toDoubles(), new Shape(SIZES))
                                            .toType(DataType.valueOf(dtype.name()), true);
                            return a.getNDArrayInternal().dropout(a, rate, true).head();
                        });
        assertThat(drawn.getFirst()).isEqualTo(eager);
        List<RefTensor> torch = torch("aten.native_dropout", input, (double) rate, true);
        sameDistribution(eager, torch.getFirst());
        if (rate < 1) {
            sameDistribution(drawn.get(1), torch.get(1));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BFLOAT16", "FLOAT16"})
    void dropoutsGradientPassesWhatWasKept(DType dtype) {
        TensorType type = TensorType.of(dtype, SIZES);
        GraphBuilder g = new GraphBuilder();
        Value x = g.input(Input.Role.ARGUMENT, "x", type);
        ThreadRandomState.Threaded t =
                ThreadRandomState.run(
                        g.build(g.callAll("aten.native_dropout", x, 0.3, true).getFirst()));
        JointGraph joint = Differentiate.joint(t.graph(), List.of(0), List.of(0));
        SampleTensor ones = CompiledHarness.dense(RefTensor.build(type, i -> 1));
        List<RefTensor> out =
                CompiledHarness.run(
                        joint.graph(), List.of(ones, CompiledHarness.dense(state(t)), ones));
        // With ones for input and tangent both are the scaled mask.
        assertThat(out.get(1)).isEqualTo(out.get(0));
        assertThat(histogram(out.get(0)).keySet()).hasSize(2).contains(0.0);
    }

    @ParameterizedTest
    @EnumSource(names = {"BFLOAT16", "FLOAT16"})
    void coinsFallAsLibtorchs(DType dtype) {
        TensorType type = TensorType.of(dtype, SIZES);
        GraphBuilder g = new GraphBuilder();
        Value like = g.input(Input.Role.ARGUMENT, "like", type);
        RefTensor zeros = RefTensor.zeros(type);
        RefTensor drawn =
                compiled(g.build(g.call("aten.bernoulli.p", like, 0.3)), zeros).getFirst();
        assertThat(drawn.type()).isEqualTo(type);
        sameDistribution(drawn, torch("aten.bernoulli.p", zeros, 0.3).getFirst());
    }
}
