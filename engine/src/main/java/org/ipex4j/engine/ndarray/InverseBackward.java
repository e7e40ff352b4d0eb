package org.ipex4j.engine.ndarray;

import org.ipex4j.engine.autograd.BackwardFunction;
import org.ipex4j.engine.autograd.SavedTensor;
import org.ipex4j.engine.dispatch.TensorOps;
import org.ipex4j.runtime.Tensor;

/** Backward of a matrix inverse Y: the gradient G of Y gives -Yᵀ·G·Yᵀ. */
final class InverseBackward implements BackwardFunction {
    private final SavedTensor inverse;

    InverseBackward(Tensor inverse) {
        this.inverse = SavedTensor.of(inverse);
    }

    @Override
    public Tensor[] backward(Tensor[] grads) {
        Tensor y = inverse.get("NDArray.inverse: result");
        try (Tensor turned = TensorOps.call("aten.transpose.int", y, -2, -1);
                Tensor left = TensorOps.call("aten.matmul", turned, grads[0]);
                Tensor both = TensorOps.call("aten.matmul", left, turned)) {
            return new Tensor[] {TensorOps.call("aten.neg", both)};
        }
    }

    @Override
    public void close() {
        inverse.close();
    }
}
