package org.ipex4j.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.loss.Loss;
import org.ipex4j.engine.dispatch.AutocastScope;
import org.ipex4j.engine.ndarray.DataTypes;
import org.ipex4j.engine.ndarray.IpexNDArray;
import org.ipex4j.ir.DType;

/**
 * Mixed precision: inside the scope, ops that gain from 16 bits run in them and ops that lose by
 * them run in FP32, whatever the types of their operands. The model stays as it is.
 *
 * <pre>{@code
 * try (var ac = Autocast.cpu(DataType.BFLOAT16)) {
 *     EasyTrain.trainBatch(trainer, batch);
 * }
 * }</pre>
 *
 * <p>The lists of ops are PyTorch's for the CPU. Convolutions, matrix products, PReLU, attention
 * and recurrent layers take their operands in the scope's type. Losses that a trainer evaluates,
 * products of elements, percentiles, inverses, three-dimensional pools, reflection and replication
 * padding take theirs in FP32. Concatenation takes the widest. All else runs in the types of its
 * inputs: a BatchNorm with FP32 parameters and statistics reads and writes BF16 activations. FP64
 * and integers are never touched, and neither are calls that write into a given array.
 *
 * <p>A scope belongs to the thread that opened it; other threads compute as before. Scopes nest,
 * and the innermost counts: one that is not enabled switches casting off inside another. Casts of
 * FP32 parameters are kept until the outermost scope of the thread is closed, so that each is cast
 * once; one that was changed is cast again. Gradients arrive in FP32 at FP32 parameters. They may
 * be computed inside or outside of the scope; open it around the forward and the loss.
 *
 * <p>Compiled blocks and trainers hold the casts in their graphs; called in another state of
 * autocast they compile once more.
 */
public final class Autocast implements AutoCloseable {
    private final AutocastScope scope;

    private Autocast(AutocastScope scope) {
        this.scope = scope;
    }

    /**
     * Opens a scope of this thread.
     *
     * @param dtype BFLOAT16 or FLOAT16
     * @throws IllegalArgumentException for another type
     */
    public static Autocast cpu(DataType dtype) {
        return cpu(dtype, true);
    }

    /**
     * Opens a scope of this thread in which operands are cast, or, inside of another scope, no
     * longer are.
     *
     * @param dtype BFLOAT16 or FLOAT16
     * @param enabled whether operands are cast
     * @throws IllegalArgumentException for another type
     */
    public static Autocast cpu(DataType dtype, boolean enabled) {
        if (dtype != DataType.BFLOAT16 && dtype != DataType.FLOAT16) {
            throw new IllegalArgumentException(
                    "Autocast.cpu: dtype BFLOAT16 or FLOAT16 expected, got " + dtype);
        }
        return new Autocast(AutocastScope.open(enabled ? DataTypes.toIr(dtype) : null));
    }

    /** Whether this thread's operands are cast. */
    public static boolean isEnabled() {
        return AutocastScope.active() != null;
    }

    /**
     * Evaluates a loss as PyTorch's losses run under autocast: predictions and labels of 16 bits
     * are cast to FP32 first. A trainer's loss is evaluated this way; a training loop of one's own
     * calls it. Without autocast this is {@code loss.evaluate}.
     */
    public static NDArray evaluate(Loss loss, NDList labels, NDList predictions) {
        return isEnabled()
                ? loss.evaluate(widened(labels), widened(predictions))
                : loss.evaluate(labels, predictions);
    }

    private static NDList widened(NDList arrays) {
        NDList out = new NDList(arrays.size());
        for (NDArray a : arrays) {
            boolean narrow =
                    a instanceof IpexNDArray own
                            && own.type().dtype().isFloating()
                            && own.type().dtype() != DType.FLOAT64;
            out.add(narrow ? a.toType(DataType.FLOAT32, false) : a);
        }
        return out;
    }

    /**
     * Closes the scope; a second call does nothing.
     *
     * @throws IllegalStateException in another thread than the one that opened it, and while a
     *     scope inside of it is open
     */
    @Override
    public void close() {
        scope.close();
    }
}
