package org.ipex4j.runtime.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;
import org.ipex4j.ir.plan.BufferType;
import org.ipex4j.ir.plan.Layout;
import org.ipex4j.ir.plan.Operand;
import org.ipex4j.ir.plan.Step;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HostOpsTest {
    private static final float NAN = Float.NaN;

    /** Runs an op on tensors given as doubles; arguments that are {@code In} become operands. */
    private record In(DType type, Sizes sizes, double... values) {}

    private static List<double[]> run(String name, Object... arguments) {
        Op op = OpCatalog.get(name);
        List<In> ins = new ArrayList<>();
        Object[] indexed = arguments.clone();
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i] instanceof In in) {
                indexed[i] = ins.size();
                ins.add(in);
            }
        }
        Args<Integer> args = Args.of(op.schema(), indexed);
        List<TensorType> types =
                new ArrayList<>(ins.stream().map(in -> new TensorType(in.type, in.sizes)).toList());
        types.addAll(op.infer(args.map(types::get)));
        List<Operand> operands = new ArrayList<>();
        for (int i = 0; i < types.size(); i++) {
            operands.add(Plans.in(i, BufferType.contiguous(types.get(i))));
        }
        Step.Host step = new Step.Host(name, op, args, operands, Step.Work.NONE);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment[] memory = new MemorySegment[types.size()];
            for (int i = 0; i < memory.length; i++) {
                memory[i] = arena.allocate(types.get(i).byteSize(), 64);
                for (int k = 0; i < ins.size() && k < ins.get(i).values.length; k++) {
                    Elements.setReal(types.get(i).dtype(), memory[i], k, ins.get(i).values[k]);
                }
            }
            HostOps.find(step).run(step, memory);
            List<double[]> out = new ArrayList<>();
            for (int i = ins.size(); i < memory.length; i++) {
                double[] values = new double[(int) types.get(i).numel()];
                for (int k = 0; k < values.length; k++) {
                    values[k] = Elements.real(types.get(i).dtype(), memory[i], k);
                }
                out.add(values);
            }
            return out;
        }
    }

    private static In f32(Sizes sizes, double... values) {
        return new In(DType.FLOAT32, sizes, values);
    }

    @Test
    void sortsStablyWithNanLast() {
        List<double[]> r =
                run(
                        "aten.sort",
                        f32(Sizes.of(7), 3, NAN, -1, 0.0, -0.0, Double.NEGATIVE_INFINITY, 3),
                        -1,
                        false);
        assertThat(r.get(0)).containsExactly(Double.NEGATIVE_INFINITY, -1, 0.0, -0.0, 3, 3, NAN);
        assertThat(r.get(1)).containsExactly(5, 2, 3, 4, 0, 6, 1);
        assertThat(run("aten.sort", f32(Sizes.of(5), 1, NAN, 2, 1, 2), 0, true).get(1))
                .containsExactly(1, 2, 4, 0, 3);
    }

    @Test
    void sortsAlongAnyDimension() {
        List<double[]> r =
                run(
                        "aten.sort",
                        f32(Sizes.of(2, 3, 2), 5, 1, 4, 2, 6, 0, 9, 8, 7, 6, 5, 4),
                        1,
                        false);
        assertThat(r.get(0)).containsExactly(4, 0, 5, 1, 6, 2, 5, 4, 7, 6, 9, 8);
        assertThat(r.get(1)).containsExactly(1, 2, 0, 0, 2, 1, 2, 2, 1, 1, 0, 0);
        assertThat(run("aten.argsort", f32(Sizes.of(2, 2), 2, 1, 0, 5), 0, false).getFirst())
                .containsExactly(1, 0, 0, 1);
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void everyDtypeSorts(DType type) {
        double[] values =
                type == DType.BOOL ? new double[] {1, 0, 1, 0} : new double[] {3, 1, 100, 0};
        List<double[]> r = run("aten.sort", new In(type, Sizes.of(4), values), -1, true);
        double[] sorted = values.clone();
        java.util.Arrays.sort(sorted);
        for (int i = 0; i < 4; i++) {
            assertThat(r.get(0)[i]).isEqualTo(sorted[3 - i]);
        }
        if (type != DType.BOOL && type != DType.UINT8) {
            assertThat(
                            run("aten.argsort", new In(type, Sizes.of(3), -1, 5, -100), -1, false)
                                    .getFirst())
                    .containsExactly(2, 0, 1);
        }
    }

    @Test
    void manyEqualDoublesKeepTheirOrder() {
        double[] values = new double[1000];
        for (int i = 0; i < values.length; i++) {
            values[i] = i * 7919 % 13;
        }
        double[] order =
                run("aten.argsort", new In(DType.FLOAT64, Sizes.of(1000), values), -1, false)
                        .getFirst();
        for (int i = 1; i < order.length; i++) {
            double a = values[(int) order[i - 1]];
            double b = values[(int) order[i]];
            assertThat(a < b || a == b && order[i - 1] < order[i]).isTrue();
        }
    }

    @Test
    void topkTakesTheFirstOfEachLine() {
        List<double[]> r =
                run("aten.topk", f32(Sizes.of(2, 4), 1, 4, 3, 2, NAN, 8, 9, 7), 2, -1, true, true);
        assertThat(r.get(0)).containsExactly(4, 3, NAN, 9);
        assertThat(r.get(1)).containsExactly(1, 2, 0, 2);
        assertThat(
                        run("aten.topk", f32(Sizes.of(2, 3), 5, 1, 2, 4, 6, 0), 1, 0, false, true)
                                .get(0))
                .containsExactly(4, 1, 0);
        assertThat(run("aten.topk", f32(Sizes.SCALAR, 5), 1).get(0)).containsExactly(5);
        assertThat(run("aten.topk", f32(Sizes.of(3), 1, 2, 3), 0).get(0)).isEmpty();
    }

    @Test
    void scattersInIndexOrder() {
        In self = f32(Sizes.of(2, 3), 0, 0, 0, 0, 0, 0);
        In index = new In(DType.INT64, Sizes.of(2, 2), 2, 2, 0, 1);
        In src = f32(Sizes.of(2, 3), 1, 2, 3, 4, 5, 6);
        assertThat(run("aten.scatter.src", self, 1, index, src).getFirst())
                .containsExactly(0, 0, 2, 4, 5, 0);
        assertThat(run("aten.scatter_add", self, 1, index, src).getFirst())
                .containsExactly(0, 0, 3, 4, 5, 0);
        assertThat(run("aten.scatter.value", self, 1, index, 7).getFirst())
                .containsExactly(0, 0, 7, 7, 7, 0);
        In line = f32(Sizes.of(3), 1, 1, 1);
        assertThat(
                        run(
                                        "aten.scatter_add",
                                        line,
                                        0,
                                        new In(DType.INT64, Sizes.SCALAR, 2),
                                        f32(Sizes.SCALAR, 4))
                                .getFirst())
                .containsExactly(1, 1, 5);
        assertThat(
                        run(
                                        "aten.scatter.value",
                                        f32(Sizes.SCALAR, 1),
                                        0,
                                        new In(DType.INT64, Sizes.SCALAR, 0),
                                        5)
                                .getFirst())
                .containsExactly(5);
        In far = new In(DType.INT64, Sizes.of(1, 1), 3);
        assertThatThrownBy(() -> run("aten.scatter.src", self, 1, far, src))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("index 3 is out of bounds");
    }

    @Test
    void halvesRoundToNearestEven() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment s = arena.allocate(8);
            for (float f :
                    new float[] {
                        1.00390625f, 1.01171875f, NAN, Float.POSITIVE_INFINITY, -0.0f, 3.3895314e38f
                    }) {
                Elements.setReal(DType.BFLOAT16, s, 0, f);
                float back = (float) Elements.real(DType.BFLOAT16, s, 0);
                float below = Float.intBitsToFloat(Float.floatToRawIntBits(f) & 0xffff0000);
                float above =
                        Float.intBitsToFloat((Float.floatToRawIntBits(f) & 0xffff0000) + 0x10000);
                boolean even = (Float.floatToRawIntBits(back) >>> 16 & 1) == 0;
                if (!Float.isFinite(f)) {
                    assertThat(Float.compare(back, f)).isZero();
                } else if (f - below == above - f) {
                    assertThat(even).as("%s -> %s", f, back).isTrue();
                } else {
                    assertThat(Math.abs(back - f)).isLessThanOrEqualTo(Math.abs(below - f));
                }
            }
            assertThat(s.get(ValueLayout.JAVA_SHORT, 0)).isEqualTo((short) 0x7f7f);
        }
    }

    @Test
    void refusesUnknownOpsAndLayouts() {
        Op relu = OpCatalog.get("aten.relu");
        BufferType t = Plans.f32(2, 2);
        Step.Host unknown =
                new Step.Host(
                        "x",
                        relu,
                        Args.of(relu.schema(), 0),
                        List.of(Plans.in(0, t), Plans.out(0, t)),
                        Step.Work.NONE);
        assertThatThrownBy(() -> HostOps.find(unknown))
                .hasMessageContaining("aten.relu")
                .hasMessageContaining("aten.topk");
        Op argsort = OpCatalog.get("aten.argsort");
        BufferType turned = t.withLayout(Layout.strided(1, 2));
        Step.Host strided =
                new Step.Host(
                        "x",
                        argsort,
                        Args.of(argsort.schema(), 0),
                        List.of(Plans.in(0, turned), Plans.out(0, t)),
                        Step.Work.NONE);
        assertThatThrownBy(() -> HostOps.find(strided)).hasMessageContaining("contiguous");
    }
}
