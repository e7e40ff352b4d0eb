package org.ipex4j.engine.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.ParameterServer;
import ai.djl.training.optimizer.Optimizer;
import java.lang.foreign.ValueLayout;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import org.ipex4j.engine.dispatch.TensorOps;
import org.ipex4j.engine.ndarray.IpexNDArray;
import org.ipex4j.engine.ndarray.IpexNDManager;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;
import org.ipex4j.runtime.Tensor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands parameters and gradients to an optimizer, without the copy of each gradient that DJL's
 * server makes, and keeps track of the state that the optimizer's updates name. Not thread-safe, as
 * optimizers are not.
 */
public final class IpexParameterServer implements ParameterServer, StatefulOptimizer {
    private static final Logger LOG = LoggerFactory.getLogger(IpexParameterServer.class);
    private static final ThreadLocal<Turn> TURN = new ThreadLocal<>();
    private static final String UPDATES = "updates";

    /** Trainers keep their servers, and those their optimizers. */
    private static final Map<Optimizer, WeakReference<IpexParameterServer>> SERVERS =
            new WeakHashMap<>();

    private final Optimizer optimizer;
    private final Map<String, String> names = new HashMap<>();

    /** Slots by parameter id; handles of the optimizer's own arrays. */
    private final Map<String, Map<String, Tensor>> states = new LinkedHashMap<>();

    /** Restored slots of parameters whose arrays the optimizer has not made yet. */
    private final Map<String, Map<String, Tensor>> pending = new HashMap<>();

    private boolean warned;

    private IpexParameterServer(Optimizer optimizer) {
        this.optimizer = optimizer;
    }

    /** The server of an optimizer; trainers that share the optimizer share it. */
    public static IpexParameterServer of(Optimizer optimizer) {
        synchronized (SERVERS) {
            WeakReference<IpexParameterServer> known = SERVERS.get(optimizer);
            IpexParameterServer server = known == null ? null : known.get();
            if (server == null) {
                server = new IpexParameterServer(optimizer);
                SERVERS.put(optimizer, new WeakReference<>(server));
            }
            return server;
        }
    }

    /** The optimizer's work on one parameter, which may lead to an update of this engine. */
    final class Turn {
        private final String id;
        private final IpexNDArray weight;
        private final IpexNDArray shown;
        private final long shownVersion;
        private boolean submitted;

        /**
         * @param shown what the optimizer is given as the weight
         */
        private Turn(String id, IpexNDArray weight, IpexNDArray shown) {
            this.id = id;
            this.weight = weight;
            this.shown = shown;
            this.shownVersion = shown.tensor().version();
        }

        /** The parameter's own array, where the optimizer has been shown another one for it. */
        IpexNDArray actual(IpexNDArray given) {
            if (given != shown || shown == weight) {
                return given;
            }
            takeOver();
            return weight;
        }

        /** What the optimizer has written by itself into the FP32 numbers it was shown. */
        private void takeOver() {
            if (shown != weight && shown.tensor().version() != shownVersion) {
                weight.master().write(shown.tensor(), weight.tensor());
            }
        }

        String name() {
            return names.getOrDefault(id, id);
        }

        void submitted(Update update) {
            submitted = true;
            Map<String, Tensor> known = states.get(id);
            if (known == null) {
                adopt(update);
            }
        }

        private void adopt(Update update) {
            Map<String, Tensor> slots = new LinkedHashMap<>();
            List<String> wanted = update.rule().state();
            Map<String, Tensor> restored = pending.remove(id);
            if (restored != null && !restored.keySet().equals(new HashSet<>(wanted))) {
                pending.put(id, restored);
                throw new IllegalArgumentException(
                        update.name()
                                + ": the restored state has "
                                + restored.keySet()
                                + ", the optimizer keeps "
                                + wanted);
            }
            for (int i = 0; i < wanted.size(); i++) {
                slots.put(wanted.get(i), update.state().get(i).alias());
            }
            states.put(id, slots);
            if (restored != null) {
                restored.forEach(
                        (slot, value) -> {
                            try (value) {
                                copy(name() + "/" + slot, value, slots.get(slot));
                            }
                        });
            }
        }
    }

    /** The turn under way on this thread; null if none is. */
    static Turn turn() {
        return TURN.get();
    }

    /** The optimizer behind. */
    public Optimizer optimizer() {
        return optimizer;
    }

    @Override
    public void init(String parameterId, NDArray[] value) {}

    @Override
    public void update(String parameterId, NDArray[] grads, NDArray[] params) {
        if (params.length != 1 || grads.length != 1) {
            throw new IllegalArgumentException(
                    "the IPEX engine has one device, got "
                            + params.length
                            + " copies of parameter "
                            + names.getOrDefault(parameterId, parameterId));
        }
        Turn turn =
                params[0] instanceof IpexNDArray weight && weight.master() != null
                        ? cast(parameterId, weight, grads[0])
                        : turn(parameterId, params[0], params[0], grads[0]);
        if (!turn.submitted && !warned) {
            warned = true;
            LOG.warn(
                    "{} updates parameters by itself: array by array instead of all at once, and"
                            + " its state is not part of checkpoints",
                    optimizer.getClass().getName());
        }
    }

    /** Lets the optimizer have its turn. */
    private Turn turn(String id, NDArray weight, NDArray shown, NDArray grad) {
        if (!(weight instanceof IpexNDArray own)) {
            throw new IllegalArgumentException(
                    "the IPEX engine updates arrays of its own, not " + weight.getClass());
        }
        Turn turn = new Turn(id, own, (IpexNDArray) shown);
        TURN.set(turn);
        try {
            optimizer.update(id, shown, grad);
        } finally {
            TURN.remove();
        }
        return turn;
    }

    /**
     * A turn on a parameter that was cast: the optimizer is shown FP32 numbers, so that its state
     * is FP32. Those that hand their updates in need the type alone; others get the numbers, which
     * are then taken over, and an FP32 gradient.
     */
    private Turn cast(String id, IpexNDArray weight, NDArray grad) {
        if (handsIn()) {
            Tensor form = TensorOps.full(new TensorType(DType.FLOAT32, weight.sizes()), Double.NaN);
            try (IpexNDArray shown = named(IpexNDArray.of(weight.getManager(), form), weight)) {
                return turn(id, weight, shown, grad);
            }
        }
        try (IpexNDArray shown = named(weight.full(weight.getManager()), weight);
                NDArray wide = grad.toType(DataType.FLOAT32, true)) {
            Turn turn = turn(id, weight, shown, wide);
            turn.takeOver();
            return turn;
        }
    }

    private static IpexNDArray named(IpexNDArray shown, IpexNDArray weight) {
        shown.setName(weight.getName());
        return shown;
    }

    /** Whether the optimizer is one of those known to read no weight before an update runs. */
    private boolean handsIn() {
        return optimizer instanceof TorchOptimizer
                || optimizer.getClass().getPackage() == Optimizer.class.getPackage();
    }

    @Override
    public void nameParameters(Map<String, String> byId) {
        names.putAll(byId);
    }

    @Override
    public Map<String, NDArray> state(NDManager manager) {
        IpexNDManager target = IpexNDManager.of(manager);
        Map<String, NDArray> out = new LinkedHashMap<>();
        states.forEach((id, slots) -> copyOut(id, slots, target, out));
        pending.forEach((id, slots) -> copyOut(id, slots, target, out));
        return out;
    }

    private void copyOut(
            String id, Map<String, Tensor> slots, IpexNDManager target, Map<String, NDArray> out) {
        String name = names.getOrDefault(id, id);
        slots.forEach(
                (slot, value) ->
                        out.put(name + "/" + slot, IpexNDArray.of(target, TensorOps.copy(value))));
        out.put(name + "/" + UPDATES, target.create((long) OptimizerCounts.get(optimizer, id)));
    }

    @Override
    public void restore(Map<String, ? extends NDArray> state) {
        Map<String, String> ids = new HashMap<>();
        names.forEach((id, name) -> ids.put(name, id));
        states.keySet().forEach(id -> ids.putIfAbsent(id, id));
        Map<String, Map<String, NDArray>> byId = new LinkedHashMap<>();
        state.forEach(
                (key, value) -> {
                    int slash = key.lastIndexOf('/');
                    String id = slash < 0 ? null : ids.get(key.substring(0, slash));
                    if (id == null) {
                        throw new IllegalArgumentException(
                                "optimizer state '"
                                        + key
                                        + "' belongs to no parameter of this model; names are"
                                        + " <parameter>/<slot>");
                    }
                    byId.computeIfAbsent(id, k -> new LinkedHashMap<>())
                            .put(key.substring(slash + 1), value);
                });
        byId.forEach(this::check);
        for (String id : states.keySet()) {
            if (!byId.containsKey(id)) {
                throw new IllegalArgumentException(
                        "optimizer state lacks '"
                                + names.getOrDefault(id, id)
                                + "', which has been updated already: restore into a new trainer");
            }
        }
        byId.forEach(this::restore);
    }

    /** Before anything is changed. */
    private void check(String id, Map<String, NDArray> slots) {
        String name = names.getOrDefault(id, id);
        NDArray count = slots.get(UPDATES);
        if (count == null
                || own(count).dtype() != DType.INT64
                || own(count).numel() != 1
                || count(count) < 0) {
            throw new IllegalArgumentException(
                    "optimizer state of '"
                            + name
                            + "' has no number '"
                            + UPDATES
                            + "', an INT64 scalar");
        }
        Map<String, Tensor> known = states.get(id);
        if (known == null) {
            return;
        }
        Set<String> given = new HashSet<>(slots.keySet());
        given.remove(UPDATES);
        if (!given.equals(known.keySet())) {
            throw new IllegalArgumentException(
                    "optimizer state of '"
                            + name
                            + "' has "
                            + given
                            + ", the optimizer keeps "
                            + known.keySet());
        }
        known.forEach((slot, to) -> fits(name + "/" + slot, own(slots.get(slot)), to));
    }

    private void restore(String id, Map<String, NDArray> slots) {
        long count = count(slots.get(UPDATES));
        OptimizerCounts.set(optimizer, id, Math.toIntExact(count));
        Map<String, Tensor> known = states.get(id);
        Map<String, Tensor> later = new LinkedHashMap<>();
        slots.forEach(
                (slot, value) -> {
                    if (slot.equals(UPDATES)) {
                        return;
                    }
                    Tensor from = own(value);
                    if (known != null) {
                        copy(slot, from, known.get(slot));
                    } else {
                        later.put(slot, TensorOps.copy(from));
                    }
                });
        if (known == null) {
            Map<String, Tensor> before = pending.put(id, later);
            if (before != null) {
                before.values().forEach(Tensor::close);
            }
        }
    }

    private static long count(NDArray number) {
        return own(number).segment().get(ValueLayout.JAVA_LONG, 0);
    }

    private static Tensor own(NDArray array) {
        if (!(array instanceof IpexNDArray a)) {
            throw new IllegalArgumentException(
                    "optimizer state is an array of another engine: " + array.getClass());
        }
        return a.tensor();
    }

    private static void fits(String name, Tensor from, Tensor to) {
        if (!from.type().equals(to.type())) {
            throw new IllegalArgumentException(
                    "optimizer state '"
                            + name
                            + "' is "
                            + from.type()
                            + ", should be "
                            + to.type());
        }
    }

    private static void copy(String name, Tensor from, Tensor to) {
        fits(name, from, to);
        TensorOps.copyInto(from, to);
    }

    /** Lets the state's memory go, as far as this server holds it. */
    @Override
    public void close() {
        states.values().forEach(s -> s.values().forEach(Tensor::close));
        pending.values().forEach(s -> s.values().forEach(Tensor::close));
        states.clear();
        pending.clear();
    }
}
