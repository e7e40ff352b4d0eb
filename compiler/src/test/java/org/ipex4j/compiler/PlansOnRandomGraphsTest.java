package org.ipex4j.compiler;

import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.ipex4j.compiler.pass.StageListener;
import org.ipex4j.compiler.reference.Interpreter;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.compiler.samples.Closeness;
import org.ipex4j.compiler.samples.RandomGraphs;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.plan.CompiledGraph;
import org.ipex4j.ir.plan.LibraryOracle;

/**
 * Plans of random graphs, run on bytes as laid out, compute what the graphs do; the memory verifier
 * agrees.
 */
class PlansOnRandomGraphsTest {
    @Provide
    Arbitrary<Graph> graphs() {
        return RandomGraphs.graphs(30);
    }

    @Property(tries = 150)
    void blockedAndPackedPlansKeepTheMeaning(@ForAll("graphs") Graph graph) {
        check(graph, new FakeOracle());
    }

    @Property(tries = 100)
    void plainPlansKeepTheMeaning(@ForAll("graphs") Graph graph) {
        check(graph, LibraryOracle.PLAIN);
    }

    private static void check(Graph graph, LibraryOracle oracle) {
        List<RefTensor> inputs = RandomGraphs.inputs(graph, 7);
        List<RefTensor> expected = Interpreter.run(graph, inputs);
        FusedLoops loops = new FusedLoops();
        CompiledGraph compiled =
                new Compiler(CompilerTest.TARGET, oracle, loops, StageListener.NONE, true)
                        .compile(graph, CompileOptions.DEFAULT);
        List<RefTensor> actual = new PlanInterpreter(loops.known.groups).run(compiled, inputs);
        for (int i = 0; i < expected.size(); i++) {
            Closeness.check(
                    "output " + i + " of\n" + graph,
                    expected.get(i),
                    actual.get(i),
                    RandomGraphs.SLACK);
        }
    }
}
