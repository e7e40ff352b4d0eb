package org.ipex4j.engine.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.ipex4j.compiler.autodiff.Differentiate;
import org.ipex4j.compiler.autodiff.JointGraph;
import org.ipex4j.compiler.autodiff.SampleJoints;
import org.ipex4j.compiler.oracle.Oracle;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.compiler.reference.ReferenceTable;
import org.ipex4j.compiler.samples.Closeness;
import org.ipex4j.compiler.samples.OpSamples;
import org.ipex4j.compiler.samples.Sample;
import org.ipex4j.compiler.samples.SampleTensor;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.OpCatalog;
import org.ipex4j.runtime.Runtime;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The samples of convolutions, products and pools with their operands rounded to bf16, compiled
 * whole and run, give what the reference gives, rounded once, and what libtorch gives for bf16; so
 * do their gradients.
 */
class Bf16LibraryTest {
    private static final List<String> OPS =
            List.of(
                    "aten.convolution",
                    "aten.conv1d",
                    "aten.conv2d",
                    "aten.conv3d",
                    "aten.conv_transpose1d",
                    "aten.conv_transpose2d.input",
                    "aten.conv_transpose3d.input",
                    "aten.linear",
                    "aten.mm",
                    "aten.bmm",
                    "aten.addmm",
                    "aten.baddbmm",
                    "aten.matmul",
                    "aten.max_pool1d",
                    "aten.max_pool2d",
                    "aten.max_pool3d",
                    "aten.max_pool2d_with_indices",
                    "aten.avg_pool1d",
                    "aten.avg_pool2d");

    /** libtorch differentiates others only through ops that these are. */
    private static final Set<String> WITHOUT_GRADIENTS =
            Set.of("aten.max_pool1d", "aten.max_pool2d", "aten.max_pool3d", "aten.avg_pool1d");

    @BeforeEach
    void onlyWhereTheLibraryHasBf16() {
        assumeTrue(Runtime.instance().target().hasLibrary(DType.BFLOAT16));
    }

    private static RefTensor rounded(RefTensor t) {
        return RefTensor.of(new TensorType(DType.BFLOAT16, t.sizes()), t.toDoubles());
    }

    private static List<Sample> samples(String op) {
        return OpSamples.of(OpCatalog.get(op)).stream()
                .filter(
                        s ->
                                s.args().allTensors().stream()
                                        .allMatch(t -> t.type().dtype() == DType.FLOAT32))
                .toList();
    }

    /** The sample with operands of bf16. */
    private static Args<SampleTensor> narrow(Sample s) {
        return s.args().map(t -> new SampleTensor(rounded(t.value()), t.strides()));
    }

    private static boolean hasNan(Args<SampleTensor> args) {
        return args.allTensors().stream()
                .anyMatch(t -> Arrays.stream(t.value().toDoubles()).anyMatch(Double::isNaN));
    }

    /** oneDNN's max pools may drop NaN, where ATen's give NaN: the price of their speed. */
    private static boolean isLimit(Sample s) {
        return s.op().name().contains("max_pool") && hasNan(s.args());
    }

    @TestFactory
    Stream<DynamicTest> resultsAreLibtorchs() {
        return OPS.stream().map(op -> DynamicTest.dynamicTest(op, () -> checkResults(op)));
    }

    private static void checkResults(String op) {
        Map<String, String> wrong = new TreeMap<>();
        int compared = 0;
        for (Sample s : samples(op)) {
            Args<SampleTensor> args = narrow(s);
            List<RefTensor> expected;
            try {
                expected = Oracle.call(op, args.map(SampleTensor::value));
            } catch (Oracle.Refused e) {
                continue; // such as rank-1 operands of products
            }
            if (isLimit(s)) {
                continue;
            }
            compared++;
            for (Input.Role role : List.of(Input.Role.ARGUMENT, Input.Role.PARAMETER)) {
                GraphBuilder g = new GraphBuilder();
                List<SampleTensor> inputs = new ArrayList<>();
                List<Value> made = g.call(s.op(), inputs(g, args, role, inputs));
                // oneDNN adds the bias of transposed convolutions to what is rounded already.
                List<RefTensor> rounded =
                        s.toString().contains("transpose")
                                ? List.of()
                                : ReferenceTable.evaluate(s.op(), args.map(SampleTensor::value));
                outcome(g.build(made), inputs, expected, rounded)
                        .ifPresent(m -> wrong.put(s + " as " + role, m));
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(compared).as("samples compared").isPositive();
    }

    /** The first operand is an argument, others have the role. */
    private static Args<Value> inputs(
            GraphBuilder g, Args<SampleTensor> args, Input.Role role, List<SampleTensor> inputs) {
        return args.map(
                t -> {
                    inputs.add(t);
                    return g.input(
                            inputs.size() == 1 ? Input.Role.ARGUMENT : role,
                            "in" + inputs.size(),
                            t.type());
                });
    }

    @TestFactory
    Stream<DynamicTest> gradientsAreLibtorchs() {
        return OPS.stream()
                .filter(op -> !WITHOUT_GRADIENTS.contains(op))
                .map(op -> DynamicTest.dynamicTest(op, () -> checkGradients(op)));
    }

    private static void checkGradients(String op) {
        Map<String, String> wrong = new TreeMap<>();
        int compared = 0;
        for (Sample s : samples(op)) {
            Args<SampleTensor> args = narrow(s);
            if (hasNan(args)) {
                // Gradients of NaN are compared by those of f32.
                continue;
            }
            GraphBuilder g = new GraphBuilder();
            List<SampleTensor> inputs = new ArrayList<>();
            List<Value> made = g.call(s.op(), inputs(g, args, Input.Role.ARGUMENT, inputs));
            List<RefTensor> tangents =
                    SampleJoints.tangents(s, made.stream().map(Value::type).toList());
            List<Optional<RefTensor>> found;
            try {
                found = Oracle.gradients(op, args.map(SampleTensor::value), tangents).gradients();
            } catch (Oracle.Refused e) {
                continue;
            }
            if (found.stream().anyMatch(Optional::isEmpty)) {
                continue;
            }
            compared++;
            Graph forward = g.build(made);
            List<Integer> floating =
                    IntStream.range(0, made.size())
                            .filter(i -> made.get(i).type().dtype().isFloating())
                            .boxed()
                            .toList();
            JointGraph joint =
                    Differentiate.joint(forward, floating, SampleJoints.floatingInputs(forward));
            floating.forEach(o -> inputs.add(CompiledHarness.dense(tangents.get(o))));
            Graph backward =
                    withOutputs(
                            joint.graph(),
                            joint.graph()
                                    .outputs()
                                    .subList(
                                            joint.forwardOutputs(),
                                            joint.graph().outputs().size()));
            outcome(backward, inputs, found.stream().map(Optional::orElseThrow).toList(), List.of())
                    .ifPresent(m -> wrong.put(s.toString(), m));
        }
        assertThat(wrong).isEmpty();
        assertThat(compared).as("samples compared").isPositive();
    }

    private static Graph withOutputs(Graph g, List<Value> outputs) {
        return new Graph(g.inputs(), g.nodes(), outputs);
    }

    /**
     * What is wrong with the outputs of a graph.
     *
     * @param rounded what the exact results round to; none if that is not known
     */
    private static Optional<String> outcome(
            Graph graph,
            List<SampleTensor> inputs,
            List<RefTensor> libtorch,
            List<RefTensor> rounded) {
        try {
            List<RefTensor> actual = CompiledHarness.run(graph, inputs);
            for (int i = 0; i < libtorch.size(); i++) {
                Optional<String> m = difference(libtorch.get(i), actual.get(i));
                if (m.isPresent()) {
                    return Optional.of("result " + i + " and libtorch's: " + m.get());
                }
            }
            for (int i = 0; i < rounded.size(); i++) {
                Optional<String> m = Closeness.mismatch(rounded.get(i), actual.get(i), 1);
                if (m.isPresent()) {
                    return Optional.of("result " + i + ": " + m.get());
                }
            }
            return Optional.empty();
        } catch (RuntimeException | AssertionError e) {
            return Optional.of(e + " at " + List.of(e.getStackTrace()).subList(0, 5));
        }
    }

    /**
     * What differs by more than a rounding of the greatest result: in transposed convolutions and
     * gradients of pools libtorch rounds the sums before they are whole.
     */
    private static Optional<String> difference(RefTensor libtorch, RefTensor actual) {
        double greatest =
                Arrays.stream(libtorch.toDoubles())
                        .map(Math::abs)
                        .filter(Double::isFinite)
                        .max()
                        .orElse(0);
        double allowed = greatest / 128;
        for (int i = 0; i < libtorch.numel() && libtorch.dtype().isFloating(); i++) {
            double e = libtorch.real(i);
            double a = actual.real(i);
            boolean same = e == a || Double.isNaN(e) && Double.isNaN(a);
            if (!same && !(Math.abs(e - a) <= allowed)) {
                return Optional.of("element " + i + " is " + a + ", expected " + e);
            }
        }
        return libtorch.type().equals(actual.type())
                ? Optional.empty()
                : Optional.of("expected " + libtorch.type() + ", got " + actual.type());
    }
}
