package org.ipex4j.engine.kernels;

import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.ipex4j.compiler.reference.Interpreter;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.compiler.samples.Closeness;
import org.ipex4j.compiler.samples.RandomGraphs;
import org.ipex4j.ir.graph.Graph;

/**
 * Random graphs, compiled and run natively, give what the interpreter says; a failing one shrinks.
 */
class CompiledRandomGraphsTest {
    @Provide
    Arbitrary<Graph> graphs() {
        return RandomGraphs.graphs(14);
    }

    @Property(tries = 60, seed = "2")
    void compiledGraphsAgree(@ForAll("graphs") Graph graph) {
        List<RefTensor> inputs = RandomGraphs.inputs(graph, 7);
        List<RefTensor> expected = Interpreter.run(graph, inputs);
        List<RefTensor> actual =
                CompiledHarness.run(graph, inputs.stream().map(CompiledHarness::dense).toList());
        for (int i = 0; i < expected.size(); i++) {
            Closeness.check(
                    graph + "output " + i, expected.get(i), actual.get(i), RandomGraphs.SLACK);
        }
    }
}
