package org.ipex4j.zoo;

import java.util.ArrayList;
import java.util.List;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.engine.Backend;
import org.ipex4j.engine.Backends;
import org.ipex4j.engine.CompiledFunction;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.runtime.Tensor;

/** Keeps the graph and the inputs of the last run, and runs it op by op. */
final class RecordingBackend implements Backend {
    Graph graph;
    List<RefTensor> inputs;

    @Override
    public String name() {
        return "recording";
    }

    @Override
    public CompiledFunction compile(Graph captured, Request request) {
        CompiledFunction eager = Backends.get("eager").compile(captured, request);
        graph = captured;
        return new CompiledFunction() {
            @Override
            public Tensor[] run(Tensor[] given) {
                inputs = new ArrayList<>();
                for (Tensor t : given) {
                    var floats =
                            t.segment()
                                    .asByteBuffer()
                                    .order(java.nio.ByteOrder.nativeOrder())
                                    .asFloatBuffer();
                    inputs.add(RefTensor.build(t.type(), floats::get));
                }
                return eager.run(given);
            }

            @Override
            public void close() {
                eager.close();
            }
        };
    }
}
