package org.ipex4j.compiler.samples;

import static org.assertj.core.api.Assertions.assertThat;

import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;
import org.junit.jupiter.api.Test;

class ClosenessTest {
    private static RefTensor f32(double... values) {
        return RefTensor.of(TensorType.of(DType.FLOAT32, values.length), values);
    }

    @Test
    void acceptsRoundingAndEqualSpecials() {
        RefTensor specials = f32(Double.NaN, Double.POSITIVE_INFINITY, 1, 0.0);
        assertThat(
                        Closeness.mismatch(
                                specials,
                                f32(Double.NaN, Double.POSITIVE_INFINITY, 1 + 1e-6, -0.0),
                                1))
                .isEmpty();
    }

    @Test
    void seesWrongValuesSpecialsAndTypes() {
        assertThat(Closeness.mismatch(f32(1, 2, 3), f32(1, 2.1, 3.1), 1))
                .hasValueSatisfying(
                        m ->
                                assertThat(m)
                                        .startsWith("2 of 3 elements of f32[3] differ")
                                        .contains("the first, at 1,"));
        assertThat(Closeness.mismatch(f32(1), f32(Double.NaN), 1e9)).isPresent();
        assertThat(Closeness.mismatch(f32(Double.NaN), f32(1), 1e9)).isPresent();
        assertThat(Closeness.mismatch(f32(Double.POSITIVE_INFINITY), f32(1e30), 1e9)).isPresent();
        assertThat(
                        Closeness.mismatch(
                                f32(Double.POSITIVE_INFINITY), f32(Double.NEGATIVE_INFINITY), 1e9))
                .isPresent();
        assertThat(
                        Closeness.mismatch(
                                f32(1), RefTensor.of(TensorType.of(DType.FLOAT64, 1), 1.0), 1))
                .hasValue("expected f32[1], got f64[1]");
        TensorType i64 = TensorType.of(DType.INT64, 1);
        assertThat(
                        Closeness.mismatch(
                                RefTensor.of(i64, 1L << 60),
                                RefTensor.of(i64, (1L << 60) + 1),
                                1e9))
                .isPresent();
    }

    @Test
    void drawsAreTheSameForTheSameSeed() {
        Draw d = Draw.f32(7, 13).special().transposed();
        assertThat(d.make(3).value()).isEqualTo(d.make(3).value()).isNotEqualTo(d.make(4).value());
        assertThat(d.make(3).strides()).containsExactly(1, 7);
        assertThat(d.make(3).isContiguous()).isFalse();
        assertThat(d.make(3).span()).isEqualTo(91);
        assertThat(Draw.f32(5, 33).strided().make(1).span()).isEqualTo(2 * 164 + 1);
        SampleTensor expanded = Draw.i64(3, 4).expanded().make(1);
        assertThat(expanded.strides()).containsExactly(0, 1);
        assertThat(expanded.value().integer(2))
                .isEqualTo(expanded.value().integer(6))
                .isEqualTo(expanded.value().integer(10));
    }
}
