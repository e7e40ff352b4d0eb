package org.ipex4j.engine.checkpoint;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.training.optimizer.Optimizer;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The state of DJL's own optimizers, and of any that keep it as these do: in fields of type {@code
 * Map<String, Map<Device, NDArray>>}, parameter to device to array. DJL has no other door to them
 * (0.38), so that this one reads private fields.
 */
final class DjlOptimizerState implements StatefulOptimizer {
    private final Optimizer optimizer;
    private final Map<String, Field> slots = new LinkedHashMap<>();
    private final Field updateCounts;
    private final Field numUpdate;

    private DjlOptimizerState(Optimizer optimizer) {
        this.optimizer = optimizer;
        Class<?> c = optimizer.getClass();
        for (; c != Optimizer.class; c = c.getSuperclass()) {
            for (Field f : c.getDeclaredFields()) {
                if (isSlot(f.getGenericType())) {
                    slots.put(f.getName(), open(f));
                }
            }
        }
        updateCounts = open("updateCounts");
        numUpdate = open("numUpdate");
    }

    /** The optimizer itself if it knows how, or what reads its fields. */
    static StatefulOptimizer of(Optimizer optimizer) {
        return optimizer instanceof StatefulOptimizer s ? s : new DjlOptimizerState(optimizer);
    }

    private static boolean isSlot(Type type) {
        return isMap(type, String.class)
                && isMap(((ParameterizedType) type).getActualTypeArguments()[1], Device.class)
                && arguments(arguments(type)[1])[1] == NDArray.class;
    }

    private static boolean isMap(Type type, Class<?> key) {
        return type instanceof ParameterizedType p
                && p.getRawType() == Map.class
                && arguments(type)[0] == key;
    }

    private static Type[] arguments(Type type) {
        return ((ParameterizedType) type).getActualTypeArguments();
    }

    private Field open(String name) {
        try {
            return open(Optimizer.class.getDeclaredField(name));
        } catch (NoSuchFieldException e) {
            throw unreadable("has no field " + name + " in this version of DJL", e);
        }
    }

    private Field open(Field field) {
        try {
            field.setAccessible(true);
            return field;
        } catch (InaccessibleObjectException e) {
            throw unreadable("does not open its package to reflection", e);
        }
    }

    private IllegalStateException unreadable(String why, Exception cause) {
        return new IllegalStateException(
                "the state of optimizer "
                        + optimizer.getClass().getName()
                        + " cannot be saved or restored: it "
                        + why
                        + "; a "
                        + StatefulOptimizer.class.getName()
                        + " can",
                cause);
    }

    @SuppressWarnings("unchecked") // isSlot and the class of DJL say what the fields hold
    private <V> Map<String, V> map(Field field) {
        try {
            return (Map<String, V>) field.get(optimizer);
        } catch (IllegalAccessException e) {
            throw unreadable("has a closed field " + field.getName(), e);
        }
    }

    @Override
    public OptimizerState state() {
        Map<String, Map<String, NDArray>> out = new LinkedHashMap<>();
        slots.forEach(
                (name, field) -> {
                    Map<String, NDArray> arrays = new LinkedHashMap<>();
                    this.<Map<Device, NDArray>>map(field)
                            .forEach((id, perDevice) -> arrays.put(id, only(name, perDevice)));
                    out.put(name, arrays);
                });
        return new OptimizerState(out, Map.copyOf(this.<Integer>map(updateCounts)));
    }

    private static NDArray only(String slot, Map<Device, NDArray> perDevice) {
        if (perDevice.size() != 1) {
            throw new IllegalStateException(
                    "optimizer state '" + slot + "' is spread over " + perDevice.keySet());
        }
        return perDevice.values().iterator().next();
    }

    @Override
    public void restore(OptimizerState state) {
        TreeSet<String> unknown = new TreeSet<>(state.slots().keySet());
        unknown.removeAll(slots.keySet());
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException(
                    "optimizer "
                            + optimizer.getClass().getName()
                            + " has no state "
                            + unknown
                            + ", only "
                            + slots.keySet()
                            + ": was the checkpoint made with another optimizer?");
        }
        slots.forEach(
                (name, field) -> {
                    Map<String, Map<Device, NDArray>> own = map(field);
                    own.values().forEach(perDevice -> perDevice.values().forEach(NDArray::close));
                    own.clear();
                    state.slots()
                            .getOrDefault(name, Map.of())
                            .forEach((id, array) -> own.put(id, perDevice(array)));
                });
        Map<String, Integer> counts = map(updateCounts);
        counts.clear();
        counts.putAll(state.updates());
        int most = counts.values().stream().mapToInt(Integer::intValue).max().orElse(0);
        try {
            numUpdate.setInt(optimizer, most);
        } catch (IllegalAccessException e) {
            throw unreadable("has a closed field numUpdate", e);
        }
    }

    private static Map<Device, NDArray> perDevice(NDArray array) {
        Map<Device, NDArray> out = new ConcurrentHashMap<>();
        out.put(array.getDevice(), array);
        return out;
    }

    @Override
    public String toString() {
        return optimizer.getClass().getName() + Arrays.toString(slots.keySet().toArray());
    }
}
