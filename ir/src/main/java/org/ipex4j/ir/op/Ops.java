package org.ipex4j.ir.op;

/** The families of the catalogue, in one place. */
final class Ops {
    private Ops() {}

    static void addAll(OpCatalog catalog) {
        // One call per family.
    }
}
