package org.ipex4j.compiler.samples;

import java.util.List;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;

/** Samples as graphs of one node. */
public final class SampleGraphs {
    private SampleGraphs() {}

    /**
     * A graph whose inputs are the sample's tensors in argument order, and whose outputs are the
     * op's results.
     */
    public static Graph of(Sample sample) {
        return of(sample, Input.Role.ARGUMENT);
    }

    /** As {@link #of(Sample)}, with inputs of the given role. */
    public static Graph of(Sample sample, Input.Role role) {
        GraphBuilder b = new GraphBuilder();
        int[] next = {0};
        Args<Value> args = sample.args().map(t -> b.input(role, "x" + next[0]++, t.type()));
        return b.build(b.call(sample.op(), args));
    }

    /** The tensors for the graph's inputs. */
    public static List<RefTensor> inputs(Sample sample) {
        return sample.args().allTensors().stream().map(SampleTensor::value).toList();
    }
}
