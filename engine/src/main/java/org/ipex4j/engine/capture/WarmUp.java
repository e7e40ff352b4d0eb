package org.ipex4j.engine.capture;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.ParameterStore;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.ipex4j.engine.CompileOptions;
import org.ipex4j.engine.OptimizeOptions;
import org.ipex4j.engine.ndarray.IpexNDManager;
import org.ipex4j.runtime.log.Logs;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compiles a small network in the background while the application still builds its model and reads
 * weights. The first compilation of a process spends most of its time on loading classes, linking
 * lambdas and running interpreted code; afterwards that is done. The system property {@code
 * ai.djl.ipex.warm_up=false} turns it off.
 */
public final class WarmUp {
    /** Compilations, each of another size; fewer if someone is waiting. */
    private static final int ROUNDS = 3;

    private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);
    private static final AtomicBoolean STARTED = new AtomicBoolean();
    private static final CountDownLatch DONE = new CountDownLatch(1);
    private static volatile Thread thread;
    private static volatile boolean enough;

    private WarmUp() {}

    /** Begins in the background, the first time. */
    public static void start() {
        if (!Boolean.parseBoolean(System.getProperty("ai.djl.ipex.warm_up", "true"))
                || !STARTED.compareAndSet(false, true)) {
            return;
        }
        Thread t = new Thread(WarmUp::run, "ipex-warm-up");
        t.setDaemon(true);
        thread = t;
        t.start();
    }

    /** The application's own first forward has come: another round would be in its way. */
    static void noMore() {
        enough |= thread != null && thread != Thread.currentThread();
    }

    /**
     * Lets a warm-up under way end first, for one who has to compile: it does what the caller would
     * have to do as well, and would only be in its way.
     */
    static void await() {
        Thread t = thread;
        if (t == null || t == Thread.currentThread()) {
            return;
        }
        enough = true;
        boolean interrupted = false;
        while (true) {
            try {
                DONE.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void run() {
        long start = System.nanoTime();
        try {
            compile();
            Logs.GRAPH.log(
                    () ->
                            String.format(
                                    Locale.ROOT,
                                    "warmed up in %.0f ms",
                                    (System.nanoTime() - start) / 1e6));
        } catch (RuntimeException | Error e) {
            // The application meets the same fault, if it is one, where it can handle it.
            LOG.debug("the warm-up failed", e);
        } finally {
            thread = null;
            DONE.countDown();
        }
    }

    private static void compile() {
        try (IpexNDManager manager = IpexNDManager.system().newSubManager();
                CompiledBlock compiled =
                        new CompiledBlock(
                                network(manager),
                                CompileOptions.defaults(),
                                OptimizeOptions.inference())) {
            ParameterStore store = new ParameterStore(manager, false);
            for (int round = 0; round < ROUNDS && (round == 0 || !enough); round++) {
                NDArray input = zeros(manager, new Shape(1 + round, 3, 32, 32));
                compiled.forward(store, new NDList(input), false, null).close();
            }
        }
    }

    /** What image classifiers are made of. */
    private static Block network(NDManager manager) {
        SequentialBlock inner =
                new SequentialBlock()
                        .add(convolution(manager, 16, 16, 1, 1))
                        .add(norm(manager))
                        .add(Activation::relu)
                        .add(convolution(manager, 16, 16, 3, 1))
                        .add(norm(manager));
        Block linear = Linear.builder().setUnits(16).build();
        return new SequentialBlock()
                .add(convolution(manager, 3, 16, 3, 2))
                .add(norm(manager))
                .add(Activation::relu)
                .add(Pool.maxPool2dBlock(new Shape(3, 3), new Shape(2, 2), new Shape(1, 1)))
                .add(new ParallelBlock(WarmUp::sum, List.of(inner, Blocks.identityBlock())))
                .add(Activation::relu)
                .add(Pool.globalAvgPool2dBlock())
                .add(Blocks.batchFlattenBlock())
                .add(initialized(linear, manager, new Shape(1, 16)));
    }

    private static NDList sum(List<NDList> branches) {
        return new NDList(
                branches.get(0).singletonOrThrow().add(branches.get(1).singletonOrThrow()));
    }

    private static Block norm(NDManager manager) {
        return initialized(BatchNorm.builder().build(), manager, new Shape(1, 16, 8, 8));
    }

    private static Block convolution(NDManager manager, int from, int to, int kernel, int stride) {
        Block block =
                Conv2d.builder()
                        .setFilters(to)
                        .setKernelShape(new Shape(kernel, kernel))
                        .optStride(new Shape(stride, stride))
                        .optPadding(new Shape(kernel / 2, kernel / 2))
                        .optBias(false)
                        .build();
        return initialized(block, manager, new Shape(1, from, 8, 8));
    }

    /**
     * A block with parameters that need no random numbers, which are the application's, and no ops,
     * which would be compiled. To initialize the network as a whole would run its lambdas.
     */
    private static Block initialized(Block block, NDManager manager, Shape input) {
        block.setInitializer((m, shape, type) -> zeros(m, shape), p -> true);
        block.initialize(manager, DataType.FLOAT32, input);
        return block;
    }

    private static NDArray zeros(NDManager manager, Shape shape) {
        return manager.create(new float[(int) shape.size()], shape);
    }
}
