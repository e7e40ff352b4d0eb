package org.ipex4j.engine.ndarray;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDUtils;
import ai.djl.ndarray.index.NDArrayIndexer;
import java.util.ArrayList;
import java.util.List;
import org.ipex4j.ir.DType;

/** The methods that DJL's blocks call on arrays, grouped by role into interfaces. */
final class IpexNDArrayEx implements ActivationsEx, LayersEx, ImagesEx, DetectionEx, UpdatesEx {
    private final IpexNDArray array;

    IpexNDArrayEx(IpexNDArray array) {
        this.array = array;
    }

    @Override
    public IpexNDArray getArray() {
        return array;
    }

    @Override
    public NDArrayIndexer getIndexer(NDManager manager) {
        return new IpexIndexer(IpexNDManager.of(manager));
    }

    /** This array's elements where the condition holds, {@code other}'s elsewhere, broadcast. */
    @Override
    public NDArray where(NDArray condition, NDArray other) {
        IpexNDArray mask = array.own(condition).cast(DType.BOOL);
        IpexNDArray result = array.call("aten.where.self", mask, array, array.own(other));
        if (mask != condition) {
            mask.close();
        }
        return result;
    }

    @Override
    public NDArray stack(NDList arrays, int axis) {
        return array.call("aten.stack", all(arrays), axis);
    }

    @Override
    public NDArray concat(NDList arrays, int axis) {
        NDUtils.checkConcatInput(arrays);
        return array.call("aten.cat", all(arrays), axis);
    }

    private List<IpexNDArray> all(NDList others) {
        List<IpexNDArray> all = new ArrayList<>(others.size() + 1);
        all.add(array);
        for (NDArray other : others) {
            all.add(array.own(other));
        }
        return all;
    }
}
