package org.ipex4j.engine.ndarray;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;

class ReductionsTest extends ArrayTest {
    @Test
    void sums() {
        NDArray a = iota(2, 3);
        same(a.sum(), s(), 15);
        same(a.sum(new int[] {0}), 3, 5, 7);
        same(a.sum(new int[] {-1}, true), s(2, 1), 3, 12);
        same(a.sum(new int[] {0, 1}), s(), 15);
        assertThat(ints(s(2), 1, 2).sum().getDataType()).isEqualTo(DataType.INT64);
        assertThat(b(true, true).sum().getLong()).isEqualTo(2);
        same(m.create(new Shape(0)).sum(), s(), 0);
        same(m.create(new Shape(0, 2)).sum(new int[] {0}), 0, 0);
    }

    @Test
    void meansAndProducts() {
        NDArray a = iota(2, 3).add(1);
        same(a.mean(), s(), 3.5);
        same(a.mean(new int[] {1}), 2, 5);
        same(a.mean(new int[] {0, 1}, true), s(1, 1), 3.5);
        same(a.prod(), s(), 720);
        same(a.prod(new int[] {0}), 4, 10, 18);
        same(a.prod(new int[] {0, 1}, true), s(1, 1), 720);
        assertThatThrownBy(() -> l(1, 2).mean())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("aten.mean");
    }

    @Test
    void extremes() {
        NDArray a = f(s(2, 3), 3, -1, 4, 1, -5, 9);
        same(a.max(), s(), 9);
        same(a.min(), s(), -5);
        same(a.max(new int[] {0}), 3, -1, 9);
        same(a.min(new int[] {1}, true), s(2, 1), -1, -5);
        same(a.max(new int[] {0, 1}), s(), 9);
        assertThat(a.argMax().getLong()).isEqualTo(5);
        assertThat(a.argMax(1).toLongArray()).containsExactly(2, 2);
        assertThat(a.argMin().getLong()).isEqualTo(4);
        assertThat(a.argMin(0).toLongArray()).containsExactly(1, 1, 0);
        assertThat(m.create(3f).argMax().getLong()).isZero();
        assertThat(m.create(3f).argMax(0).getLong()).isZero();
        assertThatThrownBy(() -> m.create(new Shape(0)).argMax())
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> m.create(new Shape(0)).max())
                .isInstanceOf(IllegalArgumentException.class);
        same(f(1, Double.NaN, 2).max(), s(), Double.NaN);
    }

    @Test
    void truth() {
        assertThat(b(true, false).all().getBoolean()).isFalse();
        assertThat(b(true, false).any().getBoolean()).isTrue();
        assertThat(b(true, false).none().getBoolean()).isFalse();
        assertThat(f(1, 2).all().getBoolean()).isTrue();
        assertThat(f(0, 2, 0.25).countNonzero().getLong()).isEqualTo(2);
        assertThat(f(s(2, 2), 0, 2, 3, 4).countNonzero(0).toLongArray()).containsExactly(1, 2);
    }

    @Test
    void scans() {
        NDArray a = iota(2, 3).add(1);
        same(a.cumSum(), s(2, 3), 1, 2, 3, 5, 7, 9);
        same(a.cumSum(1), s(2, 3), 1, 3, 6, 4, 9, 15);
        same(a.cumProd(1), s(2, 3), 1, 2, 6, 4, 20, 120);
        assertThat(ints(s(2), 1, 2).cumProd(0, DataType.FLOAT64).getDataType())
                .isEqualTo(DataType.FLOAT64);
        same(m.create(4f).cumSum(), 4);
        same(f(1, 4, 9, 16).diff(1, 0), 3, 5, 7);
        same(f(1, 4, 9, 16).diff(2, 0), 2, 2);
        assertThat(b(true, false, false).diff(1, 0).toBooleanArray()).containsExactly(true, false);
    }

    @Test
    void softmaxAndNorms() {
        NDArray a = f(s(1, 3), 1, 2, 3);
        same(a.softmax(-1), s(1, 3), 0.0900305732, 0.2447284711, 0.6652409558);
        same(a.logSoftmax(1), s(1, 3), -2.4076059644, -1.4076059644, -0.4076059644);
        same(f(1000, 1000).softmax(0), 0.5, 0.5);
        same(f(3, 4).norm(), s(), 5);
        same(f(3, 4).norm(true), s(1), 5);
        same(f(s(2, 2), 3, 4, 6, 8).norm(new int[] {1}), 5, 10);
        same(f(s(2, 2), 3, -4, 6, 8).norm(1, new int[] {0}, true), s(1, 2), 9, 12);
        same(f(s(2, 2), 3, 4, 0, 0).normalize(), s(2, 2), 0.6, 0.8, 0, 0);
        same(f(s(1, 2), 1, 3).normalize(1, 1, 1e-12), s(1, 2), 0.25, 0.75);
    }

    @Test
    void traces() {
        same(iota(3, 3).trace(), s(), 12);
        same(iota(2, 3).trace(1), s(), 6);
        same(iota(2, 2, 2).trace(0, 1, 2), 3, 11);
    }

    @Test
    void ofViews() {
        NDArray t = iota(2, 3).transpose();
        same(t.sum(new int[] {0}), 3, 12);
        same(iota(4, 5).get("1:3, ::2").sum(), s(), 5 + 7 + 9 + 10 + 12 + 14);
        same(m.create(2f).broadcast(3, 2).sum(), s(), 12);
    }
}
