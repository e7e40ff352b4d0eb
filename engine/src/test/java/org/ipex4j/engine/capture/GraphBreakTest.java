package org.ipex4j.engine.capture;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.ConstantEmbedding;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.ipex4j.engine.CompileOptions;
import org.ipex4j.engine.Explanation;
import org.ipex4j.engine.Ipex;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Forwards that no single graph can hold: results are those of eager execution at every call. */
class GraphBreakTest {
    private static final CompileOptions EAGER = CompileOptions.defaults().backend("eager");

    private NDManager manager;
    private ParameterStore store;

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager("IPEX");
        store = new ParameterStore(manager, false);
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private static Block of(Function<NDArray, NDArray> f) {
        return LambdaBlock.singleton(f);
    }

    /** With pieces run op by op, and with pieces compiled. */
    private void sameAsEager(Block block, List<NDArray> calls) {
        sameAsEager(block, EAGER, calls.stream().map(NDArray::duplicate).toList());
        sameAsEager(block, CompileOptions.defaults(), calls);
    }

    private void sameAsEager(Block block, CompileOptions options, List<NDArray> calls) {
        CompiledBlock compiled = (CompiledBlock) Ipex.compile(block, options);
        for (NDArray x : calls) {
            NDArray copy = x.duplicate();
            NDList expected = block.forward(store, new NDList(copy), false);
            NDList actual = compiled.forward(store, new NDList(x), false);
            StandardBlocksTest.same(actual, expected);
            StandardBlocksTest.same(new NDList(x), new NDList(copy));
        }
    }

    private NDArray numbers(float... values) {
        return manager.create(values);
    }

    @Test
    void branchOnANumberTakesTheRightWayAtEachCall() {
        Block block =
                of(
                        x -> {
                            NDArray y = x.mul(2).add(1);
                            return y.sum().getFloat() > 0 ? y.add(x) : y.neg();
                        });
        List<NDArray> calls =
                List.of(
                        numbers(1, 2),
                        numbers(1, 3),
                        numbers(-5, 1),
                        numbers(2, 2),
                        numbers(-9, 0),
                        numbers(-3, 0),
                        numbers(4, 4));
        sameAsEager(block, calls);
    }

    @Test
    void piecesAreCompiledAndJavaCodeRunsAtEachCall() {
        AtomicInteger ran = new AtomicInteger();
        Block block =
                of(
                        x -> {
                            NDArray y = x.mul(2).add(1);
                            float sum = y.sum().getFloat();
                            ran.incrementAndGet();
                            return y.add(sum);
                        });
        Explanation e = Ipex.explain(block, new NDList(numbers(1, 2)));
        assertThat(e.breaks())
                .singleElement()
                .satisfies(
                        b -> {
                            assertThat(b.reason()).isEqualTo("NDArray.toFloatArray");
                            assertThat(b.source().line()).startsWith("GraphBreakTest.java:");
                        });
        assertThat(ran).hasValue(2);
    }

    @Test
    void explainShowsThePiecesThatRunCompiled() {
        Block block =
                of(
                        x -> {
                            NDArray y = x.mul(2).add(1);
                            return y.add(y.sum().getFloat());
                        });
        CompiledBlock compiled = (CompiledBlock) Ipex.compile(block, EAGER);
        for (int i = 0; i < 3; i++) {
            compiled.forward(store, new NDList(numbers(1, 2)), false);
        }
        CompiledBlock.Snapshot s = compiled.snapshot().orElseThrow();
        // The sum is part of the code of what follows it, as any number that Java code computes
        // with.
        assertThat(s.graphs()).hasSize(2);
        assertThat(Captures.ops(s.graphs().get(0))).contains("aten.mul.Scalar", "aten.add.Scalar");
        // The piece gives what is read at the break and what later pieces read.
        assertThat(s.graphs()).anySatisfy(g -> assertThat(g.outputs()).hasSize(2));
    }

    @Test
    void arrayOfAnotherManagerIsReadAnewAtEachCall() {
        NDArray state = numbers(1, 1);
        Block block = of(x -> x.mul(state).add(1));
        CompiledBlock compiled = (CompiledBlock) Ipex.compile(block, EAGER);
        for (int i = 0; i < 4; i++) {
            NDArray x = numbers(2, 3);
            StandardBlocksTest.same(
                    compiled.forward(store, new NDList(x), false),
                    block.forward(store, new NDList(x), false));
            state.addi(1);
        }
        assertThat(compiled.snapshot().orElseThrow().graphs()).hasSize(1);
    }

    @Test
    void writingToAnArrayOfAnotherManagerHappensInOrder() {
        Function<NDArray, Function<NDArray, NDArray>> body =
                state ->
                        x -> {
                            NDArray before = state.mul(1);
                            NDArray y = x.mul(state);
                            state.addi(x.sum());
                            return y.add(state).add(before);
                        };
        NDArray state = numbers(1, 1);
        NDArray twin = numbers(1, 1);
        CompiledBlock compiled = (CompiledBlock) Ipex.compile(of(body.apply(state)), EAGER);
        Block eager = of(body.apply(twin));
        for (int i = 0; i < 4; i++) {
            NDArray x = numbers(2, i);
            StandardBlocksTest.same(
                    compiled.forward(store, new NDList(x), false),
                    eager.forward(store, new NDList(x), false));
            StandardBlocksTest.same(new NDList(state), new NDList(twin));
        }
    }

    @Test
    void randomNumbersDifferFromCallToCall() {
        Block block =
                of(x -> x.add(x.getManager().randomNormal(0, 1, x.getShape(), DataType.FLOAT32)));
        CompiledBlock compiled = (CompiledBlock) Ipex.compile(block, EAGER);
        List<Float> seen = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            seen.add(compiled.forward(store, new NDList(numbers(0, 0)), false).head().getFloat(0));
        }
        assertThat(seen).doesNotHaveDuplicates();
    }

    @Test
    void sizesThatDependOnTheData() {
        Block block = of(x -> x.booleanMask(x.gt(0)).mul(3));
        sameAsEager(
                block,
                List.of(
                        numbers(1, -2, 3),
                        numbers(1, 2, 3),
                        numbers(-1, -1, -1),
                        numbers(4, -2, 3)));
    }

    @Test
    void inputsChangedInPlaceBeforeAndAfterABreak() {
        Block block =
                of(
                        x -> {
                            x.addi(1);
                            float first = x.getFloat(0);
                            x.muli(first);
                            return x.neg();
                        });
        sameAsEager(block, List.of(numbers(1, 2), numbers(1, 5), numbers(2, 2), numbers(1, 7)));
    }

    @Test
    void arrayThatABlockKeepsIsCopiedIntoATracedOne() {
        Block block = new ConstantEmbedding(numbers(1, 2, 3));
        sameAsEager(block, List.of(numbers(1, 2), numbers(3, 4), numbers(5, 6)));
    }

    @Test
    void writingThroughViewsThatNoPureOpWritesThrough() {
        Block block =
                of(
                        x -> {
                            NDArray y = x.mul(1).reshape(2, 2);
                            NDArray wide = y.expandDims(0).broadcast(1, 2, 2);
                            y.addi(1);
                            return wide.add(y);
                        });
        sameAsEager(block, List.of(numbers(1, 2, 3, 4), numbers(5, 6, 7, 8), numbers(0, 0, 0, 0)));
    }

    @Test
    void loopsOverAsManyStepsAsTheDataSay() {
        Block block =
                of(
                        x -> {
                            NDArray y = x;
                            int steps = (int) x.getFloat(0);
                            for (int i = 0; i < steps; i++) {
                                y = y.mul(x).add(i);
                            }
                            return y;
                        });
        sameAsEager(
                block,
                List.of(
                        numbers(1, 2),
                        numbers(3, 2),
                        numbers(2, 2),
                        numbers(3, 1),
                        numbers(0, 5),
                        numbers(3, 7)));
    }

    @Test
    void breakInOneBlockLeavesTheOthersCompiled() {
        Block net =
                new SequentialBlock()
                        .add(Linear.builder().setUnits(4).build())
                        .add(of(x -> x.getFloat(0, 0) > 0 ? x : x.neg()))
                        .add(Linear.builder().setUnits(2).build());
        net.initialize(manager, DataType.FLOAT32, new Shape(1, 3));
        Explanation e =
                Ipex.explain(Ipex.compile(net, EAGER), new NDList(manager.ones(new Shape(1, 3))));
        assertThat(e.graphs())
                .hasSize(2)
                .allSatisfy(g -> assertThat(Captures.ops(g)).contains("aten.linear"));
        assertThat(e.breaks())
                .singleElement()
                .satisfies(b -> assertThat(b.source().block()).isEqualTo("02LambdaBlock"));
        assertThat(e.toString()).contains("02LambdaBlock").contains("GraphBreakTest.java:");
    }

    @Test
    void constantsReadOnTheHostDoNotBreakTheGraph() {
        Block block = of(x -> x.mul(x.getManager().create(new float[] {3, 4}).getFloat(1)));
        assertThat(Captures.breaks(block, new NDList(numbers(1, 2)))).isEmpty();
    }
}
