package org.ipex4j.compiler.reference;

import java.util.List;
import org.ipex4j.ir.Philox;
import org.ipex4j.ir.Scalar;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;
import org.ipex4j.ir.op.Trait;

/** Tensors made from sizes and numbers. */
final class CreationReference {
    private CreationReference() {}

    static void addTo(ReferenceTable t) {
        t.add("aten.full", (args, types) -> filled(types, args.number("fill_value")));
        t.add("aten.full_like", (args, types) -> filled(types, args.number("fill_value")));
        t.add("aten.scalar_tensor", (args, types) -> filled(types, args.number("s")));
        for (String form : new String[] {"", "_like"}) {
            t.add("aten.zeros" + form, (args, types) -> filled(types, Scalar.of(0)));
            t.add("aten.ones" + form, (args, types) -> filled(types, Scalar.of(1)));
        }
        String undefined = "its elements are undefined, so that there is nothing to compare with";
        t.limit("aten.empty.memory_format", undefined);
        t.limit("aten.empty_like", undefined);
        t.add("aten.arange", (args, types) -> arange(types, Scalar.of(0), Scalar.of(1)));
        t.add(
                "aten.arange.start",
                (args, types) -> arange(types, args.number("start"), Scalar.of(1)));
        t.add(
                "aten.arange.start_step",
                (args, types) -> arange(types, args.number("start"), args.number("step")));
        t.add("aten.linspace", CreationReference::linspace);
        for (String form : new String[] {"", ".m"}) {
            t.add(
                    "aten.eye" + form,
                    (args, types) -> {
                        int m = (int) types.getFirst().sizes().get(1);
                        return List.of(
                                RefTensor.buildInts(types.getFirst(), i -> i / m == i % m ? 1 : 0));
                    });
        }
        t.add("aten.one_hot", CreationReference::oneHot);
        t.add("aten.tril", (args, types) -> triangle(args, types.getFirst(), true));
        t.add("aten.triu", (args, types) -> triangle(args, types.getFirst(), false));
        t.add("ipex.philox_uniform", CreationReference::philox);
        for (Op op : OpCatalog.all()) {
            if (op.is(Trait.RANDOM)) {
                t.limit(
                        op.name(),
                        "draws random numbers; which ones is the generator's business, and tested there");
            }
        }
    }

    private static List<RefTensor> philox(Args<RefTensor> args, List<TensorType> types) {
        RefTensor state = args.tensor("state");
        TensorType type = types.getFirst();
        Philox random = new Philox(state.integer(0));
        int bits = Philox.significand(type.dtype());
        double[] out = new double[Math.toIntExact(type.numel())];
        for (int i = 0; i < out.length; i++) {
            random.at(state.integer(1) + args.integer("offset") + i / 2, 0);
            out[i] = random.uniform(i % 2, bits);
        }
        return List.of(RefTensor.of(type, out));
    }

    private static List<RefTensor> filled(List<TensorType> types, Scalar value) {
        TensorType t = types.getFirst();
        return List.of(
                value instanceof Scalar.Real r
                        ? RefTensor.build(t, i -> r.value())
                        : RefTensor.buildInts(t, i -> value.toLong()));
    }

    private static List<RefTensor> arange(List<TensorType> types, Scalar start, Scalar step) {
        TensorType t = types.getFirst();
        if (t.dtype().isFloating()) {
            return List.of(RefTensor.build(t, i -> start.toDouble() + i * step.toDouble()));
        }
        return List.of(RefTensor.buildInts(t, i -> start.toLong() + i * step.toLong()));
    }

    /** From both ends towards the middle, so that the last element is exactly the end. */
    private static List<RefTensor> linspace(Args<RefTensor> args, List<TensorType> types) {
        TensorType t = types.getFirst();
        double start = args.number("start").toDouble();
        double end = args.number("end").toDouble();
        int n = (int) t.numel();
        double step = n > 1 ? (end - start) / (n - 1) : 0;
        return List.of(
                RefTensor.build(
                        t, i -> i < n / 2 || n == 1 ? start + i * step : end - (n - 1 - i) * step));
    }

    private static List<RefTensor> oneHot(Args<RefTensor> args, List<TensorType> types) {
        RefTensor x = args.tensor("self");
        int classes = (int) args.integer("num_classes");
        for (int i = 0; i < x.numel(); i++) {
            long c = x.integer(i);
            if (c < 0 || c >= classes) {
                throw new IllegalArgumentException(
                        "aten.one_hot: class " + c + " is outside [0, " + classes + ")");
            }
        }
        return List.of(
                RefTensor.buildInts(
                        types.getFirst(), i -> x.integer(i / classes) == i % classes ? 1 : 0));
    }

    private static List<RefTensor> triangle(Args<RefTensor> args, TensorType t, boolean lower) {
        RefTensor x = args.tensor("self");
        long diagonal = args.integer("diagonal");
        int rows = (int) t.sizes().get(-2);
        int columns = (int) t.sizes().get(-1);
        boolean real = t.dtype().isFloating();
        java.util.function.IntPredicate kept =
                i -> {
                    long ahead = i % columns - (long) (i / columns % rows);
                    return lower ? ahead <= diagonal : ahead >= diagonal;
                };
        return List.of(
                real
                        ? RefTensor.build(t, i -> kept.test(i) ? x.real(i) : 0)
                        : RefTensor.buildInts(t, i -> kept.test(i) ? x.integer(i) : 0));
    }
}
