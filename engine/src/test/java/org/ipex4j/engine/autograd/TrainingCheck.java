package org.ipex4j.engine.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.assertj.core.data.Offset;
import org.ipex4j.compiler.oracle.OracleGradients;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.engine.Autocast;
import org.ipex4j.engine.ndarray.IpexNDArray;
import org.ipex4j.engine.ndarray.IpexNDManager;

/**
 * Trains a DJL block a few steps by plain SGD, here and by libtorch, from the same weights. Within
 * an autocast scope libtorch runs the casts as ops.
 */
final class TrainingCheck {
    private TrainingCheck() {}

    /**
     * Losses must agree at every step, gradients of every parameter at the first.
     *
     * @param block not initialized yet
     * @param tolerance relative, for losses and for the norms of gradients' differences
     */
    static void compare(
            Block block,
            Loss loss,
            NDList data,
            NDList labels,
            float rate,
            int steps,
            double tolerance) {
        compare(block, loss, data, labels, rate, 0, steps, tolerance, t -> {});
    }

    /**
     * The same with momentum, of a trainer that was prepared.
     *
     * @param prepare before the trainer is initialized
     */
    static void compare(
            Block block,
            Loss loss,
            NDList data,
            NDList labels,
            float rate,
            float momentum,
            int steps,
            double tolerance,
            Consumer<Trainer> prepare) {
        try (Model model = Model.newInstance("trained", "IPEX")) {
            model.setBlock(block);
            try (Trainer trainer =
                    model.newTrainer(
                            new DefaultTrainingConfig(loss)
                                    .optOptimizer(
                                            Optimizer.sgd()
                                                    .setLearningRateTracker(Tracker.fixed(rate))
                                                    .optMomentum(momentum)
                                                    .build()))) {
                prepare.accept(trainer);
                trainer.initialize(data.getShapes());
                List<Parameter> parameters =
                        block.getParameters().values().stream()
                                .filter(Parameter::requiresGradient)
                                .toList();
                List<RefTensor> theirs = null;
                List<double[]> speed = new ArrayList<>();
                for (Parameter p : parameters) {
                    speed.add(new double[(int) p.getArray().size()]);
                }
                for (int step = 0; step < steps; step++) {
                    OracleGradients.Result expected =
                            libtorch(block, loss, data, labels, parameters, theirs);
                    theirs =
                            updated(
                                    parameters,
                                    theirs,
                                    expected.gradients(),
                                    speed,
                                    rate,
                                    momentum);
                    float actual = step(trainer, data, labels);
                    double wanted = expected.outputs().getFirst().real(0);
                    assertThat((double) actual)
                            .as("loss of step " + step)
                            .isCloseTo(wanted, Offset.offset(tolerance * Math.abs(wanted)));
                    if (step == 0) {
                        compareGradients(parameters, expected.gradients(), tolerance);
                    }
                    trainer.step();
                }
            }
        }
    }

    private static float step(Trainer trainer, NDList data, NDList labels) {
        try (NDManager scope = trainer.getManager().newSubManager();
                var collector = trainer.newGradientCollector()) {
            NDList inputs = new NDList();
            for (NDArray a : data) {
                NDArray copy = a.duplicate();
                copy.attach(scope);
                inputs.add(copy);
            }
            NDArray value = trainer.getLoss().evaluate(labels, trainer.forward(inputs, labels));
            collector.backward(value);
            return value.getFloat();
        }
    }

    private static OracleGradients.Result libtorch(
            Block block,
            Loss loss,
            NDList data,
            NDList labels,
            List<Parameter> parameters,
            List<RefTensor> weights) {
        GraphRecorder recorder = new GraphRecorder();
        try (IpexNDManager manager =
                IpexNDManager.tracing(IpexNDManager.system().newSubManager(), recorder)) {
            NDList traced = new NDList();
            data.forEach(a -> traced.add(recorder.lift((IpexNDArray) a, manager)));
            NDList out = block.forward(new ParameterStore(manager, false), traced, true, null);
            IpexNDArray value = (IpexNDArray) Autocast.evaluate(loss, labels, out);
            List<Integer> positions =
                    parameters.stream()
                            .map(p -> recorder.position((IpexNDArray) p.getArray()))
                            .toList();
            List<RefTensor> numbers = new ArrayList<>(recorder.numbers());
            for (int i = 0; weights != null && i < weights.size(); i++) {
                numbers.set(positions.get(i), weights.get(i));
            }
            return OracleGradients.run(recorder.graph(value), numbers, positions);
        }
    }

    private static List<RefTensor> updated(
            List<Parameter> parameters,
            List<RefTensor> weights,
            List<RefTensor> gradients,
            List<double[]> speed,
            float rate,
            float momentum) {
        List<RefTensor> out = new ArrayList<>();
        for (int i = 0; i < gradients.size(); i++) {
            RefTensor w =
                    weights == null
                            ? GraphRecorder.read(
                                    ((IpexNDArray) parameters.get(i).getArray()).tensor())
                            : weights.get(i);
            double[] values = w.toDoubles();
            for (int j = 0; j < values.length; j++) {
                double v = momentum * speed.get(i)[j] + gradients.get(i).real(j);
                speed.get(i)[j] = v;
                values[j] -= rate * v;
            }
            out.add(RefTensor.of(w.type(), values));
        }
        return out;
    }

    private static void compareGradients(
            List<Parameter> parameters, List<RefTensor> expected, double tolerance) {
        // Some gradients are sums that cancel (a bias before BatchNorm): what is left is rounding.
        double noise = 1e-6;
        if (Autocast.isEnabled()) {
            noise = 0x1p-8 * expected.stream().mapToDouble(TrainingCheck::norm).max().orElse(0);
        }
        for (int i = 0; i < expected.size(); i++) {
            IpexNDArray gradient = (IpexNDArray) parameters.get(i).getArray().getGradient();
            RefTensor actual = GraphRecorder.read(gradient.tensor());
            gradient.close();
            double difference = 0;
            for (int j = 0; j < actual.numel(); j++) {
                double e = expected.get(i).real(j);
                difference += Math.pow(actual.real(j) - e, 2);
            }
            assertThat(Math.sqrt(difference))
                    .as(
                            "gradient "
                                    + i
                                    + " of "
                                    + parameters.get(i).getName()
                                    + " "
                                    + actual.type())
                    .isLessThanOrEqualTo(tolerance * norm(expected.get(i)) + noise);
        }
    }

    private static double norm(RefTensor t) {
        return Math.sqrt(Arrays.stream(t.toDoubles()).map(x -> x * x).sum());
    }
}
