package org.ipex4j.engine.capture;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.ipex4j.engine.autograd.BackwardFunction;
import org.ipex4j.engine.autograd.Tape;
import org.ipex4j.engine.dispatch.TensorOps;
import org.ipex4j.engine.ndarray.IpexNDArray;
import org.ipex4j.engine.ndarray.IpexNDManager;
import org.ipex4j.engine.ndarray.RandomSource;
import org.ipex4j.engine.plan.Loaded;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;
import org.ipex4j.runtime.Tensor;
import org.ipex4j.runtime.exec.PhasedRun;

/**
 * A forward in training as one compiled run: backward is its second phase, and the whole is one
 * node of the tape.
 */
final class TrainingRegion implements AutoCloseable {
    private final TrainingGraph training;
    private final Loaded function;
    private final BlockTree tree;
    private final String name;

    /** Calls under way, plus one until closed. */
    private final AtomicInteger users = new AtomicInteger(1);

    TrainingRegion(TrainingGraph training, Loaded function, BlockTree tree, String name) {
        this.training = training;
        this.function = function;
        this.tree = tree;
        this.name = name;
    }

    TrainingGraph training() {
        return training;
    }

    Loaded function() {
        return function;
    }

    /**
     * Runs the forward and, while a collector records, puts it on the tape.
     *
     * @return null if this region was closed before it could start
     * @throws Region.StaleException if a parameter has another type than when it was captured
     */
    NDList run(ParameterStore store, NDList inputs, IpexNDManager manager) {
        int n;
        do {
            n = users.get();
            if (n == 0) {
                return null;
            }
        } while (!users.compareAndSet(n, n + 1));
        try {
            return forward(store, inputs, manager);
        } finally {
            release();
        }
    }

    private NDList forward(ParameterStore store, NDList inputs, IpexNDManager manager) {
        Capture capture = training.capture();
        IpexNDArray[] sources = sources(store, inputs);
        boolean draws = training.randomBlocks() > 0;
        Tensor[] given = new Tensor[sources.length + (draws ? 1 : 0)];
        List<Tensor> copies = new ArrayList<>();
        checkWritable(inputs);
        PhasedRun run = function.executable().begin();
        boolean kept = false;
        try (IpexNDManager scope = IpexNDManager.system().newSubManager()) {
            for (int i = 0; i < sources.length; i++) {
                given[i] = dense(i, sources[i], copies);
            }
            if (draws) {
                given[sources.length] = randomState(copies);
            }
            Tensor[] computed = run.next(given);
            int own = capture.graph().outputs().size();
            Tensor[] outputs = Arrays.copyOf(computed, own);
            // Gradients that depend on no tangent, zeros, are there already.
            Tensor[] early = Arrays.copyOfRange(computed, own, computed.length);
            Map<Integer, IpexNDArray> written = written(outputs, scope);
            NDList results =
                    Capture.results(outputs, capture.results(), capture.writes(), inputs, manager);
            Tape tape = Tape.recording();
            if (tape != null && !training.differentiated().isEmpty()) {
                record(run, early, sources, results, written);
                kept = true;
            } else {
                closeAll(early);
            }
            if (tape != null) {
                capture.writes()
                        .forEach(w -> tape.written(argument(inputs, w), written.get(w.output())));
            }
            return results;
        } finally {
            copies.forEach(Tensor::close);
            if (!kept) {
                run.close();
            }
        }
    }

    private static IpexNDArray argument(NDList inputs, Capture.Write w) {
        return (IpexNDArray) inputs.get(w.argument());
    }

    private void checkWritable(NDList inputs) {
        Tape tape = Tape.recording();
        if (tape != null) {
            training.capture().writes().forEach(w -> tape.checkWritable(name, argument(inputs, w)));
        }
    }

    /** By output, the new numbers of inputs that the forward changes. */
    private Map<Integer, IpexNDArray> written(Tensor[] outputs, IpexNDManager scope) {
        Map<Integer, IpexNDArray> out = new HashMap<>();
        for (Capture.Write w : training.capture().writes()) {
            out.computeIfAbsent(w.output(), o -> IpexNDArray.of(scope, outputs[o].alias()));
        }
        return out;
    }

    /** Where this run's random numbers begin. */
    private Tensor randomState(List<Tensor> made) {
        long[] state = RandomSource.nextState(training.randomBlocks());
        Tensor t = Tensor.empty(TensorType.of(DType.INT64, state.length));
        made.add(t);
        for (int i = 0; i < state.length; i++) {
            t.segment().setAtIndex(ValueLayout.JAVA_LONG, i, state[i]);
        }
        return t;
    }

    /** The array behind each graph input; null for constants. */
    private IpexNDArray[] sources(ParameterStore store, NDList inputs) {
        Capture capture = training.capture();
        IpexNDArray[] out = new IpexNDArray[capture.feeds().size()];
        for (int i = 0; i < out.length; i++) {
            out[i] =
                    switch (capture.feeds().get(i)) {
                        case Capture.Feed.Argument(int index) -> (IpexNDArray) inputs.get(index);
                        case Capture.Feed.OfParameter(Parameter p) -> parameter(p, store, i);
                        case Capture.Feed.Constant c -> null;
                    };
        }
        return out;
    }

    private IpexNDArray parameter(Parameter p, ParameterStore store, int input) {
        boolean plain = store == null || store.getClass() == ParameterStore.class;
        NDArray array = plain ? p.getArray() : store.getValue(p, Device.cpu(), true);
        IpexNDArray open = EngineArrays.check(array);
        if (open == null) {
            open = EngineArrays.refuse(array, "parameter '" + tree.name(p) + "'");
        }
        TensorType wanted = training.graph().inputs().get(input).value().type();
        if (!open.type().equals(wanted)) {
            throw new Region.StaleException(
                    "parameter '"
                            + tree.name(p)
                            + "': expected "
                            + wanted
                            + ", got "
                            + open.type());
        }
        return open;
    }

    private Tensor dense(int input, IpexNDArray source, List<Tensor> copies) {
        if (source == null) {
            return ((Capture.Feed.Constant) training.capture().feeds().get(input)).tensor();
        }
        Tensor t = source.tensor();
        // What the forward changes keeps its old numbers for backward.
        if (t.isContiguous() && !isChanged(input)) {
            return t;
        }
        for (var w : training.writes()) {
            if (w.input() == input) {
                throw new IllegalArgumentException(
                        name
                                + ": a parameter that training changes in place must be row-major: '"
                                + training.graph().inputs().get(input).name()
                                + "' is "
                                + t);
            }
        }
        Tensor copy = OpRunner.copyOf(t);
        copies.add(copy);
        return copy;
    }

    private boolean isChanged(int input) {
        return training.capture().feeds().get(input) instanceof Capture.Feed.Argument(int index)
                && training.capture().writes().stream().anyMatch(w -> w.argument() == index);
    }

    private static void closeAll(Tensor[] tensors) {
        for (Tensor t : tensors) {
            if (t != null) {
                t.close();
            }
        }
    }

    private void record(
            PhasedRun run,
            Tensor[] early,
            IpexNDArray[] sources,
            NDList results,
            Map<Integer, IpexNDArray> written) {
        IpexNDArray[] inputs =
                training.differentiated().stream().map(i -> sources[i]).toArray(IpexNDArray[]::new);
        IpexNDArray[] outputs = new IpexNDArray[training.tangents().size()];
        for (int i = 0; i < outputs.length; i++) {
            outputs[i] = written.get(training.tangents().get(i));
        }
        List<Capture.Result> all = training.capture().results();
        for (int r = 0; r < all.size(); r++) {
            if (all.get(r) instanceof Capture.Result.Computed(int output, String label)) {
                int at = training.tangents().indexOf(output);
                if (at >= 0) {
                    outputs[at] = (IpexNDArray) results.get(r);
                }
            }
        }
        Tape.record(inputs, outputs, name, new Backward(run, early));
    }

    /** The second phase of a run. */
    private final class Backward implements BackwardFunction {
        private final PhasedRun run;
        private final Tensor[] early;

        Backward(PhasedRun run, Tensor[] early) {
            this.run = run;
            this.early = early;
            users.incrementAndGet();
        }

        private boolean closed;

        @Override
        public Tensor[] backward(Tensor[] grads) {
            if (run.done() > 1) {
                throw new IllegalStateException(
                        name
                                + ": backward goes through a compiled region a second time; its saved values are"
                                + " overwritten as the first one goes. Call backward once, on the sum of the targets");
            }
            int forward = training.graph().inputs().size() - grads.length;
            Tensor[] given = new Tensor[forward + grads.length];
            List<Tensor> made = new ArrayList<>();
            try {
                for (int i = 0; i < grads.length; i++) {
                    given[forward + i] = dense(grads[i], i, made);
                }
                Tensor[] results = run.next(given);
                int first = training.capture().graph().outputs().size();
                Tensor[] out = Arrays.copyOfRange(results, first, results.length);
                for (int i = 0; i < out.length; i++) {
                    if (early[i] != null) {
                        out[i] = early[i];
                        early[i] = null;
                    }
                }
                run.close(); // so that the gradients' memory is the tape's alone
                return out;
            } finally {
                made.forEach(Tensor::close);
            }
        }

        private Tensor dense(Tensor grad, int i, List<Tensor> made) {
            if (grad != null && grad.isContiguous()) {
                return grad;
            }
            TensorType type =
                    training.capture().graph().outputs().get(training.tangents().get(i)).type();
            Tensor t = grad == null ? TensorOps.zeros(type) : OpRunner.copyOf(grad);
            made.add(t);
            return t;
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                run.close();
                closeAll(early);
                release();
            }
        }
    }

    private void release() {
        if (users.decrementAndGet() == 0) {
            function.close();
            for (Capture.Feed f : training.capture().feeds()) {
                if (f instanceof Capture.Feed.Constant(Tensor t)) {
                    t.close();
                }
            }
        }
    }

    /** Frees everything once the calls under way, and their backwards, are done. */
    @Override
    public void close() {
        release();
    }
}
