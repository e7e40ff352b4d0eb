package org.ipex4j.engine.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.Dropout;
import ai.djl.training.ParameterStore;
import ai.djl.translate.NoopTranslator;
import ai.djl.util.PairList;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.ipex4j.engine.Backends;
import org.ipex4j.engine.CompileOptions;
import org.ipex4j.engine.CompiledFunction;
import org.ipex4j.engine.Ipex;
import org.ipex4j.engine.OptimizeOptions;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.runtime.memory.LiveBytes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Guards, the cache of graphs, parameters that change, threads, and bad input. */
class CompiledBlockTest {
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

    private Block linear() {
        Block b = Linear.builder().setUnits(4).build();
        b.initialize(manager, DataType.FLOAT32, new Shape(2, 3));
        return b;
    }

    private CompiledBlock compile(Block block) {
        return compile(block, EAGER);
    }

    private CompiledBlock compile(Block block, CompileOptions options) {
        return (CompiledBlock) Ipex.compile(block, options);
    }

    private NDList ones(long... shape) {
        return new NDList(manager.ones(new Shape(shape)));
    }

    private NDList run(Block block, NDList inputs) {
        return block.forward(store, inputs, false);
    }

    @Test
    void sameKindOfCallIsCapturedOnce() {
        CompiledBlock compiled = compile(linear());
        run(compiled, ones(2, 3));
        run(compiled, ones(2, 3));
        assertThat(compiled.cachedGraphs()).isEqualTo(1);
        assertThat(compiled.misses()).isEmpty();
    }

    @Test
    void missNamesTheGuardThatFailed() {
        CompiledBlock compiled = compile(LambdaBlock.singleton(x -> x.mul(2)));
        run(compiled, ones(2, 3));
        run(compiled, ones(5, 3));
        run(compiled, new NDList(manager.ones(new Shape(2, 3), DataType.INT32)));
        NDList named = ones(2, 3);
        named.head().setName("image");
        run(compiled, named);
        assertThat(compiled.misses()).hasSize(3);
        assertThat(compiled.misses().get(0)).contains("input 'data0'", "f32[2, 3]", "f32[5, 3]");
        assertThat(compiled.misses().get(1)).contains("i32[2, 3]");
        assertThat(compiled.misses().get(2)).contains("image");
    }

    @Test
    void ninthRecompilationRunsEagerly() {
        CompiledBlock compiled = compile(LambdaBlock.singleton(x -> x.mul(2)));
        for (int i = 0; i < 12; i++) {
            NDList in = ones(3);
            in.head().setName("n" + i);
            assertThat(run(compiled, in).head().toFloatArray()).containsExactly(2, 2, 2);
        }
        assertThat(compiled.cachedGraphs()).isEqualTo(9);
        assertThat(compiled.misses().getLast()).contains("limit");
    }

    @Test
    void newSizesDoNotExhaustTheLimitUnlessAsked() {
        Block twice = LambdaBlock.singleton(x -> x.mul(2));
        CompiledBlock compiled = compile(twice, EAGER.cacheSize(16));
        CompiledBlock counting = compile(twice, EAGER.dynamic(false));
        for (int n = 1; n <= 20; n++) {
            run(compiled, ones(n));
            run(counting, ones(n));
        }
        assertThat(compiled.cachedGraphs()).isEqualTo(16);
        assertThat(counting.cachedGraphs()).isEqualTo(9);
    }

    @Test
    void paramsOfForwardAreGuarded() {
        Block block =
                new AbstractBlock() {
                    @Override
                    protected NDList forwardInternal(
                            ParameterStore s,
                            NDList inputs,
                            boolean training,
                            PairList<String, Object> params) {
                        return new NDList(inputs.head().mul((Number) params.get("factor")));
                    }

                    @Override
                    public Shape[] getOutputShapes(Shape[] inputShapes) {
                        return inputShapes;
                    }
                };
        CompiledBlock compiled = compile(block);
        for (float factor : new float[] {2, 3, 2}) {
            PairList<String, Object> params = new PairList<>();
            params.add("factor", factor);
            assertThat(compiled.forward(store, ones(1), false, params).head().getFloat())
                    .isEqualTo(factor);
        }
        assertThat(compiled.misses()).singleElement().asString().contains("factor=3.0");
    }

    @Test
    void changedAndSwappedParametersAreSeenWithoutRecompiling() throws Exception {
        Block block = linear();
        CompiledBlock compiled = compile(block);
        NDList in = ones(2, 3);
        run(compiled, in);
        block.getParameters().get("weight").getArray().addi(1);
        StandardBlocksTest.same(run(compiled, in), run(block, in));

        // Loading puts other arrays in the parameters' place.
        Block other = linear();
        other.getParameters().get("weight").getArray().addi(5);
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        other.saveParameters(new DataOutputStream(file));
        block.loadParameters(
                manager, new DataInputStream(new ByteArrayInputStream(file.toByteArray())));
        StandardBlocksTest.same(run(compiled, in), run(other, in));
        assertThat(compiled.misses()).isEmpty();
    }

    @Test
    void ownParameterStoreIsAsked() {
        Block block = linear();
        CompiledBlock compiled = compile(block);
        ParameterStore doubled =
                new ParameterStore(manager, false) {
                    @Override
                    public NDArray getValue(Parameter p, ai.djl.Device device, boolean training) {
                        return p.getArray().mul(2);
                    }
                };
        for (int i = 0; i < 2; i++) {
            NDList in = ones(2, 3);
            StandardBlocksTest.same(
                    compiled.forward(doubled, in, false), block.forward(doubled, in, false));
            StandardBlocksTest.same(run(compiled, in), run(block, in));
        }
    }

    @Test
    void isTheSameBlockInAllElse() throws Exception {
        Block block = linear();
        CompiledBlock compiled = compile(block);
        assertThat(compiled.getParameters().keys()).isEqualTo(block.getParameters().keys());
        assertThat(compiled.describeInput().values()).isEqualTo(block.describeInput().values());
        assertThat(compiled.getOutputShapes(new Shape[] {new Shape(2, 3)}))
                .containsExactly(new Shape(2, 4));
        ByteArrayOutputStream a = new ByteArrayOutputStream();
        ByteArrayOutputStream b = new ByteArrayOutputStream();
        compiled.saveParameters(new DataOutputStream(a));
        block.saveParameters(new DataOutputStream(b));
        assertThat(a.toByteArray()).isEqualTo(b.toByteArray());
    }

    @Test
    void compiledBlockWithinACompiledBlockBecomesPartOfItsGraph() {
        Block inner = Ipex.compile(linear(), EAGER);
        SequentialBlock outer =
                new SequentialBlock().add(inner).add(LambdaBlock.singleton(x -> x.mul(2)));
        CompiledBlock compiled = compile(outer, EAGER.fullGraph(true));
        NDList in = ones(2, 3);
        StandardBlocksTest.same(run(compiled, in), run(outer, in));
        assertThat(Captures.ops(compiled.snapshot().orElseThrow().graphs().getFirst()))
                .containsExactly("aten.linear", "aten.mul.Scalar");
    }

    @Test
    void inputsThatAreNotRowMajor() {
        Block block = linear();
        CompiledBlock compiled = compile(block);
        NDArray wide = manager.arange(6f).reshape(3, 2);
        NDList in = new NDList(wide.transpose());
        StandardBlocksTest.same(run(compiled, in), run(block, in));
    }

    @Test
    void badInputsGetClearErrors() {
        CompiledBlock compiled = compile(linear());
        assertThatThrownBy(() -> run(compiled, ones(2, 5)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("aten.linear")
                .hasMessageContaining("[2, 5]");
        assertThatThrownBy(
                        () ->
                                run(
                                        compiled,
                                        new NDList(manager.ones(new Shape(2, 3), DataType.INT64))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("aten.linear");
        NDList closed = ones(2, 3);
        closed.head().close();
        assertThatThrownBy(() -> run(compiled, closed))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("data0")
                .hasMessageContaining("closed");
        // A failed capture leaves nothing behind.
        assertThat(compiled.cachedGraphs()).isZero();
        run(compiled, ones(2, 3));
        assertThat(compiled.cachedGraphs()).isEqualTo(1);
    }

    @Test
    void failedCallsDoNotCountAsRecompilations() {
        CompiledBlock compiled = compile(linear());
        run(compiled, ones(2, 3));
        for (int i = 0; i < 12; i++) {
            assertThatThrownBy(
                            () ->
                                    run(
                                            compiled,
                                            new NDList(
                                                    manager.ones(new Shape(2, 3), DataType.INT64))))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        NDList named = ones(2, 3);
        named.head().setName("x");
        run(compiled, named);
        assertThat(compiled.cachedGraphs()).isEqualTo(2);
    }

    @Test
    void parameterOfAnotherTypeMakesANewGraph() throws Exception {
        Block block = linear();
        CompiledBlock compiled = compile(block);
        run(compiled, ones(2, 3));
        Block wider = Linear.builder().setUnits(6).build();
        wider.initialize(manager, DataType.FLOAT32, new Shape(2, 3));
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        wider.saveParameters(new DataOutputStream(file));
        block.loadParameters(
                manager, new DataInputStream(new ByteArrayInputStream(file.toByteArray())));
        StandardBlocksTest.same(run(compiled, ones(2, 3)), run(wider, ones(2, 3)));
        assertThat(compiled.misses())
                .singleElement()
                .asString()
                .contains("parameter 'weight'", "f32[4, 3]", "f32[6, 3]");
        assertThat(compiled.cachedGraphs()).isEqualTo(1);
    }

    @Test
    void closedModelIsReported() {
        NDManager own = manager.newSubManager();
        Block block = Linear.builder().setUnits(4).build();
        block.initialize(own, DataType.FLOAT32, new Shape(2, 3));
        CompiledBlock compiled = compile(block);
        run(compiled, ones(2, 3));
        own.close();
        assertThatThrownBy(() -> run(compiled, ones(2, 3)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("parameter 'weight' is closed");
    }

    @Test
    void threadsShareABlockWhileItsModelCloses() throws Exception {
        NDManager own = manager.newSubManager();
        Block block = Linear.builder().setUnits(64).build();
        block.initialize(own, DataType.FLOAT32, new Shape(8, 64));
        CompiledBlock compiled = compile(block);
        float[] expected = run(block, ones(8, 64)).head().toFloatArray();
        try (ExecutorService pool = Executors.newFixedThreadPool(4)) {
            CountDownLatch running = new CountDownLatch(4);
            List<Future<Integer>> done = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                done.add(
                        pool.submit(
                                () -> {
                                    int calls = 0;
                                    try (NDManager mine = manager.newSubManager()) {
                                        while (true) {
                                            NDList in = new NDList(mine.ones(new Shape(8, 64)));
                                            NDList out = compiled.forward(store, in, false);
                                            assertThat(out.head().toFloatArray())
                                                    .isEqualTo(expected);
                                            in.close();
                                            out.close();
                                            if (++calls == 20) {
                                                running.countDown();
                                            }
                                        }
                                    } catch (IllegalStateException e) {
                                        assertThat(e).hasMessageContaining("closed");
                                        return calls;
                                    }
                                }));
            }
            running.await();
            own.close();
            for (Future<Integer> f : done) {
                assertThat(f.get()).isGreaterThanOrEqualTo(20);
            }
        }
    }

    @Test
    void resetDropsGraphsAndTheBlockCapturesAgain() {
        CompiledBlock compiled = compile(linear());
        run(compiled, ones(2, 3));
        Ipex.reset();
        assertThat(compiled.cachedGraphs()).isZero();
        run(compiled, ones(2, 3));
        assertThat(compiled.cachedGraphs()).isEqualTo(1);
    }

    @Test
    void trainingRunsEagerly() {
        Block block = new SequentialBlock().add(Dropout.builder().optRate(0.9f).build());
        block.initialize(manager, DataType.FLOAT32, new Shape(100));
        CompiledBlock compiled = compile(block);
        assertThat(compiled.forward(store, ones(100), true).head().toFloatArray()).contains(0f);
        assertThat(compiled.cachedGraphs()).isZero();
    }

    @Test
    void modelAndPredictor() throws Exception {
        try (Model model = Model.newInstance("linear", "IPEX")) {
            Block block = Linear.builder().setUnits(4).build();
            block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(2, 3));
            model.setBlock(block);
            Ipex.optimize(model, OptimizeOptions.inference().weightsPrepack(false));
            Ipex.compile(model, EAGER);
            assertThat(model.getBlock()).isInstanceOf(CompiledBlock.class);
            try (Predictor<NDList, NDList> predictor =
                    model.newPredictor(new NoopTranslator(null))) {
                StandardBlocksTest.same(predictor.predict(ones(2, 3)), run(block, ones(2, 3)));
            }
        }
    }

    @Test
    void optimizeLeavesTheGivenBlockAlone() {
        Block block = linear();
        Block optimized = Ipex.optimize(block, OptimizeOptions.inference().convBnFolding(false));
        assertThat(optimized).isNotSameAs(block);
        assertThat(optimized.getParameters().get("weight"))
                .isSameAs(block.getParameters().get("weight"));
        StandardBlocksTest.same(run(optimized, ones(2, 3)), run(block, ones(2, 3)));
        assertThat(Ipex.optimize(block, OptimizeOptions.inference().inplace(true))).isSameAs(block);
    }

    @Test
    void ownBackendsSeeTheGraphAndTheOptions() {
        List<Graph> seen = new ArrayList<>();
        Backends.register(
                "counting",
                new EagerBackend() {
                    @Override
                    public CompiledFunction compile(Graph graph, Request request) {
                        seen.add(graph);
                        assertThat(request.optimize().convBnFolding()).isFalse();
                        return super.compile(graph, request);
                    }
                });
        Block block =
                Ipex.optimize(
                        linear(), OptimizeOptions.inference().level(OptimizeOptions.Level.O0));
        run(Ipex.compile(block, CompileOptions.defaults().backend("counting")), ones(2, 3));
        assertThat(seen).hasSize(1);
        assertThatThrownBy(() -> Ipex.compile(block, CompileOptions.defaults().backend("inductor")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("inductor")
                .hasMessageContaining("eager");
    }

    @Test
    void nothingStaysAllocatedAfterManyCallsAndCompilations() {
        Block block = linear();
        LiveBytes.assertSteady(
                () -> {
                    for (int i = 0; i < 10; i++) {
                        CompiledBlock compiled = compile(block);
                        try (NDManager scope = manager.newSubManager()) {
                            for (int n = 1; n < 4; n++) {
                                NDList x = new NDList(scope.ones(new Shape(n, 3)));
                                compiled.forward(store, x, false);
                            }
                        }
                        compiled.close();
                    }
                });
    }
}
