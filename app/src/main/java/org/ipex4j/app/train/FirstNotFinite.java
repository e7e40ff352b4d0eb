package org.ipex4j.app.train;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.ipex4j.engine.dispatch.OpWatch;
import org.ipex4j.engine.ndarray.IpexNDArray;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;

/**
 * Finds the first op that makes a number that is NaN or infinite, while a step runs op by op.
 * Arrays are read on the host, one after the other: slow, and done once, when a run is lost anyway.
 */
final class FirstNotFinite implements OpWatch.Listener {
    private final Map<String, Parameter> parameters;
    private String last = "";
    private String found;

    /**
     * @param parameters by name
     */
    FirstNotFinite(Map<String, Parameter> parameters) {
        this.parameters = parameters;
    }

    @Override
    public void ran(Op op, Args<IpexNDArray> args, List<IpexNDArray> results) {
        if (found != null) {
            return;
        }
        List<IpexNDArray> operands = args.allTensors();
        List<String> used =
                operands.stream().flatMap(a -> named(a).map(Map.Entry::getKey)).toList();
        String place = used.isEmpty() ? last : ", with " + String.join(", ", used);
        last = used.isEmpty() ? last : ", after " + String.join(", ", used);
        if (results.stream().allMatch(FirstNotFinite::isFinite)) {
            return;
        }
        String types =
                operands.stream().map(a -> a.type().toString()).collect(Collectors.joining(", "));
        List<String> broken =
                operands.stream()
                        .filter(a -> !isWritten(a) && !isFinite(a))
                        .map(this::text)
                        .toList();
        found =
                op.name()
                        + " of ("
                        + types
                        + ")"
                        + place
                        + (broken.isEmpty()
                                ? ", from finite numbers"
                                : ", whose operand is not finite: " + String.join(", ", broken));
    }

    private Stream<Map.Entry<String, Parameter>> named(NDArray array) {
        return parameters.entrySet().stream().filter(p -> p.getValue().getArray() == array);
    }

    /**
     * Whether the forward writes an array, as running statistics: the one before has spoilt it, and
     * training does not compute with it.
     */
    private boolean isWritten(NDArray array) {
        return named(array).anyMatch(p -> !p.getValue().requiresGradient());
    }

    private String text(IpexNDArray array) {
        return named(array).map(Map.Entry::getKey).findFirst().orElse(array.type().toString());
    }

    /** The op with its operands and the parameters it used or that were used last; null if none. */
    String found() {
        return found;
    }

    /** Whether an array holds no NaN and no infinity; arrays of whole numbers do not. */
    static boolean isFinite(NDArray array) {
        if (!array.getDataType().isFloating()) {
            return true;
        }
        for (float v : array.toFloatArray()) {
            if (!Float.isFinite(v)) {
                return false;
            }
        }
        return true;
    }
}
