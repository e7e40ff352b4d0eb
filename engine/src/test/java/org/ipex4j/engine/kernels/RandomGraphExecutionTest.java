package org.ipex4j.engine.kernels;

import java.lang.foreign.ValueLayout;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.ipex4j.compiler.CompileOptions;
import org.ipex4j.compiler.Compiler;
import org.ipex4j.compiler.reference.Indexing;
import org.ipex4j.compiler.reference.Interpreter;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.compiler.samples.Closeness;
import org.ipex4j.compiler.samples.RandomGraphs;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.runtime.Runtime;
import org.ipex4j.runtime.Tensor;
import org.ipex4j.runtime.exec.Executable;

/** Random graphs, compiled to native code and run, give what the reference says. */
class RandomGraphExecutionTest {
    @Provide
    Arbitrary<Graph> graphs() {
        return RandomGraphs.graphs(25);
    }

    @Property(tries = 20)
    void nativeCodeComputesWhatTheGraphSays(@ForAll("graphs") Graph graph) {
        check(graph);
    }

    private static void check(Graph graph) {
        List<RefTensor> inputs = RandomGraphs.inputs(graph, 5);
        List<RefTensor> expected = Interpreter.run(graph, inputs);
        Runtime runtime = Runtime.instance();
        Compiler compiler = new Compiler(runtime.target(), runtime.oracle()).verifying();
        Tensor[] given =
                inputs.stream().map(RandomGraphExecutionTest::tensor).toArray(Tensor[]::new);
        try (Executable executable =
                Executable.load(compiler.compile(graph, CompileOptions.DEFAULT))) {
            // The second call finds prologue, primitives and workspace as the first left them.
            for (int call = 0; call < 2; call++) {
                Tensor[] results = executable.run(given, null);
                for (int i = 0; i < results.length; i++) {
                    Closeness.check(
                            "call " + call + ", output " + i + " of\n" + graph,
                            expected.get(i),
                            reference(results[i]),
                            RandomGraphs.SLACK);
                    results[i].close();
                }
            }
        } finally {
            for (Tensor t : given) {
                t.close();
            }
        }
    }

    static Tensor tensor(RefTensor value) {
        Tensor t = Tensor.empty(value.type());
        for (int i = 0; i < value.numel(); i++) {
            t.segment().setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) value.real(i));
        }
        return t;
    }

    static RefTensor reference(Tensor t) {
        int[] at = Indexing.strided(t.sizes(), t.strides(), 0);
        return switch (t.dtype()) {
            case INT64 ->
                    RefTensor.buildInts(
                            t.type(), i -> t.segment().getAtIndex(ValueLayout.JAVA_LONG, at[i]));
            case UINT8 ->
                    RefTensor.buildInts(
                            t.type(), i -> t.segment().get(ValueLayout.JAVA_BYTE, at[i]) & 0xff);
            default ->
                    RefTensor.build(
                            t.type(), i -> t.segment().getAtIndex(ValueLayout.JAVA_FLOAT, at[i]));
        };
    }
}
