package org.ipex4j.runtime.exec;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.ipex4j.ir.plan.CompiledGraph;
import org.ipex4j.ir.plan.CompiledGraph.Bound;
import org.ipex4j.ir.plan.CompiledGraph.Result;
import org.ipex4j.ir.plan.Operand;
import org.ipex4j.ir.plan.Plan;
import org.ipex4j.ir.plan.Step;

/** Which phases of a compiled graph touch which of its inputs and outputs. Immutable. */
final class PhaseUse {
    private final Plan plan;
    private final BitSet[] inputs;
    private final int[] outputMade;
    private final int[] outputLast;

    /**
     * @param inputs how many graph inputs there are
     */
    PhaseUse(CompiledGraph graph, int inputs) {
        this.plan = graph.main();
        int phases = plan.phaseEnds().size();
        this.inputs = new BitSet[phases];
        this.outputMade = new int[plan.outputs().size()];
        this.outputLast = new int[outputMade.length];
        Arrays.fill(outputMade, phases - 1);
        BitSet seen = new BitSet();
        for (int p = 0; p < phases; p++) {
            this.inputs[p] = new BitSet(inputs);
            for (int s = begin(p); s < end(p); s++) {
                for (Operand o : plan.steps().get(s).operands()) {
                    switch (o.place()) {
                        case Operand.Place.In(int index) -> {
                            int input = graphInput(graph, index);
                            if (input >= 0) {
                                this.inputs[p].set(input);
                            }
                        }
                        case Operand.Place.Out(int index) -> {
                            if (!seen.get(index)) {
                                seen.set(index);
                                outputMade[index] = p;
                            }
                            outputLast[index] = p;
                        }
                        case Operand.Place.Arena() -> {}
                    }
                }
            }
        }
        graph.prologues().forEach(p -> p.inputs().forEach(this.inputs[0]::set));
        graph.results().forEach(this::readByResult);
    }

    /** Parameters that a result is, or a view of, are handed out with the first phase. */
    private void readByResult(Result r) {
        switch (r) {
            case Result.BoundValue(Bound.Input(int input), var _, var _) -> inputs[0].set(input);
            case Result.BoundValue _, Result.Output _, Result.InputView _ -> {}
        }
    }

    /** The graph input behind an input of the plan; -1 for what a prologue has computed. */
    private static int graphInput(CompiledGraph graph, int planInput) {
        int bound = planInput - graph.arguments().size();
        if (bound < 0) {
            return graph.arguments().get(planInput);
        }
        return graph.bound().get(bound) instanceof Bound.Input(int input) ? input : -1;
    }

    /** How many phases there are. */
    int phases() {
        return inputs.length;
    }

    /** The first step of a phase. */
    int begin(int phase) {
        return phase == 0 ? 0 : plan.phaseEnds().get(phase - 1);
    }

    /** The step after the last one of a phase. */
    int end(int phase) {
        return plan.phaseEnds().get(phase);
    }

    /** Whether a phase reads or changes a graph input. */
    boolean touches(int phase, int input) {
        return inputs[phase].get(input);
    }

    /** Whether this phase or a later one reads or changes a graph input. */
    boolean touchesFrom(int phase, int input) {
        for (int p = phase; p < inputs.length; p++) {
            if (inputs[p].get(input)) {
                return true;
            }
        }
        return false;
    }

    /** The phase in which an output of the plan comes into being. */
    int outputMade(int output) {
        return outputMade[output];
    }

    /** The last phase that touches an output of the plan. */
    int outputLast(int output) {
        return outputLast[output];
    }

    /** What touches a graph input in a phase, for messages. */
    String reader(CompiledGraph graph, int phase, int input) {
        List<Step> steps = plan.steps().subList(begin(phase), end(phase));
        for (Step s : steps) {
            for (Operand o : s.operands()) {
                if (o.place() instanceof Operand.Place.In(int index)
                        && graphInput(graph, index) == input) {
                    return "step '" + s.label() + "' reads it";
                }
            }
        }
        return "what depends on parameters alone is computed from it, or it is a result";
    }
}
