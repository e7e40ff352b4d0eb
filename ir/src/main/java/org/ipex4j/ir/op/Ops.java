package org.ipex4j.ir.op;

/** The families of the catalogue, in one place. */
final class Ops {
    private Ops() {}

    static void addAll(OpCatalog catalog) {
        ConvOps.addTo(catalog);
        ConvGradientOps.addTo(catalog);
        PoolTrainingOps.addTo(catalog);
        MatmulOps.addTo(catalog);
        PoolOps.addTo(catalog);
        AttentionOps.addTo(catalog);
        ViewOps.addTo(catalog);
        JoinOps.addTo(catalog);
        IndexOps.addTo(catalog);
        SortOps.addTo(catalog);
        ResizeOps.addTo(catalog);
        BinaryOps.addTo(catalog);
        ComparisonOps.addTo(catalog);
        UnaryOps.addTo(catalog);
        ActivationOps.addTo(catalog);
        SelectionOps.addTo(catalog);
        ReductionOps.addTo(catalog);
        NormOps.addTo(catalog);
        CreationOps.addTo(catalog);
        RandomOps.addTo(catalog);
        BackwardOps.addTo(catalog);
        SplitOps.addTo(catalog);
    }
}
