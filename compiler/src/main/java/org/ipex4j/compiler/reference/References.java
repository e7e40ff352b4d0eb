package org.ipex4j.compiler.reference;

/** The families of the reference table, in one place. */
final class References {
    private References() {}

    static void addAll(ReferenceTable table) {
        BinaryReference.addTo(table);
        UnaryReference.addTo(table);
        ActivationReference.addTo(table);
        SelectionReference.addTo(table);
        ReductionReference.addTo(table);
        NormReference.addTo(table);
        CreationReference.addTo(table);
        ConvReference.addTo(table);
        ConvGradientReference.addTo(table);
        MatmulReference.addTo(table);
        PoolReference.addTo(table);
        PoolTrainingReference.addTo(table);
        AttentionReference.addTo(table);
        ViewReference.addTo(table);
        JoinReference.addTo(table);
        IndexReference.addTo(table);
        SortReference.addTo(table);
        ResizeReference.addTo(table);
        BackwardReference.addTo(table);
        LossReference.addTo(table);
        SplitReference.addTo(table);
    }
}
