package org.ipex4j.engine.ndarray;

import ai.djl.ndarray.NDArray;
import org.ipex4j.ir.Scalar;

/**
 * Elementwise methods. Arrays promote as in PyTorch. A number keeps the array's type if the array
 * is of its category or a higher one (float array and any number, integer array and {@code int} or
 * {@code long}); else the result has the number's Java type: an integer array plus {@code 0.5} is
 * FLOAT64, plus {@code 0.5f} FLOAT32.
 */
interface Elementwise extends ArrayOps {
    /**
     * Calls the {@code .Scalar} overload, or the {@code .Tensor} one where the number decides the
     * type.
     */
    private IpexNDArray withNumber(String scalarOp, String tensorOp, Number n) {
        Scalar s = Numbers.toScalar(n);
        if (s.dtype().category().compareTo(self().type().dtype().category()) <= 0) {
            return call(scalarOp, this, s);
        }
        try (IpexNDArray other = getManager().scalar(n)) {
            return call(tensorOp, this, other);
        }
    }

    private IpexNDArray inPlaceWithNumber(String scalarOp, Number n) {
        return callInPlace(scalarOp, this, Numbers.toScalar(n));
    }

    @Override
    default NDArray eq(Number n) {
        return withNumber("aten.eq.Scalar", "aten.eq.Tensor", n);
    }

    @Override
    default NDArray eq(NDArray other) {
        return call("aten.eq.Tensor", this, own(other));
    }

    @Override
    default NDArray neq(Number n) {
        return withNumber("aten.ne.Scalar", "aten.ne.Tensor", n);
    }

    @Override
    default NDArray neq(NDArray other) {
        return call("aten.ne.Tensor", this, own(other));
    }

    @Override
    default NDArray gt(Number n) {
        return withNumber("aten.gt.Scalar", "aten.gt.Tensor", n);
    }

    @Override
    default NDArray gt(NDArray other) {
        return call("aten.gt.Tensor", this, own(other));
    }

    @Override
    default NDArray gte(Number n) {
        return withNumber("aten.ge.Scalar", "aten.ge.Tensor", n);
    }

    @Override
    default NDArray gte(NDArray other) {
        return call("aten.ge.Tensor", this, own(other));
    }

    @Override
    default NDArray lt(Number n) {
        return withNumber("aten.lt.Scalar", "aten.lt.Tensor", n);
    }

    @Override
    default NDArray lt(NDArray other) {
        return call("aten.lt.Tensor", this, own(other));
    }

    @Override
    default NDArray lte(Number n) {
        return withNumber("aten.le.Scalar", "aten.le.Tensor", n);
    }

    @Override
    default NDArray lte(NDArray other) {
        return call("aten.le.Tensor", this, own(other));
    }

    @Override
    default NDArray add(Number n) {
        return withNumber("aten.add.Scalar", "aten.add.Tensor", n);
    }

    @Override
    default NDArray add(NDArray other) {
        return call("aten.add.Tensor", this, own(other));
    }

    @Override
    default NDArray sub(Number n) {
        return withNumber("aten.sub.Scalar", "aten.sub.Tensor", n);
    }

    @Override
    default NDArray sub(NDArray other) {
        return call("aten.sub.Tensor", this, own(other));
    }

    @Override
    default NDArray mul(Number n) {
        return withNumber("aten.mul.Scalar", "aten.mul.Tensor", n);
    }

    @Override
    default NDArray mul(NDArray other) {
        return call("aten.mul.Tensor", this, own(other));
    }

    @Override
    default NDArray div(Number n) {
        return withNumber("aten.div.Scalar", "aten.div.Tensor", n);
    }

    @Override
    default NDArray div(NDArray other) {
        return call("aten.div.Tensor", this, own(other));
    }

    @Override
    default NDArray mod(Number n) {
        return withNumber("aten.remainder.Scalar", "aten.remainder.Tensor", n);
    }

    @Override
    default NDArray mod(NDArray other) {
        return call("aten.remainder.Tensor", this, own(other));
    }

    @Override
    default NDArray pow(Number n) {
        return withNumber("aten.pow.Tensor_Scalar", "aten.pow.Tensor_Tensor", n);
    }

    @Override
    default NDArray pow(NDArray other) {
        return call("aten.pow.Tensor_Tensor", this, own(other));
    }

    @Override
    default NDArray xlogy(NDArray other) {
        if (isScalar() || other.isScalar()) {
            throw new IllegalArgumentException(
                    "NDArray.xlogy: scalars are not allowed: "
                            + getShape()
                            + " and "
                            + other.getShape());
        }
        return call("aten.xlogy.Tensor", this, own(other));
    }

    @Override
    default NDArray addi(Number n) {
        return inPlaceWithNumber("aten.add.Scalar", n);
    }

    @Override
    default NDArray addi(NDArray other) {
        return callInPlace("aten.add.Tensor", this, own(other));
    }

    @Override
    default NDArray subi(Number n) {
        return inPlaceWithNumber("aten.sub.Scalar", n);
    }

    @Override
    default NDArray subi(NDArray other) {
        return callInPlace("aten.sub.Tensor", this, own(other));
    }

    @Override
    default NDArray muli(Number n) {
        return inPlaceWithNumber("aten.mul.Scalar", n);
    }

    @Override
    default NDArray muli(NDArray other) {
        return callInPlace("aten.mul.Tensor", this, own(other));
    }

    @Override
    default NDArray divi(Number n) {
        return inPlaceWithNumber("aten.div.Scalar", n);
    }

    @Override
    default NDArray divi(NDArray other) {
        return callInPlace("aten.div.Tensor", this, own(other));
    }

    @Override
    default NDArray modi(Number n) {
        return inPlaceWithNumber("aten.remainder.Scalar", n);
    }

    @Override
    default NDArray modi(NDArray other) {
        return callInPlace("aten.remainder.Tensor", this, own(other));
    }

    @Override
    default NDArray powi(Number n) {
        return inPlaceWithNumber("aten.pow.Tensor_Scalar", n);
    }

    @Override
    default NDArray powi(NDArray other) {
        return callInPlace("aten.pow.Tensor_Tensor", this, own(other));
    }

    @Override
    default NDArray sign() {
        return call("aten.sign", this);
    }

    @Override
    default NDArray signi() {
        return callInPlace("aten.sign", this);
    }

    @Override
    default NDArray maximum(Number n) {
        try (IpexNDArray other = getManager().scalar(n)) {
            return call("aten.maximum", this, other);
        }
    }

    @Override
    default NDArray maximum(NDArray other) {
        return call("aten.maximum", this, own(other));
    }

    @Override
    default NDArray minimum(Number n) {
        try (IpexNDArray other = getManager().scalar(n)) {
            return call("aten.minimum", this, other);
        }
    }

    @Override
    default NDArray minimum(NDArray other) {
        return call("aten.minimum", this, own(other));
    }

    @Override
    default NDArray clip(Number min, Number max) {
        return call("aten.clamp", this, Numbers.toScalar(min), Numbers.toScalar(max));
    }

    @Override
    default NDArray neg() {
        return call("aten.neg", this);
    }

    @Override
    default NDArray negi() {
        return callInPlace("aten.neg", this);
    }

    @Override
    default NDArray abs() {
        return call("aten.abs", this);
    }

    @Override
    default NDArray square() {
        return call("aten.mul.Tensor", this, this);
    }

    @Override
    default NDArray sqrt() {
        return call("aten.sqrt", this);
    }

    /** The real cube root, of negative numbers too. */
    @Override
    default NDArray cbrt() {
        try (NDArray sign = sign();
                NDArray magnitude = abs();
                NDArray root = magnitude.pow(1.0 / 3)) {
            return root.mul(sign);
        }
    }

    @Override
    default NDArray floor() {
        return call("aten.floor", this);
    }

    @Override
    default NDArray ceil() {
        return call("aten.ceil", this);
    }

    /** Rounds to the nearest integer, halves to even, as PyTorch does. */
    @Override
    default NDArray round() {
        return call("aten.round", this);
    }

    @Override
    default NDArray trunc() {
        return call("aten.trunc", this);
    }

    @Override
    default NDArray exp() {
        return call("aten.exp", this);
    }

    @Override
    default NDArray gammaln() {
        return call("aten.lgamma", this);
    }

    @Override
    default NDArray log() {
        return call("aten.log", this);
    }

    @Override
    default NDArray log10() {
        return call("aten.log10", this);
    }

    @Override
    default NDArray log2() {
        return call("aten.log2", this);
    }

    @Override
    default NDArray sin() {
        return call("aten.sin", this);
    }

    @Override
    default NDArray cos() {
        return call("aten.cos", this);
    }

    @Override
    default NDArray tan() {
        return call("aten.tan", this);
    }

    @Override
    default NDArray asin() {
        return call("aten.asin", this);
    }

    @Override
    default NDArray acos() {
        return call("aten.acos", this);
    }

    @Override
    default NDArray atan() {
        return call("aten.atan", this);
    }

    @Override
    default NDArray atan2(NDArray other) {
        return call("aten.atan2", this, own(other));
    }

    @Override
    default NDArray sinh() {
        return call("aten.sinh", this);
    }

    @Override
    default NDArray cosh() {
        return call("aten.cosh", this);
    }

    @Override
    default NDArray tanh() {
        return call("aten.tanh", this);
    }

    @Override
    default NDArray asinh() {
        return call("aten.asinh", this);
    }

    @Override
    default NDArray acosh() {
        return call("aten.acosh", this);
    }

    @Override
    default NDArray atanh() {
        return call("aten.atanh", this);
    }

    @Override
    default NDArray erf() {
        return call("aten.erf", this);
    }

    @Override
    default NDArray erfinv() {
        return call("aten.erfinv", this);
    }

    @Override
    default NDArray toDegrees() {
        return mul(180.0 / Math.PI);
    }

    @Override
    default NDArray toRadians() {
        return mul(Math.PI / 180.0);
    }

    @Override
    default NDArray isInfinite() {
        return call("aten.isinf", this);
    }

    @Override
    default NDArray isNaN() {
        return call("aten.isnan", this);
    }

    @Override
    default NDArray logicalAnd(NDArray other) {
        return call("aten.logical_and", this, own(other));
    }

    @Override
    default NDArray logicalOr(NDArray other) {
        return call("aten.logical_or", this, own(other));
    }

    @Override
    default NDArray logicalXor(NDArray other) {
        return call("aten.logical_xor", this, own(other));
    }

    @Override
    default NDArray logicalNot() {
        return call("aten.logical_not", this);
    }
}
