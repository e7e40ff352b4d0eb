package org.ipex4j.compiler.decompose;

import java.util.List;
import java.util.Map;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.OpCatalog;

/**
 * {@code aten.convolution_backward} to its parts, of which a graph keeps those it uses. The
 * derivative of a transposed convolution by its input is a convolution, and by its weights that of
 * a convolution in which input and output gradient have changed places.
 */
final class ConvGradientDecompositions {
    private static final String DATA = "ipex.convolution_backward_data";
    private static final String WEIGHTS = "ipex.convolution_backward_weights";

    private ConvGradientDecompositions() {}

    static void addAll(Map<String, Decomposition> table) {
        table.put("aten.convolution_backward", ConvGradientDecompositions::backward);
        table.put(DATA, (a, e) -> otherTypes(DATA, a, e));
        table.put(WEIGHTS, (a, e) -> otherTypes(WEIGHTS, a, e));
    }

    private static List<Value> backward(Args<Value> a, Emitter e) {
        Value grad = a.tensor("grad_output");
        Value x = a.tensor("input");
        Value w = a.tensor("weight");
        int n = x.type().rank() - 2;
        long[] stride = ConvDecompositions.spread(a.integers("stride"), n);
        long[] padding = ConvDecompositions.spread(a.integers("padding"), n);
        long[] dilation = ConvDecompositions.spread(a.integers("dilation"), n);
        long groups = a.integer("groups");
        boolean transposed = a.bool("transposed");
        List<TensorType> types =
                OpCatalog.get("aten.convolution_backward").infer(a.map(Value::type));
        boolean[] wanted = mask(a);
        Value data = null;
        if (wanted[0]) {
            data =
                    transposed
                            ? e.call(
                                    "aten.convolution",
                                    grad,
                                    w,
                                    null,
                                    stride,
                                    padding,
                                    dilation,
                                    false,
                                    new long[n],
                                    groups)
                            : e.call(
                                    DATA,
                                    grad,
                                    w,
                                    x.type().sizes().toArray(),
                                    stride,
                                    padding,
                                    dilation,
                                    groups);
        }
        Value weights =
                wanted[1]
                        ? e.call(
                                WEIGHTS,
                                transposed ? x : grad,
                                transposed ? grad : x,
                                w.type().sizes().toArray(),
                                stride,
                                padding,
                                dilation,
                                groups)
                        : null;
        Value bias = null;
        if (wanted[2]) {
            long[] dims = new long[n + 1];
            for (int d = 1; d <= n; d++) {
                dims[d] = d + 1;
            }
            bias = e.sum(grad, dims, false);
        }
        return List.of(
                orZeros(data, types.get(0), e),
                orZeros(weights, types.get(1), e),
                orZeros(bias, types.get(2), e));
    }

    private static boolean[] mask(Args<Value> a) {
        List<Boolean> given = a.booleans("output_mask");
        return new boolean[] {given.get(0), given.get(1), given.get(2)};
    }

    /** What was not asked for has a value all the same; nobody reads it. */
    private static Value orZeros(Value v, TensorType type, Emitter e) {
        return v == null ? e.full(type, org.ipex4j.ir.Scalar.of(0.0)) : v;
    }

    /** 16-bit floats by way of f32; FP32 itself is the library's. Sums of nothing are zeros. */
    private static List<Value> otherTypes(String op, Args<Value> a, Emitter e) {
        Value grad = a.tensor("grad_output");
        DType type = grad.type().dtype();
        TensorType result = OpCatalog.get(op).infer(a.map(Value::type)).getFirst();
        if (result.numel() > 0 && a.allTensors().stream().anyMatch(v -> v.type().numel() == 0)) {
            return List.of(e.full(result, org.ipex4j.ir.Scalar.of(0.0)));
        }
        if (type == DType.FLOAT32) {
            return null;
        }
        if (type.isFloating() && type != DType.FLOAT64) {
            Args<Value> wide = a.map(v -> e.cast(v, DType.FLOAT32));
            return List.of(e.cast(e.emit(OpCatalog.get(op), wide).getFirst(), type));
        }
        throw new IllegalArgumentException(
                op + ": compiled for f32, f16 and bf16, got " + grad.type());
    }
}
