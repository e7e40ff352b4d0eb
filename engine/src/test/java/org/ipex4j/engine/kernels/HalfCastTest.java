package org.ipex4j.engine.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.ipex4j.compiler.loop.LoopGroup;
import org.ipex4j.compiler.loop.LoopKernel;
import org.ipex4j.compiler.oracle.Oracle;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.compiler.samples.Closeness;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.Input.Role;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.OpCatalog;
import org.ipex4j.ir.plan.Target;
import org.ipex4j.runtime.Runtime;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Casts to and from bf16, element by element as libtorch's: with the processor's instructions where
 * it has them, with AVX-512 alone, and with AVX2.
 */
class HalfCastTest {
    /** Tails of every length beside whole vectors, and whole unrolled steps. */
    private static final int[] COUNTS = {1, 7, 15, 16, 17, 33, 64, 65, 207, 4099};

    static Stream<Target> targets() {
        Target host = Runtime.instance().target();
        Set<String> without = new HashSet<>(host.capabilities());
        without.remove("avx512_bf16");
        Target plain = with(host, host.vectorBytes(), without);
        Target narrow = with(host, 32, without);
        return Stream.of(host, plain, narrow).distinct();
    }

    private static Target with(Target t, int vectorBytes, Set<String> capabilities) {
        return new Target(
                t.cpu(),
                t.features(),
                vectorBytes,
                Set.copyOf(capabilities),
                t.threads(),
                t.l1Bytes(),
                t.l2Bytes(),
                t.l3Bytes());
    }

    /** Bits of a kernel's result on the bits of its only input. */
    private static MemorySegment run(
            Arena arena, Target target, String op, DType from, DType to, MemorySegment in, int n) {
        GraphBuilder g = new GraphBuilder();
        Value x = g.input(Role.ARGUMENT, "x", TensorType.of(from, n));
        Value y = to == null ? g.call(op, x) : g.call(op, x, to);
        LoopGroup group = KernelHarness.groups(g.build(y)).getFirst();
        LoopKernel k = KernelHarness.compile(group, Map.of(), target);
        // Guards behind the result show writes past its end.
        MemorySegment out = arena.allocate(n * (long) y.type().dtype().byteSize() + 64, 64);
        out.fill((byte) 0x5A);
        assertThat(KernelHarness.run(k, List.of(in, out), 1, arena)).isZero();
        for (long i = n * (long) y.type().dtype().byteSize(); i < out.byteSize(); i++) {
            assertThat(out.get(ValueLayout.JAVA_BYTE, i)).as("byte %s", i).isEqualTo((byte) 0x5A);
        }
        return out;
    }

    /** To nearest, ties to even, of the bits of an f32 that is not NaN. */
    private static short rounded(int bits) {
        long low = bits & 0xFFFFL;
        int up = low > 0x8000 || low == 0x8000 && (bits >>> 16 & 1) == 1 ? 1 : 0;
        return (short) ((bits >>> 16) + up);
    }

    private static boolean isNaN(short bf16) {
        return (bf16 & 0x7FFF) > 0x7F80;
    }

    @ParameterizedTest
    @MethodSource("targets")
    void everyKindOfFloatIsRoundedToNearestEven(Target target) {
        // Every exponent with both signs, and lower halves around the places where rounding turns.
        int[] lower = {0, 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF};
        int[] upper = {0, 1, 2, 0x3F, 0x40, 0x7E, 0x7F};
        int n = 512 * lower.length * upper.length;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment in = arena.allocate(4L * n, 64);
            int at = 0;
            for (int e = 0; e < 512; e++) {
                for (int u : upper) {
                    for (int l : lower) {
                        in.setAtIndex(ValueLayout.JAVA_INT, at++, e << 23 | u << 16 | l);
                    }
                }
            }
            MemorySegment out =
                    run(arena, target, "aten._to_copy", DType.FLOAT32, DType.BFLOAT16, in, n);
            for (int i = 0; i < n; i++) {
                int bits = in.getAtIndex(ValueLayout.JAVA_INT, i);
                short got = out.getAtIndex(ValueLayout.JAVA_SHORT, i);
                if (Float.isNaN(Float.intBitsToFloat(bits))) {
                    assertThat(isNaN(got)).as("%x gives %x", bits, got).isTrue();
                } else {
                    assertThat(got).as("%x", bits).isEqualTo(rounded(bits));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("targets")
    void allHalvesWidenExactlyAndComeBack(Target target) {
        int n = 1 << 16;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment in = arena.allocate(2L * n, 64);
            for (int i = 0; i < n; i++) {
                in.setAtIndex(ValueLayout.JAVA_SHORT, i, (short) i);
            }
            MemorySegment wide =
                    run(arena, target, "aten._to_copy", DType.BFLOAT16, DType.FLOAT32, in, n);
            MemorySegment same = run(arena, target, "aten.clone", DType.BFLOAT16, null, in, n);
            MemorySegment negative = run(arena, target, "aten.neg", DType.BFLOAT16, null, in, n);
            for (int i = 0; i < n; i++) {
                short x = (short) i;
                assertThat(wide.getAtIndex(ValueLayout.JAVA_INT, i)).isEqualTo(i << 16);
                assertThat(same.getAtIndex(ValueLayout.JAVA_SHORT, i)).isEqualTo(x);
                short minus = negative.getAtIndex(ValueLayout.JAVA_SHORT, i);
                if (isNaN(x)) {
                    assertThat(isNaN(minus)).isTrue();
                } else {
                    assertThat(minus).isEqualTo((short) (i ^ 0x8000));
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void castsOfEveryTypeAgreeWithLibtorch(DType other) {
        Random random = new Random(3);
        double[] special = {
            0.0, -0.0, 1, -1, 127, 3.5, Float.MIN_VALUE, -0x1p-130, 0x1p-126, 1e30, 0x1.FFp127
        };
        for (int n : COUNTS) {
            TensorType narrow = TensorType.of(DType.BFLOAT16, n);
            RefTensor half =
                    RefTensor.build(
                            narrow,
                            i ->
                                    other.isFloating() && i % 3 == 0
                                            ? special[random.nextInt(special.length)]
                                            : random.nextInt(120));
            TensorType type = TensorType.of(other, n);
            RefTensor x =
                    other.isFloating()
                            ? RefTensor.build(
                                    type,
                                    i ->
                                            i % 3 == 0
                                                    ? special[random.nextInt(special.length)]
                                                    : i % 7 == 0
                                                            ? Double.NaN
                                                            : random.nextGaussian())
                            : RefTensor.buildInts(
                                    type, i -> other == DType.BOOL ? i & 1 : random.nextInt(100));
            checkCast(half, other);
            checkCast(x, DType.BFLOAT16);
        }
    }

    private static void checkCast(RefTensor x, DType to) {
        var op = OpCatalog.get("aten._to_copy");
        RefTensor torch = Oracle.call(op.name(), Args.of(op.schema(), x, to)).getFirst();
        GraphBuilder g = new GraphBuilder();
        Value in = g.input(Role.ARGUMENT, "x", x.type());
        RefTensor ours =
                CompiledHarness.run(
                                g.build(g.call("aten._to_copy", in, to)),
                                List.of(CompiledHarness.dense(x)))
                        .getFirst();
        Closeness.check(x.type() + " to " + to, torch, ours, 0);
    }
}
