package org.ipex4j.engine.optim;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import org.ipex4j.compiler.optimize.UpdateRule;
import org.ipex4j.engine.ndarray.IpexNDArray;

/** Where optimizers hand in their updates. */
public final class Updates {
    private Updates() {}

    /**
     * Updates a parameter in place, now or with the open {@link UpdateBatch}.
     *
     * @param method for messages
     * @param arrays the weight, the gradient, the state in the rule's order
     * @param numbers in the rule's order
     * @throws IllegalArgumentException if the arrays do not fit each other or the rule
     * @throws IllegalStateException if one is closed
     */
    public static void submit(
            String method, UpdateRule rule, IpexNDArray[] arrays, float... numbers) {
        submit(method, rule, OptionalDouble.empty(), arrays, numbers);
    }

    static void submit(
            String method,
            UpdateRule rule,
            OptionalDouble maxNorm,
            IpexNDArray[] arrays,
            float... numbers) {
        IpexParameterServer.Turn turn = IpexParameterServer.turn();
        IpexNDArray weight = turn == null ? arrays[0] : turn.actual(arrays[0]);
        String known = turn == null ? weight.getName() : turn.name();
        String name = known == null ? method : method + " of '" + known + "'";
        List<Float> given = new ArrayList<>();
        for (float n : numbers) {
            given.add(n);
        }
        List<IpexNDArray> state = Arrays.asList(arrays).subList(2, arrays.length);
        Update update = Update.of(name, rule, weight, arrays[1], state, given, maxNorm);
        if (turn != null) {
            try {
                turn.submitted(update);
            } catch (RuntimeException e) {
                update.close();
                throw e;
            }
        }
        UpdateBatch.submit(update);
    }
}
