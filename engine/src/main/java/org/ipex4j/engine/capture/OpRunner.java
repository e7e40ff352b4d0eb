package org.ipex4j.engine.capture;

import java.util.Arrays;
import java.util.function.Function;
import org.ipex4j.engine.dispatch.Dispatcher;
import org.ipex4j.engine.ndarray.IpexNDArray;
import org.ipex4j.engine.ndarray.IpexNDManager;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;
import org.ipex4j.runtime.Tensor;

/**
 * Runs single ops eagerly on tensors, by the same path as an NDArray call. They are recorded calls:
 * what autocast does has been done.
 */
final class OpRunner {
    private static final Op CLONE = OpCatalog.get("aten.clone");

    private OpRunner() {}

    /** The results, the caller's to close. They may share storage with an argument. */
    static Tensor[] run(Op op, Args<Tensor> args) {
        try (IpexNDManager scope = IpexNDManager.system().newSubManager()) {
            IpexNDArray[] results =
                    Dispatcher.run(op, args.map(t -> IpexNDArray.of(scope, t.alias())), scope);
            Tensor[] out = new Tensor[results.length];
            for (int i = 0; i < out.length; i++) {
                out[i] = results[i].tensor().alias();
            }
            return out;
        }
    }

    /** A row-major copy, the caller's to close. */
    static Tensor copyOf(Tensor from) {
        Tensor to = Tensor.empty(from.type());
        copy(from, to);
        return to;
    }

    /** Copies the elements of one tensor to another of the same type. */
    static void copy(Tensor from, Tensor to) {
        try (IpexNDManager scope = IpexNDManager.system().newSubManager()) {
            Dispatcher.callInto(
                    CLONE,
                    Args.of(CLONE.schema(), IpexNDArray.of(scope, from.alias())),
                    IpexNDArray.of(scope, to.alias()));
        }
    }

    /**
     * Calls a function that wants row-major tensors; others are copied for the time of the call.
     */
    static Tensor[] withContiguous(Tensor[] in, Function<Tensor[], Tensor[]> function) {
        Tensor[] given = in;
        for (int i = 0; i < in.length; i++) {
            if (!in[i].isContiguous()) {
                given = given == in ? in.clone() : given;
                given[i] = copyOf(in[i]);
            }
        }
        try {
            return function.apply(given);
        } finally {
            for (int i = 0; i < in.length; i++) {
                if (given[i] != in[i]) {
                    given[i].close();
                }
            }
        }
    }

    static void closeAll(Tensor[] tensors) {
        Arrays.stream(tensors).forEach(Tensor::close);
    }
}
