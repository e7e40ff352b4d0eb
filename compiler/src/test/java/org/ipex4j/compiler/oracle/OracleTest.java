package org.ipex4j.compiler.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.OpCatalog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The harness itself: every dtype and kind of argument reaches libtorch and comes back. */
class OracleTest {
    private static List<RefTensor> call(String op, Object... args) {
        return Oracle.call(op, Args.of(OpCatalog.get(op).schema(), args));
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void dtypesSurviveTheWayThereAndBack(DType t) {
        RefTensor x = RefTensor.of(TensorType.of(t, 2, 3), 0.0, 1, 2, -3, 120, 0.75);
        assertThat(call("aten.clone", x)).containsExactly(x);
    }

    @Test
    void listsOptionalsAndManyResults() {
        RefTensor x = RefTensor.of(TensorType.of(DType.FLOAT32, 2, 3), 1, 2, 3, 4, 5, 6.0);
        RefTensor i = RefTensor.of(TensorType.of(DType.INT64, 2), 2L, 0L);
        assertThat(call("aten.permute", x, new long[] {1, 0}).getFirst().toDoubles())
                .containsExactly(1, 4, 2, 5, 3, 6);
        assertThat(call("aten.unbind.int", x)).hasSize(2);
        assertThat(call("aten.index.Tensor", x, Arrays.asList(null, i)).getFirst().toDoubles())
                .containsExactly(3, 1, 6, 4);
        RefTensor rows = RefTensor.of(TensorType.of(DType.INT64, 2), 1L, 1L);
        assertThat(call("aten.index.Tensor", x, List.of(rows, i)).getFirst().toDoubles())
                .containsExactly(6, 4);
        assertThat(call("aten.cat", List.of(x, x), 1).getFirst().sizes().toArray())
                .containsExactly(2, 6);
        assertThat(call("aten.topk", x, 1, 1)).hasSize(2);
        assertThat(call("aten.slice.Tensor", x, 1, null, null, 2).getFirst().toDoubles())
                .containsExactly(1, 3, 4, 6);
        assertThat(call("aten.narrow", x, 1, 3, 0).getFirst().numel()).isZero();
    }

    @Test
    void refusalsCarryLibtorchsMessage() {
        RefTensor x = RefTensor.of(TensorType.of(DType.FLOAT32, 2, 3), 1, 2, 3, 4, 5, 6.0);
        assertThatThrownBy(() -> call("aten.mm", x, x))
                .isInstanceOf(Oracle.Refused.class)
                .hasMessageContaining("cannot be multiplied (2x3 and 2x3)");
    }

    @Test
    void releasesItsMemory() {
        RefTensor x = RefTensor.zeros(TensorType.of(DType.FLOAT32, 256, 256));
        call("aten.clone", x);
        long before = Pointer.totalBytes();
        for (int i = 0; i < 20; i++) {
            call("aten.clone", x);
        }
        assertThat(Pointer.totalBytes()).isLessThanOrEqualTo(before + 1024);
    }
}
