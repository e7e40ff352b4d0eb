package org.ipex4j.engine.ndarray;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A manager for each test, and short ways to make and compare arrays. */
abstract class ArrayTest {
    NDManager m;

    @BeforeEach
    void open() {
        m = NDManager.newBaseManager("IPEX");
    }

    @AfterEach
    void close() {
        m.close();
    }

    NDArray f(Shape shape, double... values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return m.create(floats, shape);
    }

    NDArray f(double... values) {
        return f(new Shape(values.length), values);
    }

    NDArray l(long... values) {
        return m.create(values);
    }

    NDArray ints(Shape shape, int... values) {
        return m.create(values, shape);
    }

    NDArray b(boolean... values) {
        return m.create(values);
    }

    static Shape s(long... sizes) {
        return new Shape(sizes);
    }

    /** 0, 1, 2, … as FP32. */
    NDArray iota(long... sizes) {
        Shape shape = new Shape(sizes);
        return m.arange((float) shape.size()).reshape(shape);
    }

    static void same(NDArray actual, Shape shape, double... values) {
        assertThat(actual.getShape()).isEqualTo(shape);
        Number[] numbers = actual.toArray();
        assertThat(numbers).hasSize(values.length);
        double tolerance = actual.getDataType() == DataType.FLOAT64 ? 1e-12 : 2e-6;
        for (int i = 0; i < values.length; i++) {
            double a = numbers[i].doubleValue();
            boolean close =
                    a == values[i]
                            || (Double.isNaN(a) && Double.isNaN(values[i]))
                            || Math.abs(a - values[i])
                                    <= tolerance * Math.max(1, Math.abs(values[i]));
            assertThat(close).as("element %d: %s, expected %s", i, a, values[i]).isTrue();
        }
    }

    static void same(NDArray actual, double... values) {
        same(actual, new Shape(values.length), values);
    }
}
