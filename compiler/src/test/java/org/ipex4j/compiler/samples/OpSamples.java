package org.ipex4j.compiler.samples;

import java.util.List;
import java.util.Optional;
import org.ipex4j.ir.op.Op;

/** The samples of every op, filled by one explicit call per family. */
public final class OpSamples {
    private static final SampleTable TABLE = new SampleTable();

    static {
        BinarySamples.addTo(TABLE);
        UnarySamples.addTo(TABLE);
        SelectionSamples.addTo(TABLE);
        ReductionSamples.addTo(TABLE);
        NormSamples.addTo(TABLE);
        CreationSamples.addTo(TABLE);
        ConvSamples.addTo(TABLE);
        ConvGradientSamples.addTo(TABLE);
        MatmulSamples.addTo(TABLE);
        PoolSamples.addTo(TABLE);
        PoolTrainingSamples.addTo(TABLE);
        AttentionSamples.addTo(TABLE);
        ViewSamples.addTo(TABLE);
        JoinSamples.addTo(TABLE);
        IndexSamples.addTo(TABLE);
        SortSamples.addTo(TABLE);
        ResizeSamples.addTo(TABLE);
        BackwardSamples.addTo(TABLE);
        WindowBackwardSamples.addTo(TABLE);
        SplitSamples.addTo(TABLE);
    }

    private OpSamples() {}

    /** The calls of an op that must succeed. */
    public static List<Sample> of(Op op) {
        return List.copyOf(TABLE.samples.getOrDefault(op, List.of()));
    }

    /** The calls of an op that must be refused. */
    public static List<ErrorSample> errors(Op op) {
        return List.copyOf(TABLE.errors.getOrDefault(op, List.of()));
    }

    /** Why an op has no samples; empty if it has some. */
    public static Optional<String> reason(Op op) {
        return Optional.ofNullable(TABLE.reasons.get(op));
    }

    /** All calls that must succeed, in the catalogue's order of families. */
    public static List<Sample> all() {
        return TABLE.samples.values().stream().flatMap(List::stream).toList();
    }

    /** All calls that must be refused. */
    public static List<ErrorSample> allErrors() {
        return TABLE.errors.values().stream().flatMap(List::stream).toList();
    }
}
