package org.ipex4j.engine.weights;

/** A weight file that does not fit the block, in strict loading. */
public final class WeightsMismatchException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;
    private final transient LoadReport report;

    WeightsMismatchException(LoadReport report) {
        super(report.toString());
        this.report = report;
    }

    /** What did not fit. */
    public LoadReport report() {
        return report;
    }
}
