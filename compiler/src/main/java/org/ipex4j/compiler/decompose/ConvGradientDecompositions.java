package org.ipex4j.compiler.decompose;

import java.util.List;
import java.util.Map;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
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
        Value met = transposed ? met(grad, x, w, stride, padding, dilation, e) : grad;
        Value data = null;
        if (wanted[0]) {
            data =
                    transposed
                            ? e.call(
                                    "aten.convolution",
                                    met,
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
                                transposed ? met : x,
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

    /**
     * The part of a transposed convolution's gradient that its windows meet. Output padding of a
     * stride or more, which dilation allows, has room for further windows beyond.
     */
    private static Value met(
            Value grad,
            Value x,
            Value w,
            long[] stride,
            long[] padding,
            long[] dilation,
            Emitter e) {
        Value part = grad;
        for (int d = 0; d < stride.length; d++) {
            long reach = dilation[d] * (w.type().sizes().get(2 + d) - 1);
            long size = (x.type().sizes().get(2 + d) - 1) * stride[d] + reach + 1 - 2 * padding[d];
            if (grad.type().sizes().get(2 + d) >= size + stride[d]) {
                part = e.call("aten.slice.Tensor", part, 2L + d, 0L, size, 1L);
            }
        }
        return part;
    }

    private static boolean[] mask(Args<Value> a) {
        List<Boolean> given = a.booleans("output_mask");
        return new boolean[] {given.get(0), given.get(1), given.get(2)};
    }

    /** What was not asked for has a value all the same; nobody reads it. */
    private static Value orZeros(Value v, TensorType type, Emitter e) {
        return v == null ? e.full(type, org.ipex4j.ir.Scalar.of(0.0)) : v;
    }

    /**
     * 16-bit floats that the library has not by way of f32, f64 by generated kernels; the library's
     * types stay. Sums of nothing are zeros.
     */
    private static List<Value> otherTypes(String op, Args<Value> a, Emitter e) {
        Value grad = a.tensor("grad_output");
        DType type = grad.type().dtype();
        TensorType result = OpCatalog.get(op).infer(a.map(Value::type)).getFirst();
        if (result.numel() > 0 && a.allTensors().stream().anyMatch(v -> v.type().numel() == 0)) {
            return List.of(e.full(result, org.ipex4j.ir.Scalar.of(0.0)));
        }
        if (e.libraryHas(type)) {
            return null;
        }
        if (type.isFloating() && type != DType.FLOAT64) {
            Args<Value> wide = a.map(v -> e.cast(v, DType.FLOAT32));
            return List.of(e.cast(e.emit(OpCatalog.get(op), wide).getFirst(), type));
        }
        return List.of(op.equals(DATA) ? dataByConvolution(a, e) : weightsByWindows(a, e));
    }

    /**
     * The gradient of the input is a convolution of the output's gradient, with zeros between its
     * elements for a stride, by the weights turned round.
     */
    private static Value dataByConvolution(Args<Value> a, Emitter e) {
        Value grad = a.tensor("grad_output");
        Sizes weight = a.tensor("weight").type().sizes();
        long[] input = a.integers("input_size");
        long[] stride = a.integers("stride");
        long[] padding = a.integers("padding");
        long[] dilation = a.integers("dilation");
        int n = stride.length;
        long groups = a.integer("groups");
        Value spread = grad;
        long[] pads = new long[2 * n];
        long[] ones = new long[n];
        for (int d = 0; d < n; d++) {
            spread = spread(spread, 2 + d, stride[d], e);
            long reach = dilation[d] * (weight.get(2 + d) - 1);
            long begin = reach - padding[d];
            long size = spread.type().sizes().get(2 + d);
            pads[2 * (n - 1 - d)] = begin;
            pads[2 * (n - 1 - d) + 1] = input[2 + d] + reach - begin - size;
            ones[d] = 1;
        }
        return e.call(
                "aten.convolution",
                e.call("aten.constant_pad_nd", spread, pads, 0.0),
                turned(a.tensor("weight"), groups, n, e),
                null,
                ones,
                new long[n],
                dilation,
                false,
                new long[n],
                groups);
    }

    /** Zeros between the elements along a dimension, so that they lie {@code step} apart. */
    private static Value spread(Value x, int dim, long step, Emitter e) {
        if (step == 1) {
            return x;
        }
        long size = x.type().sizes().get(dim);
        int rank = x.type().rank();
        long[] pads = new long[2 * (rank - dim)];
        pads[2 * (rank - dim) - 1] = step - 1; // the last pair is of the new dimension
        Value padded = e.call("aten.constant_pad_nd", e.unsqueeze(x, dim + 1), pads, 0.0);
        long[] joined = x.type().sizes().toArray();
        joined[dim] = size * step;
        return e.call(
                "aten.slice.Tensor",
                e.view(padded, joined),
                (long) dim,
                0L,
                (size - 1) * step + 1,
                1L);
    }

    /** [out, in / groups, k…] to [in, out / groups, k…], windows mirrored. */
    private static Value turned(Value w, long groups, int n, Emitter e) {
        long[] s = w.type().sizes().toArray();
        long[] split = new long[n + 3];
        split[0] = groups;
        split[1] = s[0] / groups;
        System.arraycopy(s, 1, split, 2, n + 1);
        Value swapped = e.transpose(e.view(w, split), 1, 2);
        long[] sizes = s.clone();
        sizes[0] = s[1] * groups;
        sizes[1] = s[0] / groups;
        long[] spatial = new long[n];
        for (int d = 0; d < n; d++) {
            spatial[d] = 2 + d;
        }
        return e.call("aten.flip", e.call("aten.reshape", swapped, sizes), spatial);
    }

    /** Products of all windows with the gradient, summed over images and positions. */
    private static Value weightsByWindows(Args<Value> a, Emitter e) {
        Value grad = a.tensor("grad_output");
        long[] weight = a.integers("weight_size");
        int n = weight.length - 2;
        long groups = a.integer("groups");
        Value windows =
                ConvDecompositions.windows(
                        e,
                        a.tensor("input"),
                        grad.type().sizes(),
                        Sizes.of(weight),
                        a.integers("stride"),
                        a.integers("padding"),
                        a.integers("dilation"),
                        groups);
        long[] gradient = new long[4 + 2 * n];
        long[] summed = new long[1 + n];
        java.util.Arrays.fill(gradient, 1);
        gradient[0] = grad.type().sizes().get(0);
        gradient[1] = groups;
        gradient[2] = weight[0] / groups;
        for (int d = 0; d < n; d++) {
            gradient[4 + d] = grad.type().sizes().get(2 + d);
            summed[1 + d] = 4 + d;
        }
        Value products = e.mul(windows, e.view(grad, gradient));
        return e.view(e.sum(products, summed, false), weight);
    }
}
