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
 * Plans of random graphs, run as planned, give what the reference says; a failure shrinks to few
 * nodes.
 */
class RandomGraphCompilationTest {
    @Provide
    Arbitrary<Graph> graphs() {
        return RandomGraphs.graphs(25);
    }

    @Property(tries = 60)
    void plansComputeWhatTheGraphSays(@ForAll("graphs") Graph graph, @ForAll boolean blocked) {
        List<RefTensor> inputs = RandomGraphs.inputs(graph, 11);
        List<RefTensor> expected = Interpreter.run(graph, inputs);
        FusedLoops loops = new FusedLoops();
        LibraryOracle oracle = blocked ? new FakeOracle() : LibraryOracle.PLAIN;
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
