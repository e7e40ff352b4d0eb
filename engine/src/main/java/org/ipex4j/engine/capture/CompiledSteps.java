package org.ipex4j.engine.capture;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import org.ipex4j.engine.Autocast;
import org.ipex4j.engine.CompileOptions;
import org.ipex4j.engine.IpexTrainer;
import org.ipex4j.engine.OptimizeOptions;
import org.ipex4j.engine.TrainingSteps;
import org.ipex4j.engine.ndarray.IpexNDArray;
import org.ipex4j.engine.ndarray.IpexNDManager;

/**
 * The steps of a trainer as compiled runs. The model's forward and the loss are one graph, with
 * backward as its second phase: {@code Trainer.forward} computes the loss as well, which {@link
 * #loss} then hands out, and the update runs all parameters at once. Where the loss cannot be
 * captured together with the model, the model alone is compiled.
 */
public final class CompiledSteps implements TrainingSteps, AutoCloseable {
    private final IpexTrainer trainer;
    private final Block block;
    private final CompiledTraining whole;
    private final CompiledBlock alone;

    /** Gives the parameters' own arrays, as the trainer's does, which is out of reach. */
    private final ParameterStore store;

    private Computed computed;

    /** What the latest forward has computed ahead of the question. */
    private record Computed(NDList labels, NDList predictions, NDArray loss) {}

    /**
     * Replaces nothing yet; see {@link IpexTrainer#replaceSteps}.
     *
     * @param optimize what {@code Ipex.optimize} was given, or its defaults
     */
    public CompiledSteps(IpexTrainer trainer, CompileOptions options, OptimizeOptions optimize) {
        this.trainer = trainer;
        Block given = trainer.getModel().getBlock();
        this.block = given instanceof WrappedBlock w ? w.unwrap() : given;
        String name = "training step of " + block.getClass().getSimpleName();
        this.whole = new CompiledTraining(block, name, options, optimize);
        this.alone = new CompiledBlock(block, options, optimize);
        this.store = new ParameterStore(trainer.getManager(), false);
    }

    @Override
    public GradientCollector newGradientCollector() {
        return trainer.eagerSteps().newGradientCollector();
    }

    @Override
    public NDList forward(NDList data) {
        long begin = System.nanoTime();
        try {
            computed = null;
            return alone.forward(store, data, true, null);
        } finally {
            trainer.addMetric("forward", begin);
        }
    }

    @Override
    public NDList forward(NDList data, NDList labels) {
        long begin = System.nanoTime();
        try {
            computed = null;
            return labels == null || labels.isEmpty()
                    ? alone.forward(store, data, labels, null)
                    : withLoss(data, labels);
        } finally {
            trainer.addMetric("forward", begin);
        }
    }

    private NDList withLoss(NDList data, NDList labels) {
        int n = data.size();
        int m = labels.size();
        NDList inputs = new NDList(data);
        inputs.addAll(labels);
        CompiledBlock.check(inputs);
        IpexNDManager manager = ((IpexNDArray) data.head()).getManager();
        NDList results =
                whole.forward(
                        (traced, in) -> {
                            NDList given = in.subNDList(0, n);
                            NDList known = in.subNDList(n, n + m);
                            NDList predictions = block.forward(traced, given, known, null);
                            NDArray loss = Autocast.evaluate(trainer.ownLoss(), known, predictions);
                            NDList all = new NDList(loss);
                            all.addAll(predictions);
                            return all;
                        },
                        store,
                        inputs,
                        null,
                        manager);
        if (results == null) {
            return alone.forward(store, data, labels, null);
        }
        NDList predictions = results.subNDList(1);
        computed = new Computed(labels, predictions, results.head());
        return predictions;
    }

    @Override
    public NDArray loss(NDList labels, NDList predictions) {
        Computed c = computed;
        boolean known =
                c != null
                        && same(c.labels, labels)
                        && same(c.predictions, predictions)
                        && EngineArrays.check(c.loss) != null;
        return known ? c.loss : null;
    }

    private static boolean same(NDList a, NDList b) {
        if (a.size() != b.size()) {
            return false;
        }
        for (int i = 0; i < a.size(); i++) {
            if (a.get(i) != b.get(i)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public NDList evaluate(NDList data) {
        return alone.forward(store, data, false, null);
    }

    @Override
    public void step() {
        trainer.eagerSteps().step();
    }

    /** Frees what was compiled; the trainer's steps must be others by then. */
    @Override
    public void close() {
        computed = null;
        whole.close();
        alone.close();
    }
}
