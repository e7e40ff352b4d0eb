package org.ipex4j.compiler.phase;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.ipex4j.compiler.CompileOptions.Write;
import org.ipex4j.compiler.autodiff.Differentiate;
import org.ipex4j.compiler.phase.TrainingGraphs.Training;
import org.ipex4j.compiler.samples.UpdatingGraphs;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.Input;

/** Random graphs as training has them: some inputs are replaced, others get gradients. */
public final class RandomJoints {
    private RandomJoints() {}

    /** The joint graph; empty if nothing can be differentiated. */
    public static Optional<Training> of(Graph graph) {
        int own = graph.outputs().size();
        UpdatingGraphs.Updating updating = UpdatingGraphs.of(graph);
        // Parameters that training changes are given at each call.
        List<Input> inputs = new ArrayList<>();
        for (Input in : updating.graph().inputs()) {
            inputs.add(new Input(in.value(), Input.Role.ARGUMENT, in.name()));
        }
        Graph forward = new Graph(inputs, updating.graph().nodes(), updating.graph().outputs());
        List<Integer> tangents =
                IntStream.range(0, own)
                        .filter(o -> forward.outputs().get(o).type().dtype().isFloating())
                        .boxed()
                        .toList();
        List<Integer> wanted =
                IntStream.range(0, graph.inputs().size())
                        .filter(i -> inputs.get(i).value().type().dtype().isFloating())
                        .boxed()
                        .toList();
        List<Write> writes = updating.writes();
        return tangents.isEmpty() || wanted.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new Training(
                                Differentiate.joint(forward, tangents, wanted).graph(), writes));
    }
}
