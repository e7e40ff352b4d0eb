package org.ipex4j.engine.ndarray;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import org.junit.jupiter.api.Test;

class IndexingTest extends ArrayTest {
    @Test
    void basic() {
        NDArray a = iota(2, 3, 4);
        same(a.get(1, 2, 3), s(), 23);
        same(a.get(1, -1), 20, 21, 22, 23);
        same(a.get(":, 1"), s(2, 4), 4, 5, 6, 7, 16, 17, 18, 19);
        same(a.get("..., 0"), s(2, 3), 0, 4, 8, 12, 16, 20);
        same(a.get("0, ..., 1:3"), s(3, 2), 1, 2, 5, 6, 9, 10);
        same(a.get("1, 0, ::2"), 12, 14);
        same(a.get("1, 0, -2:"), 14, 15);
        same(a.get("0, 0, 1:100"), 1, 2, 3);
        assertThat(a.get("0, 0, 3:1").getShape()).isEqualTo(s(0));
        assertThat(a.get(new NDIndex()).getShape()).isEqualTo(s(2, 3, 4));
        assertThatThrownBy(() -> a.get(5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("5");
        assertThatThrownBy(() -> a.get(0, 0, 0, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThat(a.getFloat(0, 1, 2)).isEqualTo(6);
        assertThatThrownBy(() -> a.getFloat(0, 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void negativeSteps() {
        NDArray a = iota(7);
        same(a.get("::-1"), 6, 5, 4, 3, 2, 1, 0);
        same(a.get("5:1:-2"), 5, 3);
        same(a.get(":2:-1"), 6, 5, 4, 3);
        same(a.get("-2::-3"), 5, 2);
        assertThat(a.get("1:5:-1").getShape()).isEqualTo(s(0));
        same(iota(2, 3).get("::-1, ::-1"), s(2, 3), 5, 4, 3, 2, 1, 0);
    }

    @Test
    void newAxes() {
        NDArray a = iota(2, 3);
        assertThat(a.get("null, :").getShape()).isEqualTo(s(1, 2, 3));
        assertThat(a.get(":, null, :").getShape()).isEqualTo(s(2, 1, 3));
    }

    @Test
    void getIsAView() {
        NDArray a = iota(3);
        a.get("1:").muli(10);
        same(a, 0, 10, 20);
    }

    @Test
    void arraysOfPositions() {
        NDArray a = iota(3, 4);
        same(a.get(l(2, 0)), s(2, 4), 8, 9, 10, 11, 0, 1, 2, 3);
        same(a.get(ints(s(1), -1)), s(1, 4), 8, 9, 10, 11);
        same(a.get(new NDIndex(":, {}", l(3, 1))), s(3, 2), 3, 1, 7, 5, 11, 9);
        same(a.get(new NDIndex("{}, {}", l(0, 2), l(1, 3))), 1, 11);
        same(a.get(new NDIndex().addAllDim().addPickDim(l(0, 3, 2))), s(3, 1), 0, 7, 10);
        same(a.take(l(5, -1)), 5, 11);
        same(
                a.gather(m.create(new long[] {0, 1, 3, 2, 1, 0}, s(3, 2)), 1),
                s(3, 2),
                0,
                1,
                7,
                6,
                9,
                8);
        same(a.gatherNd(m.create(new long[] {0, 2, 1, 3}, s(2, 2))), 1, 11);
        assertThatThrownBy(() -> a.get(l(3)))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("index 3");
        assertThatThrownBy(() -> a.take(l(-13))).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> a.scatter(l(9).reshape(1, 1), m.ones(s(1, 1)), 0))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> a.put(l(12), f(1))).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void masks() {
        NDArray a = iota(2, 3);
        same(a.get(a.gt(2.5)), 3, 4, 5);
        same(a.booleanMask(m.create(new boolean[] {false, true})), s(1, 3), 3, 4, 5);
        same(a.booleanMask(m.create(new boolean[] {true, false, true}), 1), s(2, 2), 0, 2, 3, 5);
        same(
                a.get(new NDIndex().addAllDim().addBooleanIndex(b(false, true, true))),
                s(2, 2),
                1,
                2,
                4,
                5);
        assertThat(a.get(a.gt(100)).getShape()).isEqualTo(s(0));
        assertThatThrownBy(() -> a.get(b(true, false, true)))
                .isInstanceOf(IllegalArgumentException.class);
        same(a.getNDArrayInternal().where(a.gt(2), a.neg()), s(2, 3), 0, -1, -2, 3, 4, 5);
    }

    @Test
    void setting() {
        NDArray a = m.zeros(s(2, 3));
        a.set(new NDIndex("0, 1"), 5);
        a.set(new NDIndex("1"), f(1, 2, 3));
        same(a, s(2, 3), 0, 5, 0, 1, 2, 3);
        a.set(new NDIndex(":, 2"), 9.5);
        same(a, s(2, 3), 0, 5, 9.5, 1, 2, 9.5);
        a.set(new NDIndex(":, ::2"), f(s(2, 1), 7, 8));
        same(a, s(2, 3), 7, 5, 7, 8, 2, 8);
        a.set(new NDIndex("0, ::-1"), f(1, 2, 3));
        same(a, s(2, 3), 3, 2, 1, 8, 2, 8);
        a.set(a.eq(8), -1);
        same(a, s(2, 3), 3, 2, 1, -1, 2, -1);
        a.set(new NDIndex("{}, {}", l(0, 1), l(0, 2)), f(40, 50));
        same(a, s(2, 3), 40, 2, 1, -1, 2, 50);
        a.set(new NDIndex("..."), 1);
        same(a, s(2, 3), 1, 1, 1, 1, 1, 1);
        a.setScalar(new NDIndex(1, 1), 4);
        assertThat(a.getFloat(1, 1)).isEqualTo(4);
        a.set(new NDIndex("0"), x -> x.mul(3));
        same(a.get(0), 3, 3, 3);
        assertThatThrownBy(() -> a.setScalar(new NDIndex(1), 4))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> a.set(new NDIndex("0"), f(1, 2)))
                .isInstanceOf(IllegalArgumentException.class);
        NDArray i = m.zeros(s(2), DataType.INT32);
        i.set(new NDIndex(0), 3.7);
        assertThat(i.toIntArray()).containsExactly(3, 0);
    }

    @Test
    void scattering() {
        NDArray a = m.zeros(s(2, 3));
        same(
                a.scatter(m.create(new long[] {2, 0}, s(2, 1)), f(s(2, 1), 5, 6), 1),
                s(2, 3),
                0,
                0,
                5,
                6,
                0,
                0);
        same(a.put(l(1, 4), f(7, 8)), s(2, 3), 0, 7, 0, 0, 8, 0);
        same(a, s(2, 3), 0, 0, 0, 0, 0, 0);
    }

    @Test
    void ordering() {
        NDArray a = f(s(2, 3), 3, 1, 2, 9, 7, 8);
        same(a.sort(), s(2, 3), 1, 2, 3, 7, 8, 9);
        same(a.sort(0), s(2, 3), 3, 1, 2, 9, 7, 8);
        assertThat(a.argSort().toLongArray()).containsExactly(1, 2, 0, 1, 2, 0);
        assertThat(a.argSort(1, false).toLongArray()).containsExactly(0, 2, 1, 0, 2, 1);
        same(a.topK(2, 1).get(0), s(2, 2), 3, 2, 9, 8);
        assertThat(a.topK(1, 1, false, true).get(1).toLongArray()).containsExactly(1, 1);
        same(a.median(), 2, 8);
        same(f(1, 2, 3, 4).median(), s(), 2);
        same(f(1, 2, 3, 4).percentile(50), s(), 2.5);
        same(f(1, 2, 3, 4).percentile(100), s(), 4);
        same(a.percentile(25, new int[] {1}), 1.5, 7.5);
        assertThatThrownBy(() -> a.percentile(101)).isInstanceOf(IllegalArgumentException.class);
        assertThat(f(0, 3, 0, 4).nonzero().toLongArray()).containsExactly(1, 3);
        assertThat(f(s(2, 2), 0, 3, 4, 0).nonzero().getShape()).isEqualTo(s(2, 2));
    }

    @Test
    void uniqueElements() {
        NDArray a = f(3, 1, 3, 2);
        same(a.unique().singletonOrThrow(), 1, 2, 3);
        assertThat(a.unique(true, true, true)).hasSize(3);
        assertThat(a.unique(true, true, true).get(1).toLongArray()).containsExactly(2, 0, 2, 1);
        assertThat(a.unique(true, false, true).get(1).toLongArray()).containsExactly(1, 1, 2);
        same(
                f(s(3, 2), 1, 2, 0, 1, 1, 2).unique(0, true, false, false).get(0),
                s(2, 2),
                0,
                1,
                1,
                2);
    }

    @Test
    void encodings() {
        same(l(0, 2).oneHot(3), s(2, 3), 1, 0, 0, 0, 0, 1);
        assertThat(l(0, 2).oneHot(3, DataType.INT32).toIntArray())
                .containsExactly(1, 0, 0, 0, 0, 1);
        same(ints(s(2), 1, 0).oneHot(2, 5f, -1f, DataType.FLOAT32), s(2, 2), -1, 5, 5, -1);
        same(f(0, 1).oneHot(2), s(2, 2), 1, 0, 0, 1);
        same(iota(2, 3).add(1).sequenceMask(l(1, 2)), s(2, 3), 1, 0, 0, 4, 5, 0);
        same(iota(2, 3).sequenceMask(f(3, 0), -1), s(2, 3), 0, 1, 2, -1, -1, -1);
    }
}
