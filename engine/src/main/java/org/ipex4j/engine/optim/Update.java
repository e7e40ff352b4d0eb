package org.ipex4j.engine.optim;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.ipex4j.compiler.optimize.UpdateRule;
import org.ipex4j.engine.ndarray.IpexNDArray;
import org.ipex4j.engine.ndarray.MasterWeight;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;
import org.ipex4j.runtime.Tensor;

/**
 * One step of one parameter, not yet done. Holds handles of its own, so that the arrays may be
 * closed meanwhile.
 *
 * @param name of the parameter, for messages
 * @param weight the parameter's numbers
 * @param master the FP32 numbers behind a parameter that was cast; null for any other
 * @param gradient of the type that the update computes in, or of the weight's
 * @param state in the rule's order
 * @param numbers in the rule's order
 * @param maxNorm greatest norm of all gradients of the step, if they are to be scaled down to it
 */
public record Update(
        String name,
        UpdateRule rule,
        Tensor weight,
        MasterWeight master,
        Tensor gradient,
        List<Tensor> state,
        List<Float> numbers,
        OptionalDouble maxNorm)
        implements AutoCloseable {
    public Update {
        state = List.copyOf(state);
        numbers = List.copyOf(numbers);
    }

    /** How the FP32 numbers are kept; null where there are none. */
    MasterWeight.Form form() {
        return master == null ? null : master.form();
    }

    /** What the update computes in. */
    TensorType type() {
        return typeOf(weight.type(), master);
    }

    private static TensorType typeOf(TensorType weight, MasterWeight master) {
        return master == null ? weight : new TensorType(DType.FLOAT32, weight.sizes());
    }

    /**
     * An update of arrays.
     *
     * @throws IllegalArgumentException if the arrays do not fit each other or the rule
     * @throws IllegalStateException if one is closed or traced, or the weight is read-only
     */
    static Update of(
            String name,
            UpdateRule rule,
            IpexNDArray weight,
            IpexNDArray gradient,
            List<IpexNDArray> state,
            List<Float> numbers,
            OptionalDouble maxNorm) {
        if (!weight.type().dtype().isFloating()) {
            throw new IllegalArgumentException(
                    name + ": a parameter to update is floating, this one is " + weight.type());
        }
        if (state.size() != rule.state().size() || numbers.size() != rule.numbers().size()) {
            throw new IllegalArgumentException(
                    name
                            + ": "
                            + rule
                            + " takes the state "
                            + rule.state()
                            + " and the numbers "
                            + rule.numbers()
                            + ", got "
                            + state.size()
                            + " arrays and "
                            + numbers.size()
                            + " numbers");
        }
        MasterWeight master = weight.master();
        if (master != null && master.form() == MasterWeight.Form.ROUNDED) {
            throw new IllegalStateException(
                    name
                            + ": the parameter was cast for inference, nothing is left to update; optimize"
                            + " the trainer instead");
        }
        TensorType type = typeOf(weight.type(), master);
        if (!gradient.type().equals(weight.type())) {
            fits(name, "gradient", gradient, type);
        }
        for (int i = 0; i < state.size(); i++) {
            fits(name, "state '" + rule.state().get(i) + "'", state.get(i), type);
        }
        if (weight.tensor().isReadOnly()) {
            throw new IllegalStateException(
                    name + ": the parameter is read-only: its memory is mapped from a file");
        }
        List<Tensor> handles = new ArrayList<>();
        try {
            handles.add(weight.tensor("an optimizer's update").alias());
            handles.add(gradient.tensor("an optimizer's update").alias());
            for (IpexNDArray s : state) {
                handles.add(s.tensor("an optimizer's update").alias());
            }
        } catch (RuntimeException e) {
            handles.forEach(Tensor::close);
            throw e;
        }
        return new Update(
                name,
                rule,
                handles.get(0),
                master,
                handles.get(1),
                handles.subList(2, handles.size()),
                numbers,
                maxNorm);
    }

    private static void fits(String name, String what, IpexNDArray array, TensorType type) {
        if (!array.type().equals(type)) {
            throw new IllegalArgumentException(
                    name + ": the " + what + " is " + array.type() + ", the parameter " + type);
        }
    }

    @Override
    public void close() {
        weight.close();
        gradient.close();
        state.forEach(Tensor::close);
    }
}
