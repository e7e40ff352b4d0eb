package org.ipex4j.compiler.samples;

import java.util.Optional;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;

/**
 * One call that the op's type rule must refuse.
 *
 * @param message a part of the message, which begins with the op's name
 * @param oracleGap why libtorch does not refuse the call, if so
 */
public record ErrorSample(
        Op op, Args<TensorType> args, String message, Optional<String> oracleGap) {
    @Override
    public String toString() {
        return op + " " + args.allTensors() + ": " + message;
    }
}
