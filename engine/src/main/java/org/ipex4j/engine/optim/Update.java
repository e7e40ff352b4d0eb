package org.ipex4j.engine.optim;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.ipex4j.compiler.optimize.UpdateRule;
import org.ipex4j.engine.ndarray.IpexNDArray;
import org.ipex4j.runtime.Tensor;

/**
 * One step of one parameter, not yet done. Holds handles of its own, so that the arrays may be
 * closed meanwhile.
 *
 * @param name of the parameter, for messages
 * @param state in the rule's order
 * @param numbers in the rule's order
 * @param maxNorm greatest norm of all gradients of the step, if they are to be scaled down to it
 */
public record Update(
        String name,
        UpdateRule rule,
        Tensor weight,
        Tensor gradient,
        List<Tensor> state,
        List<Float> numbers,
        OptionalDouble maxNorm)
        implements AutoCloseable {
    public Update {
        state = List.copyOf(state);
        numbers = List.copyOf(numbers);
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
        fits(name, "gradient", gradient, weight);
        for (int i = 0; i < state.size(); i++) {
            fits(name, "state '" + rule.state().get(i) + "'", state.get(i), weight);
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
                handles.get(1),
                handles.subList(2, handles.size()),
                numbers,
                maxNorm);
    }

    private static void fits(String name, String what, IpexNDArray array, IpexNDArray weight) {
        if (!array.type().equals(weight.type())) {
            throw new IllegalArgumentException(
                    name
                            + ": the "
                            + what
                            + " is "
                            + array.type()
                            + ", the parameter "
                            + weight.type());
        }
    }

    @Override
    public void close() {
        weight.close();
        gradient.close();
        state.forEach(Tensor::close);
    }
}
