package org.ipex4j.engine.capture;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.util.Pair;
import ai.djl.util.PairList;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.ipex4j.engine.dispatch.AutocastScope;
import org.ipex4j.engine.dispatch.Fp32Math;
import org.ipex4j.engine.ndarray.IpexNDArray;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.plan.MathMode;

/**
 * What a captured graph was made for, and so what a call must be for the graph to serve it: number,
 * types and names of the inputs, the optional parameters of {@code forward}, the number of threads,
 * what autocast did, and the arithmetic of FP32. (What the graph knows of the model's parameters is
 * guarded by {@link Region}; in training nothing is captured.)
 *
 * @param autocast the type to which autocast lowered operands; null if it was off
 * @param fp32Math see {@link Fp32Math}
 */
record Signature(
        List<TensorType> types,
        List<String> names,
        List<Pair<String, Object>> options,
        int threads,
        DType autocast,
        MathMode fp32Math) {

    /** How a call differs from a signature. */
    enum Difference {
        NONE,
        /** Sizes alone. */
        SIZES,
        OTHER
    }

    static Signature of(NDList inputs, PairList<String, Object> params, int threads) {
        List<TensorType> types = new ArrayList<>(inputs.size());
        List<String> names = new ArrayList<>(inputs.size());
        for (NDArray a : inputs) {
            types.add(((IpexNDArray) a).type());
            names.add(a.getName());
        }
        List<Pair<String, Object>> options = new ArrayList<>();
        if (params != null) {
            params.forEach(options::add);
        }
        return new Signature(
                types, names, options, threads, AutocastScope.active(), Fp32Math.mode());
    }

    /** Values whose equality says that a forward would treat them alike. */
    static boolean guardable(PairList<String, Object> params) {
        return params == null
                || params.stream()
                        .allMatch(
                                p ->
                                        switch (p.getValue()) {
                                            case null -> true;
                                            case String s -> true;
                                            case Number n -> true;
                                            case Boolean b -> true;
                                            case Enum<?> e -> true;
                                            default -> false;
                                        });
    }

    /** How a call differs; makes no garbage. */
    Difference compare(NDList inputs, PairList<String, Object> params, int nowThreads) {
        int n = types.size();
        if (inputs.size() != n
                || threads != nowThreads
                || autocast != AutocastScope.active()
                || fp32Math != Fp32Math.mode()
                || (params == null ? 0 : params.size()) != options.size()) {
            return Difference.OTHER;
        }
        boolean sizes = false;
        for (int i = 0; i < n; i++) {
            IpexNDArray a = (IpexNDArray) inputs.get(i);
            TensorType type = a.type();
            TensorType wanted = types.get(i);
            if (type.dtype() != wanted.dtype()
                    || type.rank() != wanted.rank()
                    || !Objects.equals(a.getName(), names.get(i))) {
                return Difference.OTHER;
            }
            sizes |= !type.sizes().equals(wanted.sizes());
        }
        for (int i = 0; i < options.size(); i++) {
            if (!params.keyAt(i).equals(options.get(i).getKey())
                    || !Objects.equals(params.valueAt(i), options.get(i).getValue())) {
                return Difference.OTHER;
            }
        }
        return sizes ? Difference.SIZES : Difference.NONE;
    }

    /** The first guard that a call fails, by argument name; for people. */
    String explain(Signature now) {
        if (now.types.size() != types.size()) {
            return "number of inputs: expected " + types.size() + ", got " + now.types.size();
        }
        for (int i = 0; i < types.size(); i++) {
            if (!now.types.get(i).equals(types.get(i))) {
                return "input '"
                        + name(i)
                        + "': expected "
                        + types.get(i)
                        + ", got "
                        + now.types.get(i);
            }
            if (!Objects.equals(now.names.get(i), names.get(i))) {
                return "input "
                        + i
                        + ": expected name "
                        + names.get(i)
                        + ", got "
                        + now.names.get(i);
            }
        }
        if (!now.options.equals(options)) {
            return "params of forward: expected " + text(options) + ", got " + text(now.options);
        }
        if (now.threads != threads) {
            return "threads: expected " + threads + ", got " + now.threads;
        }
        if (now.autocast != autocast) {
            return "autocast: expected " + text(autocast) + ", got " + text(now.autocast);
        }
        if (now.fp32Math != fp32Math) {
            return "arithmetic of FP32: expected " + fp32Math + ", got " + now.fp32Math;
        }
        return "no guard failed";
    }

    /**
     * How many guards a call fails; one that differs in sizes alone is nearer than one of another
     * kind.
     */
    int distance(Signature now) {
        if (now.types.size() != types.size()) {
            return Integer.MAX_VALUE;
        }
        int d = 0;
        for (int i = 0; i < types.size(); i++) {
            boolean sameKind =
                    now.types.get(i).dtype() == types.get(i).dtype()
                            && now.types.get(i).rank() == types.get(i).rank();
            d += !sameKind ? 1000 : now.types.get(i).equals(types.get(i)) ? 0 : 1;
            d += Objects.equals(now.names.get(i), names.get(i)) ? 0 : 100;
        }
        d += now.options.equals(options) ? 0 : 100;
        d += now.autocast == autocast ? 0 : 100;
        d += now.fp32Math == fp32Math ? 0 : 100;
        return d + (now.threads == threads ? 0 : 100);
    }

    /** Every guard in words. */
    List<String> guards() {
        List<String> out = new ArrayList<>();
        out.add("training is false");
        for (int i = 0; i < types.size(); i++) {
            out.add("input '" + name(i) + "' is " + types.get(i));
        }
        if (!options.isEmpty()) {
            out.add("params of forward are " + text(options));
        }
        out.add("threads are " + threads);
        out.add("autocast is " + text(autocast));
        out.add("arithmetic of FP32 is " + fp32Math);
        return out;
    }

    private static String text(DType autocast) {
        return autocast == null ? "off" : autocast.toString();
    }

    private String name(int i) {
        return names.get(i) == null ? "data" + i : names.get(i);
    }

    private static String text(List<Pair<String, Object>> options) {
        StringBuilder out = new StringBuilder("{");
        for (Pair<String, Object> p : options) {
            out.append(out.length() == 1 ? "" : ", ")
                    .append(p.getKey())
                    .append('=')
                    .append(p.getValue());
        }
        return out.append('}').toString();
    }
}
