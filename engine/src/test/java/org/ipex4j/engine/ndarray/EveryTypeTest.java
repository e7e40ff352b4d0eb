package org.ipex4j.engine.ndarray;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The main methods on every type that has them, and on empty arrays. */
class EveryTypeTest extends ArrayTest {
    @ParameterizedTest
    @EnumSource(
            names = {
                "FLOAT32",
                "FLOAT64",
                "FLOAT16",
                "BFLOAT16",
                "UINT8",
                "INT8",
                "INT16",
                "INT32",
                "INT64"
            })
    void numeric(DataType type) {
        NDArray a = iota(2, 3).toType(type, false);
        NDArray w = iota(3, 2).toType(type, false);
        same(a.add(a), s(2, 3), 0, 2, 4, 6, 8, 10);
        same(a.add(1), s(2, 3), 1, 2, 3, 4, 5, 6);
        assertThat(a.add(1).getDataType()).isEqualTo(type);
        same(a.matMul(w), s(2, 2), 10, 13, 28, 40);
        assertThat(a.matMul(w).getDataType()).isEqualTo(type);
        same(a.max(new int[] {1}), 2, 5);
        same(a.sum(), s(), 15);
        same(a.cumSum(1), s(2, 3), 0, 1, 3, 3, 7, 12);
        same(a.sort(1), s(2, 3), 0, 1, 2, 3, 4, 5);
        same(a.topK(1, 1).get(0), s(2, 1), 2, 5);
        assertThat(a.argMax(1).toLongArray()).containsExactly(2, 2);
        same(a.get(l(1)), s(1, 3), 3, 4, 5);
        same(a.get(a.gt(3)), 4, 5);
        same(a.concat(a, 1), s(2, 6), 0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5);
        same(a.transpose().flatten(), 0, 3, 1, 4, 2, 5);
        same(a.clip(1, 4), s(2, 3), 1, 1, 2, 3, 4, 4);
        same(a.pad(new Shape(1, 1), 7), s(2, 5), 7, 0, 1, 2, 7, 7, 3, 4, 5, 7);
        a.get(":, 1").addi(2);
        same(a, s(2, 3), 0, 3, 2, 3, 6, 5);
        same(
                a.scatter(m.create(new long[] {0, 1}, s(2, 1)), w.get("2:, :").reshape(2, 1), 1),
                s(2, 3),
                4,
                3,
                2,
                3,
                5,
                5);
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "FLOAT64", "FLOAT16", "BFLOAT16"})
    void floating(DataType type) {
        NDArray a = f(s(2, 2), 0, 0, 1, 1).toType(type, false);
        same(a.softmax(-1), s(2, 2), 0.5, 0.5, 0.5, 0.5);
        same(a.mean(), s(), 0.5);
        same(a.exp().log(), s(2, 2), 0, 0, 1, 1);
        same(
                a.norm(),
                s(),
                type == DataType.BFLOAT16
                        ? 1.4140625
                        : type == DataType.FLOAT16 ? 1.4140625 : Math.sqrt(2));
        same(a.div(2), s(2, 2), 0, 0, 0.5, 0.5);
        NDArray x = iota(1, 1, 3, 3).toType(type, false);
        NDArray w = m.ones(s(1, 1, 2, 2), type);
        var ex = x.getNDArrayInternal();
        same(
                ex.convolution(x, w, null, s(1, 1), s(0, 0), s(1, 1), 1).head(),
                s(1, 1, 2, 2),
                8,
                12,
                20,
                24);
        same(ex.linear(a, w.reshape(2, 2), null).head(), s(2, 2), 0, 0, 2, 2);
        same(ex.maxPool(s(2, 2), s(1, 1), s(0, 0), false), s(1, 1, 2, 2), 4, 5, 7, 8);
        same(ex.avgPool(s(2, 2), s(1, 1), s(0, 0), false, true), s(1, 1, 2, 2), 2, 3, 5, 6);
        NDArray unit = m.ones(s(2), type);
        same(
                ex.layerNorm(f(s(1, 2), -3, 3).toType(type, false), s(2), unit, unit, 0).head(),
                s(1, 2),
                0,
                2);
    }

    @Test
    void empty() {
        NDArray none = m.create(s(0, 3));
        assertThat(none.matMul(m.ones(s(3, 2))).getShape()).isEqualTo(s(0, 2));
        same(m.create(s(2, 0)).matMul(m.create(s(0, 2))), s(2, 2), 0, 0, 0, 0);
        assertThat(none.softmax(1).getShape()).isEqualTo(s(0, 3));
        assertThat(none.concat(m.ones(s(1, 3)), 0).getShape()).isEqualTo(s(1, 3));
        assertThat(none.sort(0).getShape()).isEqualTo(s(0, 3));
        assertThat(none.transpose().reshape(3, 0).getShape()).isEqualTo(s(3, 0));
        assertThat(none.get("0:0").toFloatArray()).isEmpty();
        assertThat(none.nonzero().getShape()).isEqualTo(s(0, 2));
        same(none.prod(), s(), 1);
        assertThat(none.toType(DataType.BFLOAT16, false).toFloatArray()).isEmpty();
        NDArray images = m.create(s(0, 3, 8, 8));
        var ex = images.getNDArrayInternal();
        assertThat(
                        ex.convolution(
                                        images,
                                        m.ones(s(2, 3, 3, 3)),
                                        null,
                                        s(1, 1),
                                        s(1, 1),
                                        s(1, 1),
                                        1)
                                .head()
                                .getShape())
                .isEqualTo(s(0, 2, 8, 8));
        assertThat(ex.globalAvgPool().getShape()).isEqualTo(s(0, 3));
    }
}
