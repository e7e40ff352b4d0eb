package org.ipex4j.app.train;

/** A loss that is NaN or infinite. */
final class LossNotFiniteException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    LossNotFiniteException(int step, double loss) {
        super("step " + step + ": the loss is " + loss);
    }

    LossNotFiniteException(String message, LossNotFiniteException cause) {
        super(message, cause);
    }
}
