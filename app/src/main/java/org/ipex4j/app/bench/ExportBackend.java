package org.ipex4j.app.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.ipex4j.engine.Backend;
import org.ipex4j.engine.Backends;
import org.ipex4j.engine.CompiledFunction;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.runtime.Tensor;

/**
 * A backend that writes the captured graph with its parameters for the peers, and runs it eagerly.
 */
final class ExportBackend implements Backend {
    private final Setting setting;
    private final boolean training;
    private final boolean onnx;

    /**
     * @param training whether the peers are to train the model
     * @param onnx also for ONNX Runtime, which not every model can be written for
     */
    ExportBackend(Setting setting, boolean training, boolean onnx) {
        this.setting = setting;
        this.training = training;
        this.onnx = onnx;
    }

    @Override
    public String name() {
        return "export";
    }

    @Override
    public CompiledFunction compile(Graph graph, Request request) {
        CompiledFunction eager = Backends.get("eager").compile(graph, request);
        return new CompiledFunction() {
            @Override
            public Tensor[] run(Tensor[] inputs) {
                write(graph, inputs);
                return eager.run(inputs);
            }

            @Override
            public void close() {
                eager.close();
            }
        };
    }

    private void write(Graph graph, Tensor[] inputs) {
        List<TorchArchive.Parameter> parameters = new ArrayList<>();
        for (int i = 0; i < inputs.length; i++) {
            if (graph.inputs().get(i).role() != Input.Role.ARGUMENT) {
                parameters.add(
                        new TorchArchive.Parameter(
                                inputs[i].sizes().toArray(), inputs[i].segment().asByteBuffer()));
            }
        }
        try {
            TorchArchive.write(setting.archive(), graph, training, parameters);
            if (onnx) {
                Files.write(setting.onnx(), OnnxExport.write(graph, parameters));
            }
            Files.writeString(
                    setting.directory().resolve("model.py"),
                    """
                    import torch


                    class Model(torch.nn.Module):
                        def __init__(self, parameters):
                            super().__init__()
                            for name, value in parameters.items():
                                self.register_parameter(name, torch.nn.Parameter(value.detach(), value.requires_grad))

                    """
                            + TorchSource.python(graph, training));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
