package org.ipex4j.engine.ndarray;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class ElementwiseTest extends ArrayTest {
    @Test
    void arithmeticBroadcasts() {
        NDArray a = iota(2, 3);
        same(a.add(f(10, 20, 30)), s(2, 3), 10, 21, 32, 13, 24, 35);
        same(a.sub(f(s(2, 1), 1, 2)), s(2, 3), -1, 0, 1, 1, 2, 3);
        same(a.mul(a), s(2, 3), 0, 1, 4, 9, 16, 25);
        same(f(1, 2, 3).div(f(2, 2, 2)), 0.5, 1, 1.5);
        same(f(7, -7, 7.5).mod(f(3, 3, -2)), 1, 2, -0.5);
        same(f(2, 3).pow(f(3, 2)), 8, 9);
        assertThatThrownBy(() -> a.add(f(1, 2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("aten.add.Tensor")
                .hasMessageContaining("[2, 3]")
                .hasMessageContaining("[2]");
    }

    @Test
    void numbers() {
        NDArray a = f(1, 2, -3);
        same(a.add(3.5), 4.5, 5.5, 0.5);
        same(a.add(4.25), 5.25, 6.25, 1.25);
        same(a.sub(1), 0, 1, -4);
        same(a.mul(2L), 2, 4, -6);
        same(a.div(4f), 0.25, 0.5, -0.75);
        same(a.mod(2), 1, 0, 1);
        same(a.pow(2), 1, 4, 9);
        same(a.maximum(0), 1, 2, 0);
        same(a.minimum(1.5), 1, 1.5, -3);
        same(a.clip(-1, 1), 1, 1, -1);
        assertThat(a.add(3.5).getDataType()).isEqualTo(DataType.FLOAT32);
    }

    @Test
    void numbersDecideTheTypeOfLowerCategoriesOnly() {
        NDArray i = ints(s(2), 1, 2);
        assertThat(i.add(1).getDataType()).isEqualTo(DataType.INT32);
        assertThat(i.add(1L).getDataType()).isEqualTo(DataType.INT32);
        assertThat(i.add(0.5).getDataType()).isEqualTo(DataType.FLOAT64);
        assertThat(i.add(0.5f).getDataType()).isEqualTo(DataType.FLOAT32);
        same(i.add(0.5f), 1.5, 2.5);
        assertThat(i.div(2).getDataType()).isEqualTo(DataType.FLOAT32);
        same(i.div(2), 0.5, 1);
        assertThat(b(true, false).add(1).getDataType()).isEqualTo(DataType.INT32);
        assertThat(m.create(2f).mul(2.0).getDataType()).isEqualTo(DataType.FLOAT32);
        assertThat(i.maximum(0.5f).getDataType()).isEqualTo(DataType.FLOAT32);
    }

    @Test
    void arraysPromoteAsInTorch() {
        assertThat(ints(s(1), 1).add(l(1)).getDataType()).isEqualTo(DataType.INT64);
        assertThat(ints(s(1), 1).add(f(1)).getDataType()).isEqualTo(DataType.FLOAT32);
        assertThat(f(1).add(m.create(1.0)).getDataType()).isEqualTo(DataType.FLOAT32);
        assertThat(f(1).add(m.create(new double[] {1})).getDataType()).isEqualTo(DataType.FLOAT64);
        assertThat(b(true).add(b(true)).getDataType()).isEqualTo(DataType.BOOLEAN);
        NDArray half = f(1).toType(DataType.FLOAT16, false);
        NDArray brain = f(1).toType(DataType.BFLOAT16, false);
        assertThat(half.add(brain).getDataType()).isEqualTo(DataType.FLOAT32);
        assertThat(brain.add(1.5).getDataType()).isEqualTo(DataType.BFLOAT16);
    }

    @Test
    void comparisons() {
        NDArray a = f(1, 2, 3);
        NDArray c = f(3, 2, 1);
        assertThat(a.eq(c).toBooleanArray()).containsExactly(false, true, false);
        assertThat(a.neq(c).toBooleanArray()).containsExactly(true, false, true);
        assertThat(a.gt(c).toBooleanArray()).containsExactly(false, false, true);
        assertThat(a.gte(c).toBooleanArray()).containsExactly(false, true, true);
        assertThat(a.lt(c).toBooleanArray()).containsExactly(true, false, false);
        assertThat(a.lte(c).toBooleanArray()).containsExactly(true, true, false);
        assertThat(a.eq(2).toBooleanArray()).containsExactly(false, true, false);
        assertThat(a.neq(2).toBooleanArray()).containsExactly(true, false, true);
        assertThat(a.gt(1.5).toBooleanArray()).containsExactly(false, true, true);
        assertThat(a.gte(2).toBooleanArray()).containsExactly(false, true, true);
        assertThat(a.lt(2.5f).toBooleanArray()).containsExactly(true, true, false);
        assertThat(a.lte(2).toBooleanArray()).containsExactly(true, true, false);
        assertThat(l(1, 2, 3).gt(1.5).toBooleanArray()).containsExactly(false, true, true);
        assertThat(l(Long.MAX_VALUE).eq(Long.MAX_VALUE - 1).toBooleanArray())
                .containsExactly(false);
        assertThat(f(Double.NaN).eq(Double.NaN).toBooleanArray()).containsExactly(false);
    }

    @Test
    void logic() {
        NDArray a = b(true, true, false, false);
        NDArray c = b(true, false, true, false);
        assertThat(a.logicalAnd(c).toBooleanArray()).containsExactly(true, false, false, false);
        assertThat(a.logicalOr(c).toBooleanArray()).containsExactly(true, true, true, false);
        assertThat(a.logicalXor(c).toBooleanArray()).containsExactly(false, true, true, false);
        assertThat(a.logicalNot().toBooleanArray()).containsExactly(false, false, true, true);
        assertThat(f(1, Double.NaN, Double.POSITIVE_INFINITY).isNaN().toBooleanArray())
                .containsExactly(false, true, false);
        assertThat(f(1, Double.NaN, Double.NEGATIVE_INFINITY).isInfinite().toBooleanArray())
                .containsExactly(false, false, true);
    }

    @Test
    void unaryFunctions() {
        Map<UnaryOperator<NDArray>, DoubleUnaryOperator> functions = new LinkedHashMap<>();
        functions.put(NDArray::exp, Math::exp);
        functions.put(NDArray::log, Math::log);
        functions.put(NDArray::log10, Math::log10);
        functions.put(NDArray::log2, x -> Math.log(x) / Math.log(2));
        functions.put(NDArray::sqrt, Math::sqrt);
        functions.put(NDArray::square, x -> x * x);
        functions.put(NDArray::cbrt, Math::cbrt);
        functions.put(NDArray::sin, Math::sin);
        functions.put(NDArray::cos, Math::cos);
        functions.put(NDArray::tan, Math::tan);
        functions.put(NDArray::asin, Math::asin);
        functions.put(NDArray::acos, Math::acos);
        functions.put(NDArray::atan, Math::atan);
        functions.put(NDArray::sinh, Math::sinh);
        functions.put(NDArray::cosh, Math::cosh);
        functions.put(NDArray::tanh, Math::tanh);
        functions.put(NDArray::asinh, x -> Math.log(x + Math.sqrt(x * x + 1)));
        functions.put(NDArray::acosh, x -> Math.log(x + Math.sqrt(x * x - 1)));
        functions.put(NDArray::atanh, x -> 0.5 * Math.log((1 + x) / (1 - x)));
        functions.put(NDArray::toDegrees, Math::toDegrees);
        functions.put(NDArray::toRadians, Math::toRadians);
        functions.put(NDArray::abs, Math::abs);
        functions.put(NDArray::neg, x -> -x);
        functions.put(NDArray::floor, Math::floor);
        functions.put(NDArray::ceil, Math::ceil);
        functions.put(NDArray::round, Math::rint);
        functions.put(NDArray::trunc, x -> (double) (long) x);
        functions.put(NDArray::sign, Math::signum);
        double[] inputs = {0.5, -0.25, 0.875, 2.5, -1.5, 27, -8};
        functions.forEach(
                (array, java) -> {
                    double[] expected = new double[inputs.length];
                    for (int i = 0; i < inputs.length; i++) {
                        expected[i] = java.applyAsDouble(inputs[i]);
                    }
                    same(array.apply(f(inputs)), expected);
                });
    }

    @Test
    void specialFunctions() {
        same(f(0.5, 3, 10).gammaln(), 0.5723649429, 0.6931471806, 12.8018274801);
        same(f(0.5, -1).erf(), 0.5204998778, -0.8427007929);
        same(f(0.5, -0.25).erfinv(), 0.4769362762, -0.2253120555);
        same(f(1, -1).atan2(f(-1, -1)), Math.PI * 3 / 4, -Math.PI * 3 / 4);
        same(f(0, 2).xlogy(f(0, 3)), 0, 2 * Math.log(3));
        assertThatThrownBy(() -> m.create(1f).xlogy(f(1)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void inPlaceWritesThroughViews() {
        NDArray a = iota(2, 3);
        NDArray row = a.get(1);
        assertThat(row.addi(10)).isSameAs(row);
        same(a, s(2, 3), 0, 1, 2, 13, 14, 15);
        NDArray column = a.get(":, 1");
        column.muli(f(2, 3));
        same(a, s(2, 3), 0, 2, 2, 13, 42, 15);
        a.transpose().subi(1);
        same(a, s(2, 3), -1, 1, 1, 12, 41, 14);
        a.reshape(6).negi();
        same(a, s(2, 3), 1, -1, -1, -12, -41, -14);
    }

    @Test
    void inPlaceOperators() {
        same(f(1, 2).addi(1), 2, 3);
        same(f(1, 2).addi(f(1, 2)), 2, 4);
        same(f(1, 2).subi(f(1, 1)), 0, 1);
        same(f(1, 2).muli(3), 3, 6);
        same(f(1, 2).divi(2), 0.5, 1);
        same(f(1, 2).divi(f(2, 4)), 0.5, 0.5);
        same(f(5, -5).modi(3), 2, 1);
        same(f(5, 7).modi(f(3, 4)), 2, 3);
        same(f(2, 3).powi(2), 4, 9);
        same(f(2, 3).powi(f(1, 2)), 2, 9);
        same(f(-2, 3).signi(), -1, 1);
        assertThat(ints(s(2), 1, 2).addi(1).toIntArray()).containsExactly(2, 3);
    }

    @Test
    void inPlaceOnItself() {
        NDArray a = f(s(2, 2), 1, 2, 3, 4);
        a.addi(a.transpose());
        same(a, s(2, 2), 2, 5, 5, 8);
        a.muli(a);
        same(a, s(2, 2), 4, 25, 25, 64);
        a.get(":, 1").subi(a.get(":, 0"));
        same(a, s(2, 2), 4, 21, 25, 39);
        a.transpose().addi(a);
        same(a, s(2, 2), 8, 46, 46, 78);
        assertThatThrownBy(() -> a.get(":, 1").addi(a))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void inPlaceRefusesWhatDoesNotFit() {
        assertThatThrownBy(() -> ints(s(2), 1, 2).addi(0.5f))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("aten.add")
                .hasMessageContaining("float32")
                .hasMessageContaining("int32");
        assertThatThrownBy(() -> ints(s(2), 1, 2).divi(2))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> f(1, 2).addi(iota(2, 2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[2, 2]")
                .hasMessageContaining("[2]");
        assertThatThrownBy(() -> m.create(1f).broadcast(new Shape(3)).addi(1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("more than once");
    }

    @Test
    void inPlaceKeepsTheArraysType() {
        NDArray f = f(1, 2);
        assertThat(f.addi(m.create(new double[] {0.5, 0.5})).getDataType())
                .isEqualTo(DataType.FLOAT32);
        same(f, 1.5, 2.5);
        NDArray brain = f(1, 2).toType(DataType.BFLOAT16, false);
        same(brain.muli(f(0.5, 0.5)), 0.5, 1);
        assertThat(brain.getDataType()).isEqualTo(DataType.BFLOAT16);
    }

    @Test
    void emptyAndScalar() {
        NDArray empty = m.create(new Shape(0, 3));
        assertThat(empty.add(1).getShape()).isEqualTo(new Shape(0, 3));
        assertThat(empty.addi(1).getShape()).isEqualTo(new Shape(0, 3));
        same(m.create(2f).add(m.create(3f)), s(), 5);
        same(NDArrays.add(m.create(2f), f(1, 2)), 3, 4);
    }
}
