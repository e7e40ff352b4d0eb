package org.ipex4j.app.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
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
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
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
 * whichever layout suits it, as if changing layouts cost nothing. In training a convolution's
 * gradients count as well: those of its weights, and of its source unless that is the model's
 * input. Arguments: those of {@link Setting}, {@code infer} or {@code train}.
 */
final class FloorWorker {
    private FloorWorker() {}

    /** The entry of the worker's process. */
    public static void main(String[] args) throws Exception {
        Setting setting = Setting.of(args);
        WorkerProtocol protocol = new WorkerProtocol(System.out);
        Floor.Report floor =
                Floor.measure(
                        convolutions(setting, args[Setting.ARGUMENTS].equals("train")), 5, 0.05);
        protocol.fact("floor", floor.seconds() * 1e3);
        protocol.fact("bandwidth", floor.bytesPerSecond() / 1e9);
        protocol.serve(() -> {});
    }

    /** The model's convolutions, each with how often it occurs. */
    private static Map<LibraryCall, Integer> convolutions(Setting setting, boolean training)
            throws Exception {
        Map<LibraryCall, Integer> found = new LinkedHashMap<>();
        DType type = setting.isBf16() ? DType.BFLOAT16 : DType.FLOAT32;
        Backends.register(
                "floor",
                new Backend() {
                    @Override
                    public String name() {
                        return "floor";
                    }

                    @Override
                    public CompiledFunction compile(Graph graph, Request request) {
                        calls(graph, type, training)
                                .forEach(call -> found.merge(call, 1, Integer::sum));
                        return Backends.get("eager").compile(graph, request);
                    }
                });
        Setting.Values given = setting.readInput(0);
        try (NDManager manager = IpexEngine.instance().newBaseManager()) {
            ImageClassifier model = Classifiers.create(setting.model(), 1000);
            Weights.from(setting.weights()).mapped(true).load(model, manager, model.inputShape());
            NDArray input = manager.create(given.values(), new Shape(given.sizes()));
            Ipex.compile(model, CompileOptions.defaults().backend("floor").fullGraph(true))
                    .forward(new ParameterStore(manager, false), new NDList(input), false);
        }
        return found;
    }

    /**
     * A graph's convolutions; in training each followed by its gradients.
     *
     * @param type what they are to compute in
     */
    static List<LibraryCall> calls(Graph graph, DType type, boolean training) {
        List<LibraryCall> out = new ArrayList<>();
        for (Node n : graph.nodes()) {
            if (!n.is("aten.convolution")) {
                continue;
            }
            LibraryCall.Convolution c = call(n, type);
            out.add(c);
            if (training) {
                out.add(
                        new LibraryCall.ConvolutionBackwardWeights(
                                c.source(),
                                c.output(),
                                c.weights(),
                                c.stride(),
                                c.dilation(),
                                c.paddingBegin(),
                                c.paddingEnd(),
                                c.groups()));
            }
            if (training && !isGiven(graph, n.args().tensor("input"))) {
                out.add(
                        new LibraryCall.ConvolutionBackwardData(
                                c.output(),
                                c.weights(),
                                c.source(),
                                c.stride(),
                                c.dilation(),
                                c.paddingBegin(),
                                c.paddingEnd(),
                                c.groups()));
            }
        }
        return out;
    }

    /** True for the model's input, which nobody asks the gradient of. */
    private static boolean isGiven(Graph graph, Value value) {
        return graph.inputs().stream().anyMatch(in -> in.value() == value);
    }

    private static LibraryCall.Convolution call(Node node, DType type) {
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
                contiguous(type, a.tensor("input").type().sizes()),
                contiguous(type, Sizes.of(weight)),
                Optional.empty(),
                contiguous(type, node.result().type().sizes()),
                boxed(a.integers("stride")),
                boxed(a.integers("dilation")),
                boxed(a.integers("padding")),
                boxed(a.integers("padding")),
                groups,
                List.of());
    }

    private static BufferType contiguous(DType type, Sizes sizes) {
        return BufferType.contiguous(new TensorType(type, sizes));
    }

    private static List<Long> boxed(long[] v) {
        return java.util.Arrays.stream(v).boxed().toList();
    }
}
