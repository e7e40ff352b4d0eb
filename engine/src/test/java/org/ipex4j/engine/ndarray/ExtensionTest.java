package org.ipex4j.engine.ndarray;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.modality.cv.util.NDImageUtils;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.internal.NDArrayEx;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.Activation;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Expected numbers are PyTorch's. */
class ExtensionTest extends ArrayTest {
    private static NDArrayEx ex(NDArray a) {
        return a.getNDArrayInternal();
    }

    @Test
    void activations() {
        NDArray a = f(-2, -0.5, 0, 1.5);
        same(Activation.relu(a), 0, 0, 0, 1.5);
        same(Activation.sigmoid(a), 0.1192029220, 0.3775406688, 0.5, 0.8175744762);
        same(Activation.tanh(a), -0.9640275801, -0.4621171573, 0, 0.9051482536);
        same(Activation.softPlus(a), 0.1269280110, 0.4740769842, 0.6931471806, 1.7014132779);
        same(Activation.softSign(a), -0.6666666667, -0.3333333333, 0, 0.6);
        same(Activation.leakyRelu(a, 0.1f), -0.2, -0.05, 0, 1.5);
        same(Activation.elu(a, 1), -0.8646647168, -0.3934693403, 0, 1.5);
        same(Activation.selu(a), -1.5201664686, -0.6917583026, 0, 1.5760515309);
        same(Activation.gelu(a), -0.0455002639, -0.1542687694, 0, 1.3997891981);
        same(Activation.swish(a, 1), -0.2384058440, -0.1887703344, 0, 1.2263617143);
        same(
                Activation.swish(a, 2),
                -2 / (1 + Math.exp(4)),
                -0.5 / (1 + Math.E),
                0,
                1.5 / (1 + Math.exp(-3)));
        same(Activation.mish(f(1)), Math.tanh(Math.log(1 + Math.E) / Math.log(2)));
        same(ex(a).prelu(a, f(0.25)).singletonOrThrow(), -0.5, -0.125, 0, 1.5);
    }

    @Test
    void exchangedOperators() {
        same(ex(f(2, 4)).rdiv(8), 4, 2);
        same(ex(f(2, 4)).rsub(10), 8, 6);
        same(ex(f(2, 4)).rmod(7), 1, 3);
        same(ex(f(2, 4)).rpow(2), 4, 16);
        NDArray a = f(2, 4);
        assertThat(ex(a).rdivi(8)).isSameAs(a);
        same(a, 4, 2);
        same(ex(a).rsubi(10), 6, 8);
        same(ex(a).rmodi(20), 2, 4);
        same(ex(a).rpowi(3), 9, 81);
        same(NDArrays.sub(1, f(3, 4)), -2, -3);
        same(NDArrays.div(f(6), f(3)), 2);
    }

    @Test
    void pools() {
        NDArray a = iota(1, 1, 4, 4);
        same(ex(a).maxPool(s(2, 2), s(2, 2), s(0, 0), false), s(1, 1, 2, 2), 5, 7, 13, 15);
        same(
                ex(a).avgPool(s(2, 2), s(2, 2), s(0, 0), false, true),
                s(1, 1, 2, 2),
                2.5,
                4.5,
                10.5,
                12.5);
        same(
                ex(a).avgPool(s(3, 3), s(3, 3), s(1, 1), false, false),
                s(1, 1, 2, 2),
                2.5,
                4.5,
                10.5,
                12.5);
        same(
                ex(a).avgPool(s(3, 3), s(3, 3), s(1, 1), false, true),
                s(1, 1, 2, 2),
                10 / 9.0,
                2,
                14 / 3.0,
                50 / 9.0);
    }

    @Test
    void globalPools() {
        NDArray a = iota(1, 2, 2, 2);
        same(ex(a).globalMaxPool(), s(1, 2), 3, 7);
        same(ex(a).globalAvgPool(), s(1, 2), 1.5, 5.5);
        same(ex(a).globalLpPool(2), s(1, 2), Math.sqrt(14), Math.sqrt(126));
        same(ex(a).lpPool(1, s(2, 2), s(2, 2), s(0, 0), false), s(1, 2, 1, 1), 6, 22);
        same(ex(iota(1, 1, 3)).globalAvgPool(), s(1, 1), 1);
        same(ex(iota(1, 1, 4)).maxPool(s(2), s(1), s(0), false), s(1, 1, 3), 1, 2, 3);
        assertThatThrownBy(() -> ex(iota(2, 2)).globalAvgPool())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("(2, 2)");
    }

    @Test
    void convolutions() {
        NDArray x = iota(1, 1, 3, 3);
        NDArray w = m.ones(s(1, 1, 2, 2));
        same(
                ex(x).convolution(x, w, null, s(1, 1), s(0, 0), s(1, 1), 1).singletonOrThrow(),
                s(1, 1, 2, 2),
                8,
                12,
                20,
                24);
        same(
                ex(x).convolution(x, w, f(100), s(2, 2), s(1, 1), s(1, 1), 1).singletonOrThrow(),
                s(1, 1, 2, 2),
                100,
                103,
                109,
                124);
        NDArray y = iota(1, 1, 2, 2);
        same(
                ex(y).deconvolution(y, w, null, s(2, 2), s(0, 0), s(0, 0), s(1, 1), 1)
                        .singletonOrThrow(),
                s(1, 1, 4, 4),
                0,
                0,
                1,
                1,
                0,
                0,
                1,
                1,
                2,
                2,
                3,
                3,
                2,
                2,
                3,
                3);
        NDArray sequence = iota(1, 2, 4);
        same(
                ex(sequence)
                        .convolution(sequence, m.ones(s(2, 1, 2)), null, s(1), s(0), s(1), 2)
                        .singletonOrThrow(),
                s(1, 2, 3),
                1,
                3,
                5,
                9,
                11,
                13);
        assertThatThrownBy(
                        () ->
                                ex(x).convolution(
                                                x,
                                                m.ones(s(1, 2, 2, 2)),
                                                null,
                                                s(1, 1),
                                                s(0, 0),
                                                s(1, 1),
                                                1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("aten.convolution");
    }

    @Test
    void linearEmbeddingDropout() {
        NDArray x = f(s(1, 2), 1, 2);
        same(
                ex(x).linear(x, f(s(3, 2), 1, 0, 0, 1, 1, 1), f(10, 20, 30)).singletonOrThrow(),
                s(1, 3),
                11,
                22,
                33);
        same(ex(x).linear(x, f(s(1, 2), 1, 1), null).singletonOrThrow(), s(1, 1), 3);
        NDArray table = iota(3, 2);
        same(
                ex(table).embedding(f(2, 0), table, SparseFormat.DENSE).singletonOrThrow(),
                s(2, 2),
                4,
                5,
                0,
                1);
        same(ex(x).dropout(x, 0.5f, false).singletonOrThrow(), s(1, 2), 1, 2);
        NDArray big = m.ones(s(10_000));
        float[] dropped = ex(big).dropout(big, 0.25f, true).singletonOrThrow().toFloatArray();
        long kept = 0;
        for (float v : dropped) {
            assertThat(v == 0 || Math.abs(v - 4 / 3f) < 1e-6).isTrue();
            kept += v != 0 ? 1 : 0;
        }
        assertThat(kept).isBetween(7300L, 7700L);
    }

    @Test
    void norms() {
        NDArray x = f(s(2, 2), 1, 3, 2, 6);
        same(
                ex(x).layerNorm(x, s(2), f(1, 1), f(0, 1), 0).singletonOrThrow(),
                s(2, 2),
                -1,
                2,
                -1,
                2);
        NDArray mean = f(1, 2);
        NDArray var = f(4, 9);
        same(
                ex(x).batchNorm(x, mean, var, f(1, 2), f(0, 1), 1, 0.9f, 0, false)
                        .singletonOrThrow(),
                s(2, 2),
                0,
                1 + 2 / 3.0,
                0.5,
                1 + 8 / 3.0);
        NDArray trained =
                ex(x).batchNorm(x, mean, var, f(1, 1), f(0, 0), -1, 0.9f, 0, true)
                        .singletonOrThrow();
        same(trained, s(2, 2), -1, -1, 1, 1);
        same(mean, 0.9 + 0.1 * 1.5, 1.8 + 0.1 * 4.5);
        same(var, 3.6 + 0.1 * 0.5, 8.1 + 0.1 * 4.5);
        NDArray last = iota(1, 1, 2, 2);
        same(
                ex(last).batchNorm(last, f(0, 1), f(1, 1), f(1, 1), f(0, 0), 3, 0.9f, 0, false)
                        .singletonOrThrow(),
                s(1, 1, 2, 2),
                0,
                0,
                2,
                2);
    }

    @Test
    void images() {
        NDArray image = iota(2, 2, 3).toType(DataType.UINT8, false);
        NDArray tensor = NDImageUtils.toTensor(image);
        assertThat(tensor.getDataType()).isEqualTo(DataType.FLOAT32);
        assertThat(tensor.getShape()).isEqualTo(s(3, 2, 2));
        assertThat(tensor.getFloat(2, 1, 0)).isEqualTo(8 / 255f);
        same(
                NDImageUtils.normalize(
                        m.ones(s(3, 1, 1)), new float[] {0, 0.5f, 1}, new float[] {1, 0.5f, 2}),
                s(3, 1, 1),
                1,
                1,
                0);
        NDArray grown = NDImageUtils.resize(image, 4, 2);
        assertThat(grown.getShape()).isEqualTo(s(2, 4, 3));
        assertThat(grown.getDataType()).isEqualTo(DataType.UINT8);
        NDArray row = f(s(1, 2, 1), 0, 4);
        same(ex(row).resize(4, 1, 1), s(1, 4, 1), 0, 1, 3, 4);
        same(ex(row).resize(4, 1, 0), s(1, 4, 1), 0, 0, 4, 4);
        same(ex(iota(2, 2, 1)).resize(1, 1, 2), s(1, 1, 1), 1.5);
        assertThatThrownBy(() -> ex(row).resize(4, 1, 3))
                .isInstanceOf(UnsupportedOperationException.class);
        assertThat(NDImageUtils.centerCrop(iota(4, 4, 1), 2, 2).toFloatArray())
                .containsExactly(5, 6, 9, 10);
        same(ex(iota(1, 1, 2)).interpolation(new long[] {4}, 0, false), s(1, 1, 4), 0, 0, 1, 1);
        NDArray flipped = ex(iota(1, 2, 1)).randomFlipLeftRight();
        assertThat(flipped.toFloatArray())
                .satisfiesAnyOf(
                        v -> assertThat(v).containsExactly(0, 1),
                        v -> assertThat(v).containsExactly(1, 0));
    }

    @Test
    void detection() {
        NDList prior =
                ex(m.zeros(s(1, 1, 1, 2)))
                        .multiBoxPrior(
                                List.of(0.5f),
                                List.of(1f, 4f),
                                List.of(-1f, -1f),
                                List.of(0.5f, 0.5f),
                                false);
        same(
                prior.singletonOrThrow().get(0),
                s(4, 4),
                0.125,
                0.25,
                0.375,
                0.75,
                0,
                0.375,
                0.5,
                0.625,
                0.625,
                0.25,
                0.875,
                0.75,
                0.5,
                0.375,
                1,
                0.625);
        NDArray anchors = f(s(1, 3, 4), 0, 0, 1, 1, 0, 0, 1, 0.9, 0, 0, 0.1, 0.1);
        NDArray scores = f(s(1, 2, 3), 0.1, 0.2, 0.9, 0.9, 0.8, 0.1);
        NDArray found =
                ex(scores)
                        .multiBoxDetection(
                                new NDList(scores, m.zeros(s(1, 12)), anchors),
                                true,
                                0.5f,
                                0,
                                0.5f,
                                false,
                                -1)
                        .singletonOrThrow();
        assertThat(found.getShape()).isEqualTo(s(1, 3, 6));
        same(found.get(0, 0), 0, 0.9, 0, 0, 1, 1);
        assertThat(found.getFloat(0, 1, 0)).isEqualTo(-1);
        assertThat(found.getFloat(0, 2, 0)).isEqualTo(-1);
    }
}
