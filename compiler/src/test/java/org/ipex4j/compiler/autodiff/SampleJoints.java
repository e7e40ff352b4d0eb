package org.ipex4j.compiler.autodiff;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.compiler.samples.Sample;
import org.ipex4j.compiler.samples.SampleGraphs;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;

/** Forward and backward of samples as graphs, with tangents drawn for them. */
public final class SampleJoints {
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
}
