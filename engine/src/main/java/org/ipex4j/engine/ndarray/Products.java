package org.ipex4j.engine.ndarray;

import ai.djl.ndarray.NDArray;
import org.ipex4j.engine.autograd.Tape;
import org.ipex4j.engine.dispatch.Autocasting;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;

/** Matrix products and inverses. */
interface Products extends ArrayOps {
    /** The product of two vectors or two matrices. */
    @Override
    default NDArray dot(NDArray other) {
        int rank = self().sizes().rank();
        if (rank != other.getShape().dimension() || rank < 1 || rank > 2) {
            throw new IllegalArgumentException(
                    "NDArray.dot: two vectors or two matrices expected, got "
                            + getShape()
                            + " and "
                            + other.getShape()
                            + "; see matMul");
        }
        return call(rank == 1 ? "aten.dot" : "aten.mm", this, own(other));
    }

    @Override
    default NDArray matMul(NDArray other) {
        if (isScalar() || other.isScalar()) {
            throw new IllegalArgumentException(
                    "NDArray.matMul: scalars are not allowed: "
                            + getShape()
                            + " and "
                            + other.getShape());
        }
        return call("aten.matmul", this, own(other));
    }

    @Override
    default NDArray batchMatMul(NDArray other) {
        return call("aten.bmm", this, own(other));
    }

    @Override
    default NDArray batchDot(NDArray other) {
        return call("aten.bmm", this, own(other));
    }

    /**
     * The inverses of the matrices in the last two axes, by Gauss-Jordan elimination in FP64 on the
     * host.
     */
    @Override
    default NDArray inverse() {
        Sizes sizes = self().sizes();
        int rank = sizes.rank();
        if (rank < 2 || sizes.get(-1) != sizes.get(-2) || !self().type().dtype().isFloating()) {
            throw new IllegalArgumentException(
                    "NDArray.inverse: square matrices of a floating type expected, got "
                            + self().type());
        }
        IpexNDArray cast = Autocasting.operand("aten.inverse", self(), false, getManager());
        return closing(cast, invert(cast));
    }

    private static IpexNDArray invert(IpexNDArray x) {
        Sizes sizes = x.sizes();
        int n = Math.toIntExact(sizes.get(-1));
        double[] values = HostCopy.toDoubles(x.tensor("NDArray.inverse"));
        for (int at = 0; at < values.length; at += n * n) {
            LinearSolver.invert(values, at, n);
        }
        try (IpexNDArray doubles = x.getManager().ofDoubles(values, sizes)) {
            IpexNDArray inverse =
                    x.type().dtype() == DType.FLOAT64
                            ? (IpexNDArray) doubles.duplicate()
                            : doubles.cast(x.type().dtype());
            Tape tape = Tape.recording();
            if (tape != null && tape.tracks(x)) {
                Tape.record(
                        new IpexNDArray[] {x},
                        new IpexNDArray[] {inverse},
                        "NDArray.inverse",
                        new InverseBackward(inverse.tensor()));
            }
            return inverse;
        }
    }
}
