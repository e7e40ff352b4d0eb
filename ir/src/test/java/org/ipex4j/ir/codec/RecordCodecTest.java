package org.ipex4j.ir.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Scalar;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.op.Arg;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;
import org.ipex4j.ir.plan.BufferType;
import org.ipex4j.ir.plan.CodeUnit;
import org.ipex4j.ir.plan.CompiledGraph;
import org.ipex4j.ir.plan.Layout;
import org.ipex4j.ir.plan.LibraryCall;
import org.ipex4j.ir.plan.Operand;
import org.ipex4j.ir.plan.Plan;
import org.ipex4j.ir.plan.PostOp;
import org.ipex4j.ir.plan.Step;
import org.junit.jupiter.api.Test;

class RecordCodecTest {
    private static final RecordCodec<CompiledGraph> GRAPHS = RecordCodec.of(CompiledGraph.class);

    private static BufferType type(Layout layout, long... sizes) {
        return new BufferType(DType.FLOAT32, Sizes.of(sizes), layout);
    }

    /** A plan with a step of every kind; it need not make sense. */
    private static CompiledGraph graph() {
        Sizes sizes = Sizes.of(2, 32, 7, 1);
        BufferType blocked = type(Layout.blockedChannels(sizes, 16), 2, 32, 7, 1);
        BufferType weights = type(Layout.strided(9, 3, 1, -1), 32, 32, 1, 1);
        LibraryCall convolution =
                new LibraryCall.Convolution(
                        blocked,
                        weights,
                        Optional.of(type(Layout.strided(1), 32)),
                        blocked,
                        List.of(1L, 2L),
                        List.of(1L, 1L),
                        List.of(0L, Long.MIN_VALUE),
                        List.of(0L, Long.MAX_VALUE),
                        1,
                        List.of(
                                new PostOp.Sum(0.5f),
                                new PostOp.Binary("mul", blocked),
                                new PostOp.Eltwise("relu", -0.0f, Float.NaN)));
        BufferType workspace =
                new BufferType(
                        DType.UINT8, blocked.sizes(), Layout.blockedChannels(blocked.sizes(), 16));
        List<Long> two = List.of(2L, 2L);
        LibraryCall pool =
                new LibraryCall.Pooling(
                        "max",
                        blocked,
                        blocked,
                        Optional.of(workspace),
                        two,
                        two,
                        two,
                        two,
                        two,
                        List.of());
        LibraryCall backward =
                new LibraryCall.PoolingBackward(
                        "max", blocked, Optional.of(workspace), blocked, two, two, two, two, two);
        List<Operand> operands =
                List.of(
                        new Operand(new Operand.Place.In(0), 0, blocked),
                        new Operand(new Operand.Place.Arena(), 1L << 40, weights),
                        new Operand(new Operand.Place.Out(300), 64, blocked));
        Op op = OpCatalog.get("aten.index_put");
        Args<Integer> args =
                new Args<>(
                        op.schema(),
                        List.of(
                                new Arg.Tensor<>(0),
                                new Arg.Tensors<>(Arrays.asList(null, 1)),
                                new Arg.Tensor<>(2),
                                new Arg.Bool<>(true)));
        Op full = OpCatalog.get("aten.full");
        Args<Integer> numbers =
                Args.of(full.schema(), new long[] {3, 0}, Scalar.of(Math.PI), DType.BFLOAT16);
        Step.Work work = new Step.Work(1e9, Double.MIN_VALUE);
        Plan main =
                new Plan(
                        List.of(blocked),
                        List.of(type(Layout.strided(), new long[0])),
                        List.of(
                                new Step.Library("conv «é»", convolution, operands, "jit", work),
                                new Step.Kernel(
                                        "k", "s1", operands, new long[] {-1, 0, 127, 128}, 2, work),
                                new Step.Host("put", op, args, operands, Step.Work.NONE),
                                new Step.Host("full", full, numbers, List.of(), work),
                                new Step.Library("pool", pool, operands, "jit", work),
                                new Step.Library("pool backward", backward, operands, "", work)),
                        123456789012L,
                        List.of(new CodeUnit("s1", "define …"), new CodeUnit("s2", "define …")));
        CompiledGraph.Bound computed = new CompiledGraph.Bound.Computed(0, 1);
        return new CompiledGraph(
                main,
                List.of(0, 5),
                List.of(new CompiledGraph.Bound.Input(3), computed),
                List.of(new CompiledGraph.Prologue("key", main, List.of(1))),
                List.of(
                        new CompiledGraph.Result.Output(0),
                        new CompiledGraph.Result.InputView(2, blocked, 7),
                        new CompiledGraph.Result.BoundValue(computed, weights, 0)));
    }

    @Test
    void aPlanWithEverythingComesBackEqual() {
        CompiledGraph graph = graph();
        CompiledGraph read = GRAPHS.read(GRAPHS.write(graph));
        // Records with arrays are equal by identity: their text shows the contents.
        assertThat(read.prologues().getFirst().key()).isEqualTo("key");
        assertThat(read.toString().replaceAll("\\[J@\\w+", ""))
                .isEqualTo(graph.toString().replaceAll("\\[J@\\w+", ""));
        assertThat(((Step.Kernel) read.main().steps().get(1)).params())
                .isEqualTo(((Step.Kernel) graph.main().steps().get(1)).params());
        assertThat(read.main().steps().getFirst()).isEqualTo(graph.main().steps().getFirst());
        assertThat(read.main().steps().get(2)).isEqualTo(graph.main().steps().get(2));
        assertThat(read.main().steps().subList(3, 6)).isEqualTo(graph.main().steps().subList(3, 6));
    }

    @Test
    void textsAreWrittenOnceAndReadAsOne() {
        CompiledGraph read = GRAPHS.read(GRAPHS.write(graph()));
        assertThat(read.main().units().getFirst().llvm())
                .isSameAs(read.main().units().get(1).llvm());
    }

    @Test
    void cutBytesAreRefusedAtEveryLength() {
        byte[] bytes = GRAPHS.write(graph());
        for (int n = 0; n < bytes.length; n++) {
            byte[] cut = Arrays.copyOf(bytes, n);
            assertThatThrownBy(() -> GRAPHS.read(cut)).isInstanceOf(CodecException.class);
        }
        assertThatThrownBy(() -> GRAPHS.read(Arrays.copyOf(bytes, bytes.length + 1)))
                .isInstanceOf(CodecException.class)
                .hasMessage("1 bytes too many");
    }

    @Test
    void damagedBytesAreReadAsSomethingOrRefused() {
        byte[] bytes = GRAPHS.write(graph());
        Random random = new Random(5);
        int refused = 0;
        for (int i = 0; i < 5000; i++) {
            byte[] damaged = bytes.clone();
            damaged[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            try {
                GRAPHS.read(damaged);
            } catch (CodecException e) {
                refused++;
            }
        }
        assertThat(refused).isPositive();
    }

    record Unknown(List<Thread> threads) {}

    @Test
    void typesItCannotWriteAreNamedAtOnce() {
        assertThatThrownBy(() -> RecordCodec.of(Unknown.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("java.lang.Thread");
    }
}
