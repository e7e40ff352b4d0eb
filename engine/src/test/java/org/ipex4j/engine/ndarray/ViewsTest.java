package org.ipex4j.engine.ndarray;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;

class ViewsTest extends ArrayTest {
    private static boolean shares(NDArray a, NDArray b) {
        return ((IpexNDArray) a).tensor().sharesStorage(((IpexNDArray) b).tensor());
    }

    @Test
    void reshaping() {
        NDArray a = iota(2, 3);
        same(a.reshape(3, 2), s(3, 2), 0, 1, 2, 3, 4, 5);
        same(a.reshape(-1), 0, 1, 2, 3, 4, 5);
        assertThat(shares(a.reshape(3, -1), a)).isTrue();
        NDArray t = a.transpose();
        same(t, s(3, 2), 0, 3, 1, 4, 2, 5);
        assertThat(shares(t, a)).isTrue();
        same(t.reshape(6), 0, 3, 1, 4, 2, 5);
        assertThat(shares(t.reshape(6), a)).isFalse();
        same(iota(2, 1, 3).flatten(), 0, 1, 2, 3, 4, 5);
        assertThat(iota(2, 3, 4).flatten(1, 2).getShape()).isEqualTo(s(2, 12));
        assertThatThrownBy(() -> a.reshape(4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("aten.reshape");
    }

    @Test
    void axes() {
        NDArray a = iota(2, 1, 3);
        assertThat(a.squeeze().getShape()).isEqualTo(s(2, 3));
        assertThat(a.squeeze(1).getShape()).isEqualTo(s(2, 3));
        assertThat(a.squeeze(new int[] {-2}).getShape()).isEqualTo(s(2, 3));
        assertThat(a.squeeze(0).getShape()).isEqualTo(a.getShape());
        assertThatThrownBy(() -> a.squeeze(new int[] {0}))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(m.create(1f).squeeze(0).getShape()).isEqualTo(s());
        assertThat(a.expandDims(0).getShape()).isEqualTo(s(1, 2, 1, 3));
        assertThat(a.expandDims(-1).getShape()).isEqualTo(s(2, 1, 3, 1));
        assertThat(a.swapAxes(0, 2).getShape()).isEqualTo(s(3, 1, 2));
        assertThat(a.transpose(2, 0, 1).getShape()).isEqualTo(s(3, 2, 1));
        assertThatThrownBy(() -> a.transpose(0, 0, 1)).isInstanceOf(IllegalArgumentException.class);
        same(f(1, 2).broadcast(2, 2), s(2, 2), 1, 2, 1, 2);
        assertThatThrownBy(() -> f(1, 2).broadcast(3)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void diagonals() {
        NDArray a = iota(3, 4);
        same(a.diagonal(), 0, 5, 10);
        same(a.diagonal(1), 1, 6, 11);
        same(a.diagonal(-1), 4, 9);
        a.diagonal().addi(100);
        same(a.get(1), 4, 105, 6, 7);
        assertThat(iota(2, 3, 4).diagonal(0, 1, 2).getShape()).isEqualTo(s(2, 3));
    }

    @Test
    void splitting() {
        NDArray a = iota(4, 2);
        NDList two = a.split(2);
        assertThat(two).hasSize(2);
        same(two.get(1), s(2, 2), 4, 5, 6, 7);
        two.get(0).addi(1);
        same(a.get(0), 1, 2);
        NDList parts = a.split(new long[] {1, 3});
        assertThat(parts.stream().map(p -> p.getShape().get(0))).containsExactly(1L, 2L, 1L);
        NDList columns = a.split(2, 1);
        assertThat(columns.get(0).getShape()).isEqualTo(s(4, 1));
        assertThat(a.split(new long[] {0, 2}).get(0).getShape()).isEqualTo(s(2, 2));
        assertThatThrownBy(() -> a.split(3)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> a.split(new long[] {5}))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void rearranging() {
        NDArray a = iota(2, 3);
        same(a.flip(1), s(2, 3), 2, 1, 0, 5, 4, 3);
        same(a.flip(0, 1), s(2, 3), 5, 4, 3, 2, 1, 0);
        same(a.rotate90(1, new int[] {0, 1}), s(3, 2), 2, 5, 1, 4, 0, 3);
        same(a.pad(new Shape(1, 0), 9), s(2, 4), 9, 0, 1, 2, 9, 3, 4, 5);
        same(f(1, 2).pad(new Shape(1, 1), -1), -1, 1, 2, -1);
    }

    @Test
    void repeating() {
        NDArray a = f(1, 2);
        same(a.tile(2), 1, 2, 1, 2);
        same(a.tile(new long[] {2, 1}), s(2, 2), 1, 2, 1, 2);
        same(iota(2, 1).tile(1, 2), s(2, 2), 0, 0, 1, 1);
        same(a.tile(new Shape(6)), 1, 2, 1, 2, 1, 2);
        same(a.repeat(2), 1, 1, 2, 2);
        same(iota(2, 2).repeat(0, 2), s(4, 2), 0, 1, 0, 1, 2, 3, 2, 3);
        same(iota(1, 2).repeat(new long[] {2, 2}), s(2, 4), 0, 0, 1, 1, 0, 0, 1, 1);
        same(a.repeat(new Shape(4)), 1, 1, 2, 2);
        assertThatThrownBy(() -> a.repeat(new Shape(3)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void joining() {
        NDArray a = iota(2, 2);
        same(a.concat(a, 0), s(4, 2), 0, 1, 2, 3, 0, 1, 2, 3);
        same(a.concat(a.neg(), 1), s(2, 4), 0, 1, 0, -1, 2, 3, -2, -3);
        same(f(1, 2).stack(f(3, 4)), s(2, 2), 1, 2, 3, 4);
        same(f(1, 2).stack(f(3, 4), 1), s(2, 2), 1, 3, 2, 4);
        assertThatThrownBy(() -> a.concat(iota(1, 3), 0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void products() {
        NDArray a = iota(2, 3);
        NDArray c = iota(3, 2);
        same(a.matMul(c), s(2, 2), 10, 13, 28, 40);
        same(a.dot(c), s(2, 2), 10, 13, 28, 40);
        same(f(1, 2, 3).dot(f(4, 5, 6)), s(), 32);
        same(a.matMul(f(1, 1, 1)), 3, 12);
        same(a.matMul(a.transpose()), s(2, 2), 5, 14, 14, 50);
        same(iota(2, 1, 2).batchMatMul(iota(2, 2, 1)), s(2, 1, 1), 1, 12 + 1);
        same(m.ones(s(2, 1, 4)).batchDot(m.ones(s(2, 4, 3))), s(2, 1, 3), 4, 4, 4, 4, 4, 4);
        same(f(s(2, 2), 4, 7, 2, 6).inverse(), s(2, 2), 0.6, -0.7, -0.2, 0.4);
        same(f(s(2, 2), 0, 1, 1, 0).inverse(), s(2, 2), 0, 1, 1, 0);
        assertThatThrownBy(() -> a.matMul(a))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[2, 3]");
        assertThatThrownBy(() -> f(s(2, 2), 1, 2, 2, 4).inverse())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("singular");
        assertThatThrownBy(() -> m.create(1f).matMul(a))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
