package org.ipex4j.engine.ndarray;

import ai.djl.ndarray.NDArray;
import org.ipex4j.ir.Scalar;

/** Activations, and arithmetic with the operands exchanged. */
interface ActivationsEx extends ExOps {
    @Override
    default NDArray rdiv(Number n) {
        try (IpexNDArray number = typed(n)) {
            return call("aten.div.Tensor", number, getArray());
        }
    }

    /** The number as a scalar of the array's type, as DJL defines the exchanged operators. */
    private IpexNDArray typed(Number n) {
        IpexNDArray scalar = getArray().getManager().scalar(n);
        IpexNDArray cast = scalar.cast(getArray().type().dtype());
        if (cast != scalar) {
            scalar.close();
        }
        return cast;
    }

    @Override
    default NDArray rdivi(Number n) {
        try (IpexNDArray number = typed(n)) {
            return rdivi(number);
        }
    }

    @Override
    default NDArray rdivi(NDArray b) {
        return getArray().callInPlace("aten.div.Tensor", getArray().own(b), getArray());
    }

    @Override
    default NDArray rsub(Number n) {
        try (NDArray difference = getArray().sub(n)) {
            return difference.neg();
        }
    }

    @Override
    default NDArray rmod(Number n) {
        try (IpexNDArray number = typed(n)) {
            return call("aten.remainder.Tensor", number, getArray());
        }
    }

    @Override
    default NDArray rmodi(Number n) {
        try (IpexNDArray number = typed(n)) {
            return rmodi(number);
        }
    }

    @Override
    default NDArray rmodi(NDArray b) {
        return getArray().callInPlace("aten.remainder.Tensor", getArray().own(b), getArray());
    }

    @Override
    default NDArray rpow(Number n) {
        try (IpexNDArray number = typed(n)) {
            return call("aten.pow.Tensor_Tensor", number, getArray());
        }
    }

    @Override
    default NDArray rpowi(Number n) {
        try (IpexNDArray number = typed(n)) {
            return getArray().callInPlace("aten.pow.Tensor_Tensor", number, getArray());
        }
    }

    @Override
    default NDArray relu() {
        return call("aten.relu", getArray());
    }

    @Override
    default NDArray sigmoid() {
        return call("aten.sigmoid", getArray());
    }

    @Override
    default NDArray tanh() {
        return call("aten.tanh", getArray());
    }

    @Override
    default NDArray softPlus() {
        return call("aten.softplus", getArray());
    }

    @Override
    default NDArray softSign() {
        try (NDArray magnitude = getArray().abs();
                NDArray divisor = magnitude.add(1)) {
            return getArray().div(divisor);
        }
    }

    @Override
    default NDArray leakyRelu(float alpha) {
        return call("aten.leaky_relu", getArray(), Scalar.of((double) alpha));
    }

    @Override
    default NDArray elu(float alpha) {
        return call("aten.elu", getArray(), Scalar.of((double) alpha));
    }

    @Override
    default NDArray selu() {
        return call("aten.selu", getArray());
    }

    @Override
    default NDArray gelu() {
        return call("aten.gelu", getArray());
    }

    @Override
    default NDArray swish(float beta) {
        if (beta == 1) {
            return call("aten.silu", getArray());
        }
        try (NDArray scaled = getArray().mul(beta);
                NDArray gate = scaled.getNDArrayInternal().sigmoid()) {
            return getArray().mul(gate);
        }
    }

    /** DJL's own formula, which has the binary logarithm where the paper has the natural one. */
    @Override
    default NDArray mish() {
        try (NDArray exp = getArray().exp();
                NDArray one = exp.add(1);
                NDArray log = one.log2();
                NDArray tanh = log.tanh()) {
            return tanh.mul(getArray());
        }
    }
}
