package org.ipex4j.ir.op;

import static org.ipex4j.ir.op.Trait.COMPOSITE;
import static org.ipex4j.ir.op.Trait.POINTWISE;
import static org.ipex4j.ir.op.TypeRules.require;
import static org.ipex4j.ir.op.TypeRules.same;

import java.util.List;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.TypeRules.Accept;

/** Activation functions. */
final class ActivationOps {
    private ActivationOps() {}

    static void addTo(OpCatalog c) {
        c.add("aten::relu(Tensor self) -> Tensor", same(Accept.NOT_BOOL), POINTWISE);
        c.add("aten::relu6(Tensor self) -> Tensor", same(Accept.NOT_BOOL), POINTWISE, COMPOSITE);
        c.add(
                "aten::hardtanh(Tensor self, Scalar min_val=-1, Scalar max_val=1) -> Tensor",
                args -> {
                    TensorType t = args.tensor("self");
                    require(
                            t.dtype() != DType.UINT8
                                    || (args.number("min_val").toDouble() >= 0
                                            && args.number("max_val").toDouble() >= 0),
                            "negative limits for an unsigned input");
                    return same(Accept.NOT_BOOL).infer(args);
                },
                POINTWISE);
        c.add(
                "aten::threshold(Tensor self, Scalar threshold, Scalar value) -> Tensor",
                same(Accept.NOT_BOOL),
                POINTWISE);
        TypeRule floating = same(Accept.FLOATING);
        c.add(
                "aten::leaky_relu(Tensor self, Scalar negative_slope=0.01) -> Tensor",
                floating,
                POINTWISE);
        c.add(
                "aten::elu(Tensor self, Scalar alpha=1, Scalar scale=1, Scalar input_scale=1) -> Tensor",
                floating,
                POINTWISE);
        c.add("aten::selu(Tensor self) -> Tensor", floating, POINTWISE, COMPOSITE);
        c.add(
                "aten::celu(Tensor self, Scalar alpha=1.0) -> Tensor",
                args -> {
                    require(args.number("alpha").toDouble() != 0, "alpha must not be 0");
                    return floating.infer(args);
                },
                POINTWISE,
                COMPOSITE);
        c.add(
                "aten::gelu(Tensor self, *, str approximate='none') -> Tensor",
                args -> {
                    String a = args.text("approximate");
                    require(
                            a.equals("none") || a.equals("tanh"),
                            "approximate is '" + a + "', expected 'none' or 'tanh'");
                    return floating.infer(args);
                },
                POINTWISE);
        c.add("aten::silu(Tensor self) -> Tensor", floating, POINTWISE);
        c.add("aten::mish(Tensor self) -> Tensor", floating, POINTWISE);
        c.add(
                "aten::softplus(Tensor self, Scalar beta=1, Scalar threshold=20) -> Tensor",
                floating,
                POINTWISE);
        c.add("aten::hardswish(Tensor self) -> Tensor", floating, POINTWISE);
        c.add("aten::hardsigmoid(Tensor self) -> Tensor", floating, POINTWISE);
        c.add("aten::hardshrink(Tensor self, Scalar lambd=0.5) -> Tensor", floating, POINTWISE);
        c.add(
                "aten::softshrink(Tensor self, Scalar lambd=0.5) -> Tensor",
                args -> {
                    double lambd = args.number("lambd").toDouble();
                    require(lambd >= 0, "lambd must not be negative, is " + lambd);
                    return floating.infer(args);
                },
                POINTWISE);
        c.add("aten::log_sigmoid(Tensor self) -> Tensor", floating, POINTWISE, COMPOSITE);
        c.add("aten::prelu(Tensor self, Tensor weight) -> Tensor", ActivationOps::prelu, COMPOSITE);
    }

    private static List<TensorType> prelu(Args<TensorType> args) {
        TensorType x = args.tensor("self");
        TensorType w = args.tensor("weight");
        Accept.FLOATING.check(x.dtype(), "self");
        require(x.dtype() == w.dtype(), "dtypes differ: " + x + " and weight " + w);
        require(w.rank() <= 1, "weight should have one dimension or none, is " + w.sizes());
        if (w.numel() != 1) {
            long channels = x.rank() > 1 ? x.sizes().get(1) : 1;
            require(
                    x.rank() > 0 && w.numel() == channels,
                    "weight "
                            + w.sizes()
                            + " should have one element or one per channel, the input is "
                            + x.sizes());
        }
        return List.of(x);
    }
}
