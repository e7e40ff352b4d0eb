package org.ipex4j.engine.capture;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.ipex4j.engine.CompiledFunction;
import org.ipex4j.engine.ndarray.IpexNDArray;
import org.ipex4j.engine.ndarray.IpexNDManager;
import org.ipex4j.ir.TensorType;
import org.ipex4j.runtime.Tensor;

/**
 * A captured and compiled forward, bound to the model's parameters. Any number of threads may run
 * it. It holds its parameters' memory while it is bound to them, so that a model closed in another
 * thread does not pull the memory away from a running call; the next call finds them closed and
 * says so.
 */
final class Region implements AutoCloseable {
    private final Capture capture;
    private final CompiledFunction function;
    private final BlockTree tree;
    private final Parameter[] parameters;

    /** For each graph input: the argument's number, or -1 - the parameter's number, or CONSTANT. */
    private final int[] feeds;

    private final TensorType[] parameterTypes;
    private final Tensor[] constants;
    private final AtomicReference<Binding> bound = new AtomicReference<>();
    private final AtomicReference<Tensor[]> spare = new AtomicReference<>();

    /** Calls under way, plus one until closed. */
    private final AtomicInteger users = new AtomicInteger(1);

    private static final int CONSTANT = Integer.MIN_VALUE;

    Region(Capture capture, CompiledFunction function, BlockTree tree) {
        this.capture = capture;
        this.function = function;
        this.tree = tree;
        int n = capture.feeds().size();
        feeds = new int[n];
        constants = new Tensor[n];
        List<Parameter> found = new ArrayList<>();
        List<TensorType> types = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            switch (capture.feeds().get(i)) {
                case Capture.Feed.Argument(int index) -> feeds[i] = index;
                case Capture.Feed.OfParameter(Parameter p) -> {
                    feeds[i] = -1 - found.size();
                    found.add(p);
                    types.add(capture.graph().inputs().get(i).value().type());
                }
                case Capture.Feed.Constant(Tensor t) -> {
                    feeds[i] = CONSTANT;
                    constants[i] = t;
                }
            }
        }
        parameters = found.toArray(Parameter[]::new);
        parameterTypes = types.toArray(TensorType[]::new);
    }

    /**
     * The parameters' arrays as one state of the model had them. Kept open while a call uses it.
     */
    private static final class Binding implements AutoCloseable {
        private final Tensor[] sources;
        private final Tensor[] held;

        /** Version of the source that a row-major copy was made of; -1 where no copy is needed. */
        private final long[] copied;

        private final AtomicInteger users = new AtomicInteger(1);
        private final String uid = NDManager.nextUid();
        private NDManager owner;
        private boolean retired;

        Binding(Tensor[] sources) {
            this.sources = sources;
            held = new Tensor[sources.length];
            copied = new long[sources.length];
            int i = 0;
            try {
                for (; i < sources.length; i++) {
                    copied[i] = sources[i].isContiguous() ? -1 : sources[i].version();
                    held[i] = copied[i] < 0 ? sources[i].alias() : OpRunner.copyOf(sources[i]);
                }
            } finally {
                // Another thread may close the model meanwhile: then nothing is held.
                for (int j = 0; i < sources.length && j < i; j++) {
                    held[j].close();
                }
            }
        }

        boolean serves(int i, Tensor source) {
            return sources[i] == source && (copied[i] < 0 || copied[i] == source.version());
        }

        boolean acquire() {
            int n;
            do {
                n = users.get();
                if (n == 0) {
                    return false;
                }
            } while (!users.compareAndSet(n, n + 1));
            return true;
        }

        void release() {
            if (users.decrementAndGet() == 0) {
                OpRunner.closeAll(held);
            }
        }

        /** The manager's close closes the binding. */
        synchronized void attach(NDManager manager) {
            if (!retired) {
                owner = manager;
                manager.attachUncappedInternal(uid, this);
            }
        }

        /** The model's manager closes, or other arrays have taken the place of these. */
        @Override
        public void close() {
            synchronized (this) {
                if (retired) {
                    return;
                }
                retired = true;
                if (owner != null) {
                    owner.detachInternal(uid);
                }
            }
            release();
        }
    }

    /** A parameter that is no longer what the graph was made for. */
    static final class StaleException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        StaleException(String message) {
            super(message, null, false, false);
        }
    }

    Capture capture() {
        return capture;
    }

    CompiledFunction function() {
        return function;
    }

    /** Guards on parameters, in words. */
    List<String> guards() {
        List<String> out = new ArrayList<>();
        for (int i = 0; i < parameters.length; i++) {
            out.add("parameter '" + tree.name(parameters[i]) + "' is " + parameterTypes[i]);
        }
        return out;
    }

    /**
     * Runs the graph.
     *
     * @return null if this region was closed before it could start
     * @throws StaleException if a parameter has another type than when the graph was captured
     */
    NDList run(ParameterStore store, NDList inputs, IpexNDManager manager) {
        if (!acquire()) {
            return null;
        }
        try {
            Binding binding = bind(store);
            Tensor[] in = spare.getAndSet(null);
            if (in == null) {
                in = new Tensor[feeds.length];
            }
            Tensor[] out;
            try {
                out = call(binding, in, inputs);
            } finally {
                spare.set(in);
                binding.release();
            }
            return Capture.results(out, capture.results(), capture.writes(), inputs, manager);
        } finally {
            releaseUse();
        }
    }

    private Tensor[] call(Binding binding, Tensor[] in, NDList inputs) {
        boolean contiguous = true;
        try {
            for (int i = 0; i < in.length; i++) {
                int feed = feeds[i];
                if (feed >= 0) {
                    // A handle of our own: another thread may close the caller's array while the
                    // call runs.
                    in[i] = ((IpexNDArray) inputs.get(feed)).tensor().alias();
                    contiguous &= in[i].isContiguous();
                } else {
                    in[i] = feed == CONSTANT ? constants[i] : binding.held[-1 - feed];
                }
            }
            return contiguous ? function.run(in) : OpRunner.withContiguous(in, function::run);
        } finally {
            for (int i = 0; i < in.length; i++) {
                if (feeds[i] >= 0 && in[i] != null) {
                    in[i].close();
                }
                in[i] = null;
            }
        }
    }

    /** The binding to the parameters' present arrays; made anew where one was swapped. */
    private Binding bind(ParameterStore store) {
        boolean plain = store == null || store.getClass() == ParameterStore.class;
        Binding b = bound.get();
        if (b != null && b.acquire()) {
            boolean serves = true;
            for (int i = 0; i < parameters.length && serves; i++) {
                serves = b.serves(i, tensor(i, store, plain));
            }
            if (serves) {
                return b;
            }
            b.release();
        }
        return rebind(store, plain);
    }

    private Binding rebind(ParameterStore store, boolean plain) {
        Tensor[] sources = new Tensor[parameters.length];
        for (int i = 0; i < sources.length; i++) {
            sources[i] = tensor(i, store, plain);
            if (!sources[i].type().equals(parameterTypes[i])) {
                throw new StaleException(
                        "parameter '"
                                + tree.name(parameters[i])
                                + "': expected "
                                + parameterTypes[i]
                                + ", got "
                                + sources[i].type());
            }
        }
        Binding fresh = new Binding(sources);
        fresh.acquire();
        Binding old = bound.getAndSet(fresh);
        if (old != null) {
            old.close();
        }
        if (parameters.length > 0) {
            // Closing the model gives its memory back even if the compiled block lives on.
            try {
                fresh.attach(parameters[0].getArray().getManager());
            } catch (RuntimeException e) {
                // The model was closed between our reading its parameters and now.
                fresh.release();
                fresh.close();
                throw e;
            }
        }
        return fresh;
    }

    private Tensor tensor(int i, ParameterStore store, boolean plain) {
        Parameter p = parameters[i];
        NDArray array = plain ? p.getArray() : store.getValue(p, Device.cpu(), false);
        IpexNDArray open = EngineArrays.check(array);
        return open == null
                ? EngineArrays.refuse(array, "parameter '" + tree.name(p) + "'")
                : open.tensor();
    }

    private boolean acquire() {
        int n;
        do {
            n = users.get();
            if (n == 0) {
                return false;
            }
        } while (!users.compareAndSet(n, n + 1));
        return true;
    }

    private void releaseUse() {
        if (users.decrementAndGet() == 0) {
            function.close();
            Binding b = bound.getAndSet(null);
            if (b != null) {
                b.close();
            }
            for (Tensor c : constants) {
                if (c != null) {
                    c.close();
                }
            }
        }
    }

    /** Frees everything once the calls under way are done. */
    @Override
    public void close() {
        releaseUse();
    }
}
