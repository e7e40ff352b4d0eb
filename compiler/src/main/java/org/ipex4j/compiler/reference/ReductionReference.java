package org.ipex4j.compiler.reference;

import java.util.Arrays;
import java.util.List;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.Arg;
import org.ipex4j.ir.op.Args;

/** Reductions and scans, accumulated in double or int64. */
final class ReductionReference {
    private ReductionReference() {}

    private interface RealFold {
        double fold(RefTensor x, int[] positions);
    }

    private interface IntFold {
        long fold(RefTensor x, int[] positions);
    }

    static void addTo(ReferenceTable t) {
        RealFold sum = ReductionReference::sum;
        IntFold intSum = (x, at) -> Arrays.stream(at).mapToLong(x::integer).sum();
        add(t, sum, intSum, "aten.sum", "aten.sum.dim_IntList");
        add(
                t,
                (x, at) ->
                        Arrays.stream(at).mapToDouble(x::real).filter(v -> !Double.isNaN(v)).sum(),
                intSum,
                "aten.nansum");
        add(
                t,
                (x, at) -> Arrays.stream(at).mapToDouble(x::real).reduce(1, (a, b) -> a * b),
                (x, at) -> Arrays.stream(at).mapToLong(x::integer).reduce(1, (a, b) -> a * b),
                "aten.prod",
                "aten.prod.dim_int");
        add(t, (x, at) -> sum(x, at) / at.length, null, "aten.mean", "aten.mean.dim");
        RealFold max =
                (x, at) ->
                        Arrays.stream(at)
                                .mapToDouble(x::real)
                                .reduce(Double.NEGATIVE_INFINITY, Math::max);
        RealFold min =
                (x, at) ->
                        Arrays.stream(at)
                                .mapToDouble(x::real)
                                .reduce(Double.POSITIVE_INFINITY, Math::min);
        add(
                t,
                max,
                (x, at) -> Arrays.stream(at).mapToLong(x::integer).max().orElseThrow(),
                "aten.amax",
                "aten.max");
        add(
                t,
                min,
                (x, at) -> Arrays.stream(at).mapToLong(x::integer).min().orElseThrow(),
                "aten.amin",
                "aten.min");
        for (boolean greatest : new boolean[] {true, false}) {
            String f = greatest ? "max" : "min";
            t.add("aten.arg" + f, (args, types) -> List.of(best(args, types.getFirst(), greatest)));
            t.add(
                    "aten." + f + ".dim",
                    (args, types) -> {
                        int[][] groups = groups(args);
                        RefTensor x = args.tensor("self");
                        RefTensor index = best(args, types.get(1), greatest);
                        return List.of(
                                x.gather(
                                        types.get(0).sizes(),
                                        i -> groups[i][(int) index.integer(i)]),
                                index);
                    });
        }
        for (String form : new String[] {"", ".dim", ".dims"}) {
            t.add("aten.any" + form, (args, types) -> truth(args, types.getFirst(), false));
            t.add("aten.all" + form, (args, types) -> truth(args, types.getFirst(), true));
        }
        t.add(
                "aten.var.correction",
                (args, types) -> List.of(moments(args, types.getFirst(), false)));
        t.add(
                "aten.std.correction",
                (args, types) -> List.of(moments(args, types.getFirst(), true)));
        for (boolean root : new boolean[] {false, true}) {
            t.add(
                    root ? "aten.std_mean.correction" : "aten.var_mean.correction",
                    (args, types) ->
                            List.of(
                                    moments(args, types.get(0), root),
                                    fold(
                                            args,
                                            types.get(1),
                                            (x, at) -> sum(x, at) / at.length,
                                            null)));
        }
        t.add(
                "aten.linalg_vector_norm",
                (args, types) -> norm(args, types.getFirst(), args.number("ord").toDouble()));
        t.add(
                "aten.norm.Scalar",
                (args, types) -> norm(args, types.getFirst(), args.number("p").toDouble()));
        t.add(
                "aten.norm.ScalarOpt_dim",
                (args, types) ->
                        norm(
                                args,
                                types.getFirst(),
                                args.optionalNumber("p").map(p -> p.toDouble()).orElse(2.0)));
        add(t, ReductionReference::logSumExp, null, "aten.logsumexp");
        for (String form : new String[] {"", ".dim_IntList"}) {
            t.add(
                    "aten.count_nonzero" + form,
                    (args, types) -> {
                        int[][] groups = groups(args);
                        RefTensor x = args.tensor("self");
                        return List.of(
                                RefTensor.buildInts(
                                        types.getFirst(),
                                        i -> Arrays.stream(groups[i]).filter(x::truth).count()));
                    });
        }
        t.add("aten.cumsum", (args, types) -> scan(args, types.getFirst(), Double::sum, Long::sum));
        t.add(
                "aten.cumprod",
                (args, types) -> scan(args, types.getFirst(), (a, b) -> a * b, (a, b) -> a * b));
    }

    private static void add(ReferenceTable t, RealFold reals, IntFold ints, String... ops) {
        for (String op : ops) {
            t.add(op, (args, types) -> List.of(fold(args, types.getFirst(), reals, ints)));
        }
    }

    /** Folds each group of elements, converted to the result dtype first. */
    private static RefTensor fold(
            Args<RefTensor> args, TensorType t, RealFold reals, IntFold ints) {
        int[][] groups = groups(args);
        RefTensor x = args.tensor("self").to(t.dtype());
        return t.dtype().isFloating()
                ? RefTensor.build(t, i -> reals.fold(x, groups[i]))
                : RefTensor.buildInts(t, i -> ints.fold(x, groups[i]));
    }

    static double sum(RefTensor x, int[] positions) {
        double s = 0;
        for (int p : positions) {
            s += x.real(p);
        }
        return s;
    }

    /** The groups of positions that a call reduces. */
    private static int[][] groups(Args<RefTensor> args) {
        Sizes sizes = args.tensor("self").sizes();
        return Indexing.groups(sizes, reduced(sizes, args));
    }

    private static boolean[] reduced(Sizes sizes, Args<RefTensor> args) {
        long[] dims =
                !args.schema().has("dim")
                        ? new long[0]
                        : switch (args.get("dim")) {
                            case Arg.Int<RefTensor>(long d) -> new long[] {d};
                            case Arg.Ints<RefTensor> list -> args.integers("dim");
                            default -> new long[0];
                        };
        boolean[] out = new boolean[sizes.rank()];
        Arrays.fill(out, dims.length == 0);
        for (long d : dims) {
            int w = sizes.wrap(d);
            if (sizes.rank() > 0) {
                out[w] = true;
            }
        }
        return out;
    }

    /**
     * The place within each group of the greatest or least element: the first of equals, and any
     * NaN before.
     */
    private static RefTensor best(Args<RefTensor> args, TensorType t, boolean greatest) {
        int[][] groups = groups(args);
        RefTensor x = args.tensor("self");
        return RefTensor.buildInts(
                t,
                i -> {
                    int[] at = groups[i];
                    int best = 0;
                    for (int j = 1; j < at.length; j++) {
                        int order =
                                x.dtype().isFloating()
                                        ? compare(x.real(at[j]), x.real(at[best]), greatest)
                                        : greatest
                                                ? Long.compare(
                                                        x.integer(at[j]), x.integer(at[best]))
                                                : Long.compare(
                                                        x.integer(at[best]), x.integer(at[j]));
                        best = order > 0 ? j : best;
                    }
                    return best;
                });
    }

    private static int compare(double a, double b, boolean greatest) {
        if (Double.isNaN(a) || Double.isNaN(b)) {
            return Boolean.compare(Double.isNaN(a), Double.isNaN(b));
        }
        return (a == b ? 0 : a > b ? 1 : -1) * (greatest ? 1 : -1);
    }

    private static List<RefTensor> truth(Args<RefTensor> args, TensorType t, boolean all) {
        int[][] groups = groups(args);
        RefTensor x = args.tensor("self");
        return List.of(
                RefTensor.buildInts(
                        t,
                        i -> {
                            boolean b =
                                    all
                                            ? Arrays.stream(groups[i]).allMatch(x::truth)
                                            : Arrays.stream(groups[i]).anyMatch(x::truth);
                            return b ? 1 : 0;
                        }));
    }

    private static RefTensor moments(Args<RefTensor> args, TensorType t, boolean root) {
        double correction = args.optionalNumber("correction").map(c -> c.toDouble()).orElse(1.0);
        return fold(
                args,
                t,
                (x, at) -> {
                    double mean = sum(x, at) / at.length;
                    double squares = 0;
                    for (int p : at) {
                        squares += (x.real(p) - mean) * (x.real(p) - mean);
                    }
                    double var =
                            at.length == 0
                                    ? Double.NaN
                                    : squares / Math.max(0, at.length - correction);
                    return root ? Math.sqrt(var) : var;
                },
                null);
    }

    private static List<RefTensor> norm(Args<RefTensor> args, TensorType t, double p) {
        return List.of(
                fold(
                        args,
                        t,
                        (x, at) -> {
                            double[] a =
                                    Arrays.stream(at)
                                            .mapToDouble(i -> Math.abs(x.real(i)))
                                            .toArray();
                            if (p == Double.POSITIVE_INFINITY) {
                                return Arrays.stream(a).reduce(0, Math::max);
                            }
                            if (p == Double.NEGATIVE_INFINITY) {
                                return Arrays.stream(a).reduce(Double.POSITIVE_INFINITY, Math::min);
                            }
                            if (p == 0) {
                                return Arrays.stream(a).filter(v -> v != 0).count();
                            }
                            if (p == 1 || p == 2) {
                                double s = Arrays.stream(a).map(v -> p == 1 ? v : v * v).sum();
                                return p == 1 ? s : Math.sqrt(s);
                            }
                            return Math.pow(Arrays.stream(a).map(v -> Math.pow(v, p)).sum(), 1 / p);
                        },
                        null));
    }

    /** With the greatest element taken out, so that no exponential overflows. */
    static double logSumExp(RefTensor x, int[] at) {
        double max =
                Arrays.stream(at).mapToDouble(x::real).reduce(Double.NEGATIVE_INFINITY, Math::max);
        double shift = Double.isInfinite(max) ? 0 : max;
        double s = 0;
        for (int p : at) {
            s += Math.exp(x.real(p) - shift);
        }
        return shift + Math.log(s);
    }

    private static List<RefTensor> scan(
            Args<RefTensor> args, TensorType t, Pointwise.Real2 reals, Pointwise.Int2 ints) {
        RefTensor x = args.tensor("self").to(t.dtype());
        Sizes sizes = x.sizes();
        boolean[] along = new boolean[sizes.rank()];
        int dim = sizes.wrap(args.integer("dim"));
        if (sizes.rank() > 0) {
            along[dim] = true;
        }
        double[] real = new double[x.numel()];
        long[] whole = new long[x.numel()];
        for (int[] group : Indexing.groups(sizes, along)) {
            for (int j = 0; j < group.length; j++) {
                int p = group[j];
                real[p] = j == 0 ? x.real(p) : reals.apply(real[group[j - 1]], x.real(p));
                whole[p] = j == 0 ? x.integer(p) : ints.apply(whole[group[j - 1]], x.integer(p));
            }
        }
        return List.of(t.dtype().isFloating() ? RefTensor.of(t, real) : RefTensor.of(t, whole));
    }

    /** Which dimensions are the last {@code n}. */
    static boolean[] trailing(int rank, int n) {
        boolean[] out = new boolean[rank];
        Arrays.fill(out, rank - n, rank, true);
        return out;
    }
}
