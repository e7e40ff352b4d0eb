package org.ipex4j.ir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DTypeTest {
    /** Rows and columns in declaration order, as torch.promote_types gives them. */
    private static final String[] TORCH = {
        "bool u8   i8   i16  i32  i64  f16  bf16 f32  f64",
        "u8   u8   i16  i16  i32  i64  f16  bf16 f32  f64",
        "i8   i16  i8   i16  i32  i64  f16  bf16 f32  f64",
        "i16  i16  i16  i16  i32  i64  f16  bf16 f32  f64",
        "i32  i32  i32  i32  i32  i64  f16  bf16 f32  f64",
        "i64  i64  i64  i64  i64  i64  f16  bf16 f32  f64",
        "f16  f16  f16  f16  f16  f16  f16  f32  f32  f64",
        "bf16 bf16 bf16 bf16 bf16 bf16 f32  bf16 f32  f64",
        "f32  f32  f32  f32  f32  f32  f32  f32  f32  f64",
        "f64  f64  f64  f64  f64  f64  f64  f64  f64  f64"
    };

    @Test
    void promotesAsTorchDoes() {
        for (DType a : DType.values()) {
            String[] row = TORCH[a.ordinal()].split(" +");
            for (DType b : DType.values()) {
                assertThat(DType.promote(a, b).text())
                        .as("%s and %s", a, b)
                        .isEqualTo(row[b.ordinal()]);
            }
        }
    }

    @Property
    void promotionCommutes(@ForAll DType a, @ForAll DType b) {
        assertThat(DType.promote(a, b)).isEqualTo(DType.promote(b, a));
    }

    @Property
    void promotionLosesNoCategory(@ForAll DType a, @ForAll DType b) {
        DType c = DType.promote(a, b);
        assertThat(c.category())
                .isGreaterThanOrEqualTo(a.category())
                .isGreaterThanOrEqualTo(b.category());
    }

    @Property
    void theTextFormParses(@ForAll DType t) {
        assertThat(DType.parse(t.text())).isEqualTo(t);
    }

    @Test
    void anUnknownNameIsRefused() {
        assertThatThrownBy(() -> DType.parse("f8")).hasMessage("unknown dtype 'f8'");
    }

    @ParameterizedTest
    @CsvSource({"BOOL,1", "UINT8,1", "INT16,2", "BFLOAT16,2", "FLOAT32,4", "INT64,8"})
    void sizesInBytes(DType t, int bytes) {
        assertThat(TensorType.of(t, 3, 2).byteSize()).isEqualTo(6L * bytes);
    }
}
