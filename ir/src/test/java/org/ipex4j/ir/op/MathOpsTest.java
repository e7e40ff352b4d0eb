package org.ipex4j.ir.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Scalar;
import org.ipex4j.ir.TensorType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MathOpsTest {
    /** A type written as in the text form, {@code f32[2, 3]}. */
    private static TensorType type(String text) {
        int open = text.indexOf('[');
        String dims = text.substring(open + 1, text.length() - 1);
        long[] sizes =
                dims.isBlank()
                        ? new long[0]
                        : Arrays.stream(dims.split(","))
                                .map(String::strip)
                                .mapToLong(Long::parseLong)
                                .toArray();
        return TensorType.of(DType.parse(text.substring(0, open)), sizes);
    }

    private static List<TensorType> infer(String name, Object... args) {
        Op op = OpCatalog.get(name);
        return op.infer(Args.of(op.schema(), args));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            f32[2, 3] | f32[3]    | f32[2, 3]
            i64[2]    | f32[2]    | f32[2]
            f16[2]    | bf16[2]   | f32[2]
            f16[2]    | f32[]     | f16[2]
            i32[2]    | i64[]     | i32[2]
            i32[2]    | f64[]     | f64[2]
            i32[]     | i64[]     | i64[]
            bool[2]   | i64[]     | i64[2]
            u8[2]     | i8[2]     | i16[2]
            bool[1]   | bool[4]   | bool[4]
            f32[0, 3] | f32[1]    | f32[0, 3]
            """)
    void sumsPromoteAndBroadcast(String a, String b, String expected) {
        assertThat(infer("aten.add.Tensor", type(a), type(b))).containsExactly(type(expected));
    }

    @Test
    void numbersCountOnlyByCategory() {
        TensorType i32 = type("i32[2]");
        assertThat(infer("aten.mul.Scalar", i32, 2).getFirst().dtype()).isEqualTo(DType.INT32);
        assertThat(infer("aten.mul.Scalar", i32, 2.0).getFirst().dtype()).isEqualTo(DType.FLOAT32);
        assertThat(infer("aten.mul.Scalar", type("bf16[2]"), 2.0).getFirst().dtype())
                .isEqualTo(DType.BFLOAT16);
        assertThat(infer("aten.mul.Scalar", type("bool[2]"), 2).getFirst().dtype())
                .isEqualTo(DType.INT64);
        assertThat(infer("aten.mul.Scalar", type("bool[2]"), true).getFirst().dtype())
                .isEqualTo(DType.BOOL);
        assertThat(TypePromotion.of(type("f16[]"), Scalar.of(1.0))).isEqualTo(DType.FLOAT16);
        assertThat(TypePromotion.of(type("i32[]"), Scalar.of(1.0))).isEqualTo(DType.FLOAT32);
    }

    @Test
    void errorsBeginWithTheOpAndShowTheSizes() {
        assertThatThrownBy(() -> infer("aten.add.Tensor", type("f32[2, 3]"), type("f32[4]")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("aten.add.Tensor: sizes do not broadcast: [2, 3] and [4]");
        assertThatThrownBy(() -> infer("aten.sum.dim_IntList", type("f32[2, 3]"), new long[] {2}))
                .hasMessage(
                        "aten.sum.dim_IntList: dimension out of range: expected -2 to 1, got 2 for sizes [2, 3]");
    }

    @Test
    void reductionsKeepOrDropDimensions() {
        TensorType t = type("f32[2, 3, 5]");
        assertThat(infer("aten.sum.dim_IntList", t, new long[] {0, -1}))
                .containsExactly(type("f32[3]"));
        assertThat(infer("aten.sum.dim_IntList", t, new long[] {0, -1}, true))
                .containsExactly(type("f32[1, 3, 1]"));
        assertThat(infer("aten.sum.dim_IntList", t, null)).containsExactly(type("f32[]"));
        assertThat(infer("aten.amax", t)).containsExactly(type("f32[]"));
        assertThat(infer("aten.max.dim", t, 1))
                .containsExactly(type("f32[2, 5]"), type("i64[2, 5]"));
        assertThat(infer("aten.sum", type("bool[3]"))).containsExactly(type("i64[]"));
        assertThat(infer("aten.sum", type("i64[3]"), DType.INT32)).containsExactly(type("i32[]"));
        assertThat(infer("aten.any", type("u8[3]"))).containsExactly(type("u8[]"));
    }

    @Test
    void normalisationsSaveTheirStatistics() {
        assertThat(
                        infer(
                                "aten.native_layer_norm",
                                type("f32[2, 3, 5]"),
                                new long[] {5},
                                null,
                                null,
                                1e-5))
                .containsExactly(type("f32[2, 3, 5]"), type("f32[2, 3, 1]"), type("f32[2, 3, 1]"));
        assertThat(
                        infer(
                                "aten.native_group_norm",
                                type("bf16[2, 6, 5]"),
                                type("f32[6]"),
                                null,
                                2,
                                6,
                                5,
                                3,
                                1e-5))
                .containsExactly(type("bf16[2, 6, 5]"), type("f32[2, 3]"), type("f32[2, 3]"));
        assertThat(
                        infer(
                                "aten._native_batch_norm_legit_no_training",
                                type("f32[2, 6]"),
                                null,
                                null,
                                type("f32[6]"),
                                type("f32[6]"),
                                0.1,
                                1e-5))
                .containsExactly(type("f32[2, 6]"), type("f32[0]"), type("f32[0]"));
    }

    @Test
    void rangesCountTheirSteps() {
        assertThat(infer("aten.arange.start_step", 0, 10, 3)).containsExactly(type("i64[4]"));
        assertThat(infer("aten.arange.start_step", 10, 0, -3)).containsExactly(type("i64[4]"));
        assertThat(infer("aten.arange.start_step", 0, 1, 0.25)).containsExactly(type("f32[4]"));
        assertThat(infer("aten.arange", 2.5)).containsExactly(type("f32[3]"));
    }

    @Test
    void pointwiseOpsOfScalarsGiveScalars() {
        for (Op op : OpCatalog.all()) {
            if (op.is(Trait.POINTWISE)
                    && op.schema().results() == 1
                    && op.schema().params().stream().allMatch(p -> p.kind() == Param.Kind.TENSOR)) {
                Object[] scalars =
                        op.schema().params().stream()
                                .map(
                                        p ->
                                                p.name().equals("condition")
                                                                || p.name().equals("mask")
                                                        ? type("bool[]")
                                                        : op.name().contains("bitwise")
                                                                ? type("i32[]")
                                                                : op.name()
                                                                                .equals(
                                                                                        "ipex.join_bfloat16")
                                                                        ? type("i16[]")
                                                                        : type("f32[]"))
                                .toArray();
                assertThat(infer(op.name(), scalars).getFirst().rank())
                        .as("%s of scalars is a scalar", op)
                        .isZero();
            }
        }
    }
}
