package org.ipex4j.engine.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.core.Linear;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Weights of eager layers are packed once; what counts is that nobody can tell. */
class PackedWeightsTest {
    private final NDManager manager = NDManager.newBaseManager("IPEX");

    @AfterEach
    void close() {
        manager.close();
    }

    private NDArray noise(long... sizes) {
        return manager.randomNormal(0, 1, new Shape(sizes), DataType.FLOAT32);
    }

    private static float[] convolve(NDArray x, NDArray w) {
        Shape one = new Shape(1, 1);
        return x.getNDArrayInternal()
                .convolution(x, w, null, one, new Shape(0, 0), one, 1)
                .singletonOrThrow()
                .toFloatArray();
    }

    /** A convolution by 1x1 is a matrix product over channels. */
    private static float[] product(NDArray x, NDArray w) {
        long channels = x.getShape().get(1);
        NDArray matrix = w.reshape(w.getShape().get(0), channels);
        return matrix.matMul(x.reshape(channels, -1)).toFloatArray();
    }

    private static void close(float[] got, float[] wanted) {
        assertThat(got).hasSameSizeAs(wanted);
        for (int i = 0; i < got.length; i++) {
            assertThat(got[i]).isCloseTo(wanted[i], Offset.offset(1e-3f));
        }
    }

    @Test
    void layersOfOneSizeKeepTheirOwnWeights() {
        NDArray x = noise(1, 48, 9, 9);
        List<NDArray> weights = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            weights.add(noise(32, 48, 1, 1));
        }
        for (int round = 0; round < 3; round++) {
            for (NDArray w : weights) {
                close(convolve(x, w), product(x, w));
            }
        }
    }

    @Test
    void writtenWeightsArePackedAnew() {
        NDArray x = noise(1, 32, 7, 7);
        NDArray w = noise(32, 32, 1, 1);
        close(convolve(x, w), product(x, w));
        w.muli(-2);
        close(convolve(x, w), product(x, w));
        w.get("3:7").addi(1);
        close(convolve(x, w), product(x, w));
        w.set(new float[32 * 32]);
        assertThat(convolve(x, w)).containsOnly(0f);
    }

    @Test
    void aViewsPlaceInItsMemoryCounts() {
        NDArray x = noise(1, 16, 5, 5);
        NDArray both = noise(2, 32, 16, 1, 1);
        NDArray first = both.get(0);
        NDArray second = both.get(1);
        close(convolve(x, first), product(x, first));
        close(convolve(x, second), product(x, second));
        close(convolve(x, first), product(x, first));
    }

    @Test
    void theSameArrayAsInputAndWeight() {
        NDArray both = noise(33, 33);
        float[] got = Linear.linear(both, both).singletonOrThrow().toFloatArray();
        close(got, both.matMul(both.transpose()).toFloatArray());
        both.addi(1);
        got = Linear.linear(both, both).singletonOrThrow().toFloatArray();
        close(got, both.matMul(both.transpose()).toFloatArray());
    }

    @Test
    void closedWeightsLeaveNothingBehind() {
        NDArray x = noise(4, 512);
        long before = held();
        for (int i = 0; i < 40; i++) {
            try (NDArray w = noise(64, 512);
                    NDList y = Linear.linear(x, w)) {
                assertThat(y.singletonOrThrow().getShape()).isEqualTo(new Shape(4, 64));
            }
        }
        // The last one's are dropped when the next are packed.
        assertThat(held() - before).isLessThan(4L * 64 * 512 * 4);
    }

    private static long held() {
        return org.ipex4j.runtime.Runtime.instance().pool().statistics().liveBytes();
    }
}
