package org.ipex4j.engine.capture;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.ipex4j.engine.GraphBreak;
import org.ipex4j.engine.ndarray.IpexNDArray;
import org.ipex4j.engine.ndarray.IpexNDManager;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.runtime.Tensor;

/**
 * One forward under a tracer. Without graph breaks it gives the graph and has computed nothing;
 * with breaks it has computed the results, piece by piece.
 *
 * @param capture the graph, or null
 * @param results what the forward returned, or null
 * @param breaks where and why there is no single graph
 */
record ForwardRun(Capture capture, NDList results, List<GraphBreak> breaks) {

    /** The Java code that is traced: a block's forward, or a forward and a loss. */
    @FunctionalInterface
    interface Forward {
        NDList call(ParameterStore store, NDList inputs);
    }

    /**
     * Runs it.
     *
     * @param forward reads its parameters from the store it is given
     * @param mode what becomes of writes to parameters
     * @param manager results are attached to it
     * @param recordSources find out for each op where it comes from
     * @param like nodes of an earlier capture of this forward, or none
     */
    static ForwardRun run(
            Forward forward,
            BlockTree tree,
            BlockTracer.Mode mode,
            Segments segments,
            Function<Parameter, Tensor> parameterNumbers,
            NDList inputs,
            IpexNDManager manager,
            boolean recordSources,
            List<Node> like) {
        try (BlockTracer tracer =
                        new BlockTracer(
                                tree, mode, segments, parameterNumbers, recordSources, like);
                IpexNDManager scope = IpexNDManager.tracing(manager, tracer)) {
            // The forward gets a list of its own: recurrent blocks append their states to it.
            NDList traced = new NDList(inputs.size());
            for (NDArray a : inputs) {
                traced.add(tracer.argument((IpexNDArray) a, scope));
            }
            ParameterStore store = tracer.new Store(scope);
            NDList returned = forward.call(store, traced);
            return finish(tracer, returned, inputs, manager);
        }
    }

    private static ForwardRun finish(
            BlockTracer tracer, NDList returned, NDList inputs, IpexNDManager manager) {
        List<IpexNDArray> arrays = new ArrayList<>(returned.size());
        for (int i = 0; i < returned.size(); i++) {
            IpexNDArray a = EngineArrays.check(returned.get(i));
            arrays.add(
                    a == null
                            ? EngineArrays.refuse(
                                    returned.get(i), "output " + i + " of the forward")
                            : a);
        }
        List<Value> values = tracer.returned(arrays);
        List<Value> outputs = new ArrayList<>();
        List<Capture.Result> results = new ArrayList<>();
        for (int i = 0; i < arrays.size(); i++) {
            results.add(result(tracer, i, arrays, values, outputs));
        }
        List<Capture.Write> writes = new ArrayList<>();
        for (Map.Entry<Integer, Value> w : tracer.writtenArguments().entrySet()) {
            int at = outputs.indexOf(w.getValue());
            if (at < 0) {
                at = outputs.size();
                outputs.add(w.getValue());
            }
            writes.add(new Capture.Write(w.getKey(), at));
        }
        List<Capture.ParameterWrite> statistics = new ArrayList<>();
        for (Map.Entry<Parameter, Value> w : tracer.writtenParameters().entrySet()) {
            outputs.add(w.getValue());
            statistics.add(new Capture.ParameterWrite(w.getKey(), outputs.size() - 1));
        }
        Capture capture = tracer.capture(outputs, results, writes, statistics);
        if (capture != null) {
            return new ForwardRun(capture, null, List.of());
        }
        List<Tensor> numbers = tracer.finish(outputs);
        return new ForwardRun(
                null,
                attach(numbers, results, writes, inputs, manager),
                List.copyOf(tracer.breaks()));
    }

    private static Capture.Result result(
            BlockTracer tracer,
            int i,
            List<IpexNDArray> arrays,
            List<Value> values,
            List<Value> outputs) {
        Value v = values.get(i);
        if (tracer.argumentOf(v) >= 0) {
            return new Capture.Result.Given(tracer.argumentOf(v));
        }
        if (tracer.parameterOf(v) != null) {
            return new Capture.Result.OfParameter(tracer.parameterOf(v));
        }
        int written = tracer.writtenArgument(v);
        if (written >= 0) {
            return new Capture.Result.Given(written);
        }
        for (int j = 0; j < i; j++) {
            if (values.get(j) == v) {
                return new Capture.Result.Again(j);
            }
        }
        outputs.add(v);
        return new Capture.Result.Computed(outputs.size() - 1, arrays.get(i).getName());
    }

    /** Makes arrays of the numbers, and carries out the writes to inputs. */
    private static NDList attach(
            List<Tensor> numbers,
            List<Capture.Result> results,
            List<Capture.Write> writes,
            NDList inputs,
            IpexNDManager manager) {
        return Capture.results(numbers.toArray(Tensor[]::new), results, writes, inputs, manager);
    }
}
