package org.ipex4j.ir.op;

import java.util.List;
import org.ipex4j.ir.TensorType;

/** Infers an op's result types, and refuses arguments that do not fit. */
@FunctionalInterface
public interface TypeRule {
    /**
     * The result types.
     *
     * @throws IllegalArgumentException if the arguments do not fit; the message says which sizes or
     *     types were met and what was expected. {@link Op#infer} puts the op's name before it.
     */
    List<TensorType> infer(Args<TensorType> args);
}
