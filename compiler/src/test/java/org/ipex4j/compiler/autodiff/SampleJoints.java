package org.ipex4j.compiler.autodiff;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.compiler.samples.Closeness;
import org.ipex4j.compiler.samples.Sample;
import org.ipex4j.compiler.samples.SampleGraphs;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;

/** Forward and backward of samples as graphs, with tangents drawn for them. */
public final class SampleJoints {
    /** Absolute error allowed to gradients of 16-bit tangents in [-2, 2]. */
    private static final double SMALL = 1.0 / 64;

    private SampleJoints() {}

    /** Positions of the floating inputs. */
    public static List<Integer> floatingInputs(Graph graph) {
        return IntStream.range(0, graph.inputs().size())
                .filter(i -> graph.inputs().get(i).value().type().dtype().isFloating())
                .boxed()
                .toList();
    }

    /** One tangent per result, in [-2, 2]. */
    public static List<RefTensor> tangents(Sample sample, List<TensorType> results) {
        List<RefTensor> out = new ArrayList<>();
        for (TensorType t : results) {
            Random random = new Random(31L * sample.toString().hashCode() + out.size());
            out.add(
                    t.dtype().isFloating()
                            ? RefTensor.build(t, i -> random.nextDouble() * 4 - 2)
                            : RefTensor.zeros(t));
        }
        return out;
    }

    /** Inputs of a joint graph: the sample's tensors, then the tangents of these outputs. */
    public static List<RefTensor> inputs(
            Sample sample, JointGraph joint, List<RefTensor> tangents) {
        List<RefTensor> out = new ArrayList<>(SampleGraphs.inputs(sample));
        joint.outputsWithGradient().forEach(o -> out.add(tangents.get(o)));
        return out;
    }

    /**
     * What differs between two gradients. 16-bit floats round at other places in a formula of many
     * ops than in one kernel; so where they are met, gradients are compared as 16-bit floats, and
     * small ones by their absolute error.
     *
     * @param times the tolerance, in the samples' own
     */
    public static Optional<String> mismatch(
            List<Sample> samples, RefTensor expected, RefTensor actual, double times) {
        double slack = samples.stream().mapToDouble(Sample::slack).max().orElse(1);
        Optional<DType> half =
                samples.stream()
                        .flatMap(s -> s.args().allTensors().stream())
                        .map(t -> t.type().dtype())
                        .filter(t -> t.isFloating() && t.byteSize() == 2)
                        .findFirst();
        if (half.isEmpty()) {
            return Closeness.mismatch(expected, actual, times * slack);
        }
        RefTensor e = expected.to(half.get());
        RefTensor a = actual.to(half.get());
        RefTensor settled =
                RefTensor.build(
                        a.type(),
                        i ->
                                Math.abs(a.real(i) - e.real(i)) < SMALL * slack
                                        ? e.real(i)
                                        : a.real(i));
        return Closeness.mismatch(e, settled, times * slack / 2);
    }
}
