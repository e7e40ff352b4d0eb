package org.ipex4j.ir.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;
import org.junit.jupiter.api.Test;

/**
 * Types, costs and stride rules of the structural ops; samples elsewhere compare them with
 * libtorch.
 */
class StructuralOpsTest {
    private static TensorType f32(long... sizes) {
        return TensorType.of(DType.FLOAT32, sizes);
    }

    private static TensorType i64(long... sizes) {
        return TensorType.of(DType.INT64, sizes);
    }

    private static List<TensorType> infer(String op, Object... args) {
        Op found = OpCatalog.get(op);
        return found.infer(Args.of(found.schema(), args));
    }

    private static TensorType one(String op, Object... args) {
        return infer(op, args).getFirst();
    }

    @Test
    void convolutionOfResNetStem() {
        Op op = OpCatalog.get("aten.convolution");
        Args<TensorType> args =
                Args.of(
                        op.schema(),
                        f32(1, 3, 224, 224),
                        f32(64, 3, 7, 7),
                        null,
                        new long[] {2, 2},
                        new long[] {3, 3},
                        new long[] {1, 1},
                        false,
                        new long[] {0, 0},
                        1);
        List<TensorType> out = op.infer(args);
        assertThat(out).containsExactly(f32(1, 64, 112, 112));
        assertThat(op.flops(args, out)).isEqualTo(2.0 * 64 * 112 * 112 * 3 * 49);
        assertThat(op.is(Trait.EXPENSIVE)).isTrue();
    }

    @Test
    void unbatchedAndSamePaddedConvolutions() {
        assertThat(one("aten.conv2d", f32(3, 9, 9), f32(4, 3, 3, 3))).isEqualTo(f32(4, 7, 7));
        assertThat(one("aten.conv1d.padding", f32(2, 3, 10), f32(4, 3, 4), null, 1, "same"))
                .isEqualTo(f32(2, 4, 10));
        assertThat(
                        one(
                                "aten.conv_transpose2d.input",
                                f32(1, 4, 5, 5),
                                f32(4, 2, 3, 3),
                                null,
                                2,
                                1,
                                1,
                                2))
                .isEqualTo(f32(1, 4, 10, 10));
    }

    @Test
    void errorsNameOpAndSizes() {
        assertThatThrownBy(() -> infer("aten.mm", f32(2, 3), f32(4, 5)))
                .hasMessage("aten.mm: inner dimensions differ: [2, 3] x [4, 5]");
        assertThatThrownBy(() -> infer("aten.cat", List.of(f32(2, 3), f32(2, 4)), 0))
                .hasMessage(
                        "aten.cat: sizes must agree except in dimension 0: tensor 1 has [2, 4], the first [2, 3]");
        assertThatThrownBy(() -> infer("aten.view", f32(2, 3), new long[] {4, -1}))
                .hasMessage("aten.view: sizes [4, -1] do not fit the 6 elements of [2, 3]");
        assertThatThrownBy(() -> infer("aten.nonzero", f32(2)))
                .hasMessageContaining("depend on the data");
    }

    @Test
    void matmulBroadcastsAndDropsVectors() {
        assertThat(one("aten.matmul", f32(2, 1, 3, 4), f32(5, 4, 6))).isEqualTo(f32(2, 5, 3, 6));
        assertThat(one("aten.matmul", f32(4), f32(5, 4, 6))).isEqualTo(f32(5, 6));
        assertThat(one("aten.matmul", f32(5, 3, 4), f32(4))).isEqualTo(f32(5, 3));
        assertThat(one("aten.matmul", f32(4), f32(4))).isEqualTo(f32());
    }

    @Test
    void costOfAddmm() {
        Op op = OpCatalog.get("aten.addmm");
        Args<TensorType> args = Args.of(op.schema(), f32(5), f32(3, 4), f32(4, 5));
        assertThat(op.flops(args, op.infer(args))).isEqualTo(2 * 3 * 4 * 5 + 15);
    }

    @Test
    void indexPutsBroadcastIndicesInPlaceOrInFront() {
        assertThat(
                        one(
                                "aten.index.Tensor",
                                f32(3, 4, 5, 6),
                                Arrays.asList(null, i64(2, 1), i64(7))))
                .isEqualTo(f32(3, 2, 7, 6));
        assertThat(one("aten.index.Tensor", f32(3, 4, 5, 6), Arrays.asList(i64(7), null, i64(7))))
                .isEqualTo(f32(7, 4, 6));
    }

    private static Strided view(String op, Strided self, Object... rest) {
        Op found = OpCatalog.get(op);
        Object[] all = new Object[rest.length + 1];
        all[0] = self;
        System.arraycopy(rest, 0, all, 1, rest.length);
        return ViewRules.apply(found, Args.<Strided>of(found.schema(), all))
                .map(List::getFirst)
                .orElse(null);
    }

    @Test
    void viewOfATransposedMatrixNeedsACopy() {
        Strided transposed = view("aten.t", Strided.contiguous(f32(3, 4).sizes()));
        assertThat(transposed.strides()).containsExactly(1, 4);
        assertThat(view("aten.view", transposed, new long[] {12})).isNull();
        assertThat(view("aten.view", transposed, new long[] {2, 2, 3}).strides())
                .containsExactly(2, 1, 4);
        assertThat(view("aten.view", transposed, new long[] {1, 4, 3}).strides()).endsWith(1, 4);
    }

    @Test
    void sliceAndSelectMoveTheOffset() {
        Strided base = new Strided(f32(5, 6).sizes(), new long[] {6, 1}, 10);
        assertThat(view("aten.slice.Tensor", base, 1, 1, Long.MAX_VALUE, 2))
                .isEqualTo(new Strided(f32(5, 3).sizes(), new long[] {6, 2}, 11));
        assertThat(view("aten.select.int", base, 0, -1))
                .isEqualTo(new Strided(f32(6).sizes(), new long[] {1}, 34));
        assertThat(
                        view("aten.expand", view("aten.unsqueeze", base, 0), new long[] {3, -1, -1})
                                .strides())
                .containsExactly(0, 6, 1);
    }

    @Test
    void everyViewOpHasAStrideRule() {
        assertThat(OpCatalog.all())
                .allSatisfy(
                        op ->
                                assertThat(ViewRules.has(op))
                                        .as(op.name())
                                        .isEqualTo(op.is(Trait.VIEW)));
    }
}
