package org.ipex4j.engine.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import org.ipex4j.compiler.loop.LoopKernel;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Value;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Vectorised elementary functions over bit patterns of all floats, in units of the last place. */
class MathAccuracyTest {
    /** Every 9973rd float: all signs, exponents, denormals, infinities and NaNs. */
    private static final int STRIDE = 9973;

    @ParameterizedTest
    @CsvSource({
        "exp, 2",
        "exp2, 2",
        "expm1, 3",
        "log, 2",
        "log1p, 3",
        "tanh, 3",
        "sigmoid, 3",
        "erf, 3"
    })
    void withinAFewUlp(String op, double limit) {
        int n = (int) ((1L << 32) / STRIDE);
        GraphBuilder g = new GraphBuilder();
        Value x = g.input(Input.Role.ARGUMENT, "x", TensorType.of(DType.FLOAT32, n));
        LoopKernel k =
                KernelHarness.compile(
                        KernelHarness.groups(g.build(g.call("aten." + op, x))).getFirst(),
                        Map.of());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment in = arena.allocate(4L * n, 64);
            MemorySegment out = arena.allocate(4L * n, 64);
            for (int i = 0; i < n; i++) {
                in.setAtIndex(ValueLayout.JAVA_INT, i, i * STRIDE);
            }
            assertThat(KernelHarness.run(k, List.of(in, out), 1, arena)).isZero();
            double worst = 0;
            float where = 0;
            for (int i = 0; i < n; i++) {
                float v = in.getAtIndex(ValueLayout.JAVA_FLOAT, i);
                float y = out.getAtIndex(ValueLayout.JAVA_FLOAT, i);
                double e = exact(op, v);
                if (Double.isNaN(e) || Float.isInfinite((float) e)) {
                    assertThat(Float.valueOf(y))
                            .as("%s(%s)", op, v)
                            .isEqualTo(Float.valueOf((float) e));
                    continue;
                }
                if (op.equals("sigmoid") && Math.abs(e) < Float.MIN_NORMAL) {
                    continue; // 1 / (1 + e^-x) overflows there and gives 0, in ATen too
                }
                double ulp = Math.abs(y - e) / Math.ulp((float) e);
                if (!(ulp <= worst)) {
                    worst = ulp;
                    where = v;
                }
            }
            assertThat(worst).as("%s, worst at %s", op, where).isLessThanOrEqualTo(limit);
        }
    }

    private static double exact(String op, double x) {
        return switch (op) {
            case "exp" -> Math.exp(x);
            case "exp2" -> Math.pow(2, x);
            case "expm1" -> Math.expm1(x);
            case "log" -> Math.log(x);
            case "log1p" -> Math.log1p(x);
            case "tanh" -> Math.tanh(x);
            case "erf" -> org.ipex4j.compiler.reference.SpecialFunctions.erf(x);
            default -> 1 / (1 + Math.exp(-x));
        };
    }
}
