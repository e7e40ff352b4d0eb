package org.ipex4j.app.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ipex4j.engine.Backend;
import org.ipex4j.engine.Backends;
import org.ipex4j.engine.CompileOptions;
import org.ipex4j.engine.CompiledFunction;
import org.ipex4j.engine.Ipex;
import org.ipex4j.engine.IpexEngine;
import org.ipex4j.engine.weights.Weights;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.plan.BufferType;
import org.ipex4j.ir.plan.LibraryCall;
import org.ipex4j.runtime.dnnl.Floor;
import org.ipex4j.zoo.Classifiers;
import org.ipex4j.zoo.ImageClassifier;

/**
 * Measures the floor: the sum over a model's convolutions of the library's best time, each in
 * whichever layout suits it, as if changing layouts cost nothing. Arguments: directory, model,
 * batch, threads.
 */
final class FloorWorker {
    private FloorWorker() {}

    /** The entry of the worker's process. */
    public static void main(String[] args) throws Exception {
        Setting setting =
                new Setting(
                        Path.of(args[0]),
                        args[1],
                        Integer.parseInt(args[2]),
                        Integer.parseInt(args[3]));
        WorkerProtocol protocol = new WorkerProtocol(System.out);
        Floor.Report floor = Floor.measure(convolutions(setting), 5, 0.05);
        protocol.fact("floor", floor.seconds() * 1e3);
        protocol.fact("bandwidth", floor.bytesPerSecond() / 1e9);
        protocol.serve(() -> {});
    }

    /** The model's convolutions, each with how often it occurs. */
    private static Map<LibraryCall, Integer> convolutions(Setting setting) throws Exception {
        Map<LibraryCall, Integer> found = new LinkedHashMap<>();
        Backends.register(
                "floor",
                new Backend() {
                    @Override
                    public String name() {
                        return "floor";
                    }

                    @Override
                    public CompiledFunction compile(Graph graph, Request request) {
                        graph.nodes().stream()
                                .filter(n -> n.is("aten.convolution"))
                                .forEach(n -> found.merge(call(n), 1, Integer::sum));
                        return Backends.get("eager").compile(graph, request);
                    }
                });
        Setting.Values given = setting.readInput();
        try (NDManager manager = IpexEngine.instance().newBaseManager()) {
            ImageClassifier model = Classifiers.create(setting.model(), 1000);
            Weights.from(setting.weights()).mapped(true).load(model, manager, model.inputShape());
            NDArray input = manager.create(given.values(), new Shape(given.sizes()));
            Ipex.compile(model, CompileOptions.defaults().backend("floor").fullGraph(true))
                    .forward(new ParameterStore(manager, false), new NDList(input), false);
        }
        return found;
    }

    private static LibraryCall.Convolution call(Node node) {
        Args<Value> a = node.args();
        int groups = (int) a.integer("groups");
        TensorType w = a.tensor("weight").type();
        long[] weight = w.sizes().toArray();
        if (groups > 1) {
            long[] split = new long[weight.length + 1];
            split[0] = groups;
            split[1] = weight[0] / groups;
            System.arraycopy(weight, 1, split, 2, weight.length - 1);
            weight = split;
        }
        return new LibraryCall.Convolution(
                BufferType.contiguous(a.tensor("input").type()),
                BufferType.contiguous(TensorType.of(w.dtype(), weight)),
                Optional.empty(),
                BufferType.contiguous(node.result().type()),
                boxed(a.integers("stride")),
                boxed(a.integers("dilation")),
                boxed(a.integers("padding")),
                boxed(a.integers("padding")),
                groups,
                List.of());
    }

    private static List<Long> boxed(long[] v) {
        return java.util.Arrays.stream(v).boxed().toList();
    }
}
