package org.ipex4j.compiler.pass;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.ipex4j.compiler.decompose.Decompose;
import org.ipex4j.compiler.reference.Interpreter;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.compiler.samples.Closeness;
import org.ipex4j.compiler.samples.RandomGraphs;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphParser;

/** No pass changes what a graph computes. */
class PassesOnRandomGraphsTest {
    private static final List<Pass> PASSES =
            List.of(
                    new Decompose(false, t -> t == DType.FLOAT32),
                    new Canonicalize(),
                    new FoldBatchNorm(true),
                    new FoldConstants(),
                    new CommonSubexpressions(),
                    new DeadCode());

    @Provide
    Arbitrary<Graph> graphs() {
        return RandomGraphs.graphs(30);
    }

    @Property(tries = 300)
    void passesKeepTheMeaning(@ForAll("graphs") Graph graph) {
        List<RefTensor> inputs = RandomGraphs.inputs(graph, 7);
        List<RefTensor> expected = Interpreter.run(graph, inputs);
        Graph after = new PassRunner(Set.of(), StageListener.NONE, true).run(PASSES, graph);
        List<RefTensor> actual = Interpreter.run(after, inputs);
        for (int i = 0; i < expected.size(); i++) {
            Closeness.check(
                    "output " + i + " of\n" + graph + "passed to\n" + after,
                    expected.get(i),
                    actual.get(i),
                    RandomGraphs.SLACK);
        }
    }

    @Property(tries = 100)
    void theTextFormIsTheGraph(@ForAll("graphs") Graph graph) {
        assertThat(GraphParser.parse(graph.toString())).hasToString(graph.toString());
    }
}
