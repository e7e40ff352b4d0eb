package org.ipex4j.engine.capture;

import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.List;
import org.ipex4j.compiler.CompileOptions;
import org.ipex4j.compiler.autodiff.Differentiate;
import org.ipex4j.compiler.autodiff.JointGraph;
import org.ipex4j.compiler.pass.ThreadRandomState;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.Input;

/**
 * What is compiled for a forward in training: the forward, and behind it the gradients of what
 * requires one.
 *
 * @param capture the forward
 * @param graph the joint graph; with nothing to differentiate the forward alone
 * @param differentiated positions of the graph inputs whose gradients follow the forward's outputs
 * @param tangents positions of the forward's outputs (results, and new numbers of inputs that it
 *     changes) whose gradients are inputs, after the forward's own
 * @param writes running statistics that replace their parameters
 * @param randomBlocks positions of the random generator that a run takes; if it takes some, the
 *     random state is an input after the forward's own
 */
record TrainingGraph(
        Capture capture,
        Graph graph,
        List<Integer> differentiated,
        List<Integer> tangents,
        List<CompileOptions.Write> writes,
        long randomBlocks) {

    /**
     * The graph of a forward.
     *
     * @param wantsGradient for each input of the forward, whether gradients flow to it
     * @param backward false if nobody will ask for gradients
     */
    static TrainingGraph of(Capture capture, boolean[] wantsGradient, boolean backward) {
        ThreadRandomState.Threaded threaded = ThreadRandomState.run(withRoles(capture));
        Graph forward = threaded.graph();
        List<Integer> differentiated = new ArrayList<>();
        for (int i = 0; backward && i < capture.feeds().size(); i++) {
            boolean wanted =
                    switch (capture.feeds().get(i)) {
                        case Capture.Feed.Argument(int index) -> wantsGradient[index];
                        case Capture.Feed.OfParameter(Parameter p) -> p.requiresGradient();
                        case Capture.Feed.Constant c -> false;
                    };
            if (wanted) {
                differentiated.add(i);
            }
        }
        List<Integer> tangents = new ArrayList<>();
        if (!differentiated.isEmpty()) {
            for (Capture.Result r : capture.results()) {
                if (r instanceof Capture.Result.Computed(int output, String name)
                        && isFloating(forward, output)) {
                    tangents.add(output);
                }
            }
            for (Capture.Write w : capture.writes()) {
                if (isFloating(forward, w.output()) && !tangents.contains(w.output())) {
                    tangents.add(w.output());
                }
            }
        }
        if (tangents.isEmpty()) {
            return new TrainingGraph(
                    capture, forward, List.of(), List.of(), writes(capture), threaded.blocks());
        }
        JointGraph joint = Differentiate.joint(forward, tangents, differentiated);
        return new TrainingGraph(
                capture,
                joint.graph(),
                differentiated,
                tangents,
                writes(capture),
                threaded.blocks());
    }

    private static boolean isFloating(Graph forward, int output) {
        return forward.outputs().get(output).type().dtype().isFloating();
    }

    /**
     * Parameters that training changes are given anew at each call; the others stay as they are.
     */
    private static Graph withRoles(Capture capture) {
        Graph g = capture.graph();
        List<Input> inputs = new ArrayList<>();
        for (int i = 0; i < g.inputs().size(); i++) {
            Input in = g.inputs().get(i);
            boolean changes =
                    capture.feeds().get(i) instanceof Capture.Feed.OfParameter(Parameter p)
                            && (p.requiresGradient() || isStatistic(capture, p));
            inputs.add(changes ? new Input(in.value(), Input.Role.ARGUMENT, in.name()) : in);
        }
        return new Graph(inputs, g.nodes(), g.outputs());
    }

    private static boolean isStatistic(Capture capture, Parameter p) {
        return capture.statistics().stream().anyMatch(w -> w.parameter() == p);
    }

    private static List<CompileOptions.Write> writes(Capture capture) {
        List<CompileOptions.Write> out = new ArrayList<>();
        for (Capture.ParameterWrite w : capture.statistics()) {
            out.add(new CompileOptions.Write(w.output(), input(capture, w.parameter())));
        }
        return out;
    }

    /** The graph input that a written parameter is: the traced forward has met it before. */
    private static int input(Capture capture, Parameter p) {
        for (int i = 0; i < capture.feeds().size(); i++) {
            if (capture.feeds().get(i) instanceof Capture.Feed.OfParameter(Parameter q) && p == q) {
                return i;
            }
        }
        throw new IllegalStateException(
                "parameter '" + p.getName() + "' is written in training, but never read");
    }
}
