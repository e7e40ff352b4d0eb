package org.ipex4j.compiler.autodiff;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.ipex4j.compiler.reference.Interpreter;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.compiler.samples.OpSamples;
import org.ipex4j.compiler.samples.Sample;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Arg;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;
import org.ipex4j.ir.op.Trait;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Derivatives against differences of the reference in float64, in a random direction: for tangent t
 * and direction v, t · (f(x + h v) - f(x - h v)) / 2h is the gradient times v.
 */
class FiniteDifferencesTest {
    private static final int MOST_ELEMENTS = 600;

    /** Ops whose gradient is not that of the function, by definition. */
    private static final Set<String> BY_DEFINITION =
            Set.of(
                    // The statistics beside the result have no gradient.
                    "aten.native_layer_norm",
                    "aten.native_batch_norm",
                    "aten.batch_norm",
                    "aten._native_batch_norm_legit_no_training",
                    "aten._native_batch_norm_legit_functional",
                    // Its weights have none.
                    "aten.nll_loss_forward",
                    // The row of padding gets none.
                    "aten.embedding");

    static Stream<Sample> samples() {
        return OpCatalog.all().stream()
                .filter(FiniteDifferencesTest::isSmooth)
                .flatMap(
                        op ->
                                OpSamples.of(op).stream()
                                        .filter(FiniteDifferencesTest::isCheap)
                                        .limit(3));
    }

    private static boolean isSmooth(Op op) {
        return !op.is(Trait.DATA_DEPENDENT)
                && Derivatives.limitation(op).isEmpty()
                && !Derivatives.isZero(op)
                && !BY_DEFINITION.contains(op.name());
    }

    private static boolean isCheap(Sample s) {
        boolean small =
                s.args().allTensors().stream().mapToLong(t -> t.type().numel()).sum()
                        < MOST_ELEMENTS;
        boolean floating =
                s.args().allTensors().stream().anyMatch(t -> t.type().dtype().isFloating());
        boolean finite =
                Stream.concat(s.reference().allTensors().stream(), s.expected().stream())
                        .flatMapToDouble(t -> java.util.Arrays.stream(t.toDoubles()))
                        .allMatch(Double::isFinite);
        // A sample that names a dtype would round its result to it.
        boolean casts = s.args().values().stream().anyMatch(a -> a instanceof Arg.Type<?>);
        return small && floating && finite && !casts;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("samples")
    void theGradientIsTheSlope(Sample sample) {
        GraphBuilder b = new GraphBuilder();
        List<RefTensor> at = new ArrayList<>();
        Random random = new Random(sample.toString().hashCode());
        Args<Value> args =
                sample.reference()
                        .map(
                                x -> {
                                    RefTensor wide =
                                            x.dtype().isFloating() ? settled(x, random) : x;
                                    at.add(wide);
                                    return b.input(
                                            Input.Role.ARGUMENT, "x" + at.size(), wide.type());
                                });
        Graph forward = b.build(b.call(sample.op(), args));
        List<TensorType> results = forward.outputs().stream().map(Value::type).toList();
        List<Integer> outputs =
                IntStream.range(0, results.size())
                        .filter(i -> results.get(i).dtype().isFloating())
                        .boxed()
                        .toList();
        List<Integer> inputs = SampleJoints.floatingInputs(forward);
        JointGraph joint = Differentiate.joint(forward, outputs, inputs);
        List<RefTensor> tangents = SampleJoints.tangents(sample, results);
        List<RefTensor> all = new ArrayList<>(at);
        outputs.forEach(o -> all.add(tangents.get(o)));
        List<RefTensor> out = Interpreter.run(joint.graph(), all);
        List<RefTensor> direction =
                at.stream()
                        .map(
                                x ->
                                        RefTensor.build(
                                                x.type(),
                                                i ->
                                                        x.dtype().isFloating()
                                                                ? random.nextDouble() - 0.5
                                                                : 0))
                        .toList();
        double slope = 0;
        for (int i = 0; i < inputs.size(); i++) {
            slope += dot(out.get(joint.forwardOutputs() + i), direction.get(inputs.get(i)));
        }
        double step = 1e-6;
        double difference =
                (value(forward, at, direction, step, tangents)
                                - value(forward, at, direction, -step, tangents))
                        / (2 * step);
        assertThat(slope)
                .as("%s", sample)
                .isCloseTo(
                        difference,
                        org.assertj.core.data.Offset.offset(1e-5 * (1 + Math.abs(difference))));
    }

    /**
     * In float64, and a little off the drawn number, so that no two are equal and none lies on a
     * kink.
     */
    private static RefTensor settled(RefTensor x, Random random) {
        TensorType wide = new TensorType(DType.FLOAT64, x.sizes());
        return RefTensor.build(wide, i -> x.real(i) * (1 - 1e-3 * random.nextDouble()));
    }

    private static double dot(RefTensor a, RefTensor b) {
        double sum = 0;
        for (int i = 0; i < a.numel(); i++) {
            sum += a.real(i) * b.real(i);
        }
        return sum;
    }

    private static double value(
            Graph forward,
            List<RefTensor> at,
            List<RefTensor> direction,
            double step,
            List<RefTensor> tangents) {
        List<RefTensor> moved = new ArrayList<>();
        for (int k = 0; k < at.size(); k++) {
            RefTensor x = at.get(k);
            RefTensor v = direction.get(k);
            moved.add(
                    x.dtype().isFloating()
                            ? RefTensor.build(x.type(), i -> x.real(i) + step * v.real(i))
                            : x);
        }
        List<RefTensor> out = Interpreter.run(forward, moved);
        double sum = 0;
        for (int o = 0; o < out.size(); o++) {
            sum += out.get(o).dtype().isFloating() ? dot(out.get(o), tangents.get(o)) : 0;
        }
        return sum;
    }
}
