package org.ipex4j.compiler.reference;

import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.Args;

/** Activation functions. */
final class ActivationReference {
    /** Constants of self-normalising networks (Klambauer et al. 2017). */
    private static final double SELU_ALPHA = 1.6732632423543772848170429916717;

    private static final double SELU_SCALE = 1.0507009873554804934193349852946;

    private ActivationReference() {}

    static void addTo(ReferenceTable t) {
        add(t, "aten.relu", p -> x -> x < 0 ? 0 : x);
        add(t, "aten.relu6", p -> x -> x < 0 ? 0 : x > 6 ? 6 : x);
        add(
                t,
                "aten.hardtanh",
                p -> {
                    double low = p.get("min_val");
                    double high = p.get("max_val");
                    return x -> x < low ? low : x > high ? high : x;
                });
        add(
                t,
                "aten.threshold",
                p -> {
                    double threshold = p.get("threshold");
                    double value = p.get("value");
                    return x -> x <= threshold ? value : x;
                });
        add(
                t,
                "aten.leaky_relu",
                p -> {
                    double slope = p.get("negative_slope");
                    return x -> x > 0 ? x : x * slope;
                });
        add(t, "aten.elu", p -> elu(p.get("alpha"), p.get("scale"), p.get("input_scale")));
        add(t, "aten.selu", p -> elu(SELU_ALPHA, SELU_SCALE, 1));
        add(t, "aten.celu", p -> elu(p.get("alpha"), 1, 1 / p.get("alpha")));
        add(
                t,
                "aten.gelu",
                p ->
                        p.args.text("approximate").equals("tanh")
                                ? ActivationReference::geluTanh
                                : x -> x * 0.5 * SpecialFunctions.erfc(-x / Math.sqrt(2)));
        add(t, "aten.silu", p -> x -> x / (1 + Math.exp(-x)));
        add(t, "aten.mish", p -> x -> x * Math.tanh(log1pExp(x)));
        add(
                t,
                "aten.softplus",
                p -> {
                    double beta = p.get("beta");
                    double threshold = p.get("threshold");
                    return x -> x * beta > threshold ? x : log1pExp(x * beta) / beta;
                });
        add(t, "aten.hardswish", p -> x -> x * clip(x + 3, 0, 6) / 6);
        add(t, "aten.hardsigmoid", p -> x -> clip(x + 3, 0, 6) / 6);
        add(
                t,
                "aten.hardshrink",
                p -> {
                    double lambd = p.get("lambd");
                    return x -> x >= -lambd && x <= lambd ? 0 : x;
                });
        add(
                t,
                "aten.softshrink",
                p -> {
                    double lambd = p.get("lambd");
                    return x -> x > lambd ? x - lambd : x < -lambd ? x + lambd : x * 0;
                });
        add(t, "aten.log_sigmoid", p -> x -> Math.min(0, x) - Math.log1p(Math.exp(-Math.abs(x))));
        t.add("aten.prelu", ActivationReference::prelu);
    }

    /** The numbers of a call, in the precision ops compute in. */
    private record Params(Args<RefTensor> args, DType dtype) {
        double get(String name) {
            return Pointwise.number(args, name, dtype);
        }
    }

    private static void add(ReferenceTable t, String op, Function<Params, DoubleUnaryOperator> f) {
        t.add(
                op,
                (args, types) ->
                        Pointwise.unary(f.apply(new Params(args, types.getFirst().dtype())))
                                .evaluate(args, types));
    }

    private static DoubleUnaryOperator elu(double alpha, double scale, double inputScale) {
        return x -> x < 0 ? alpha * scale * Math.expm1(x * inputScale) : x * scale;
    }

    private static double geluTanh(double x) {
        return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
    }

    private static double log1pExp(double x) {
        return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
    }

    private static double clip(double x, double low, double high) {
        return x < low ? low : x > high ? high : x;
    }

    private static List<RefTensor> prelu(Args<RefTensor> args, List<TensorType> types) {
        TensorType t = types.getFirst();
        RefTensor x = args.tensor("self");
        RefTensor w = args.tensor("weight");
        long[] shape = new long[t.rank()];
        java.util.Arrays.fill(shape, 1);
        if (w.numel() != 1) {
            shape[t.rank() > 1 ? 1 : 0] = w.numel();
        }
        RefTensor slope = w.reshape(Sizes.of(shape)).broadcast(t.sizes());
        return List.of(
                RefTensor.build(t, i -> x.real(i) > 0 ? x.real(i) : x.real(i) * slope.real(i)));
    }
}
