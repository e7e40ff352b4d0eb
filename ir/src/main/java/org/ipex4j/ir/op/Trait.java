package org.ipex4j.ir.op;

/** What is true of every call of an op; passes and scheduling decide by these, not by names. */
public enum Trait {
    /** One output element depends on the elements at the same (broadcast) position only. */
    POINTWISE,
    /** Combines elements along dimensions. */
    REDUCTION,
    /** The result shares its input's storage under other sizes and strides. */
    VIEW,
    /** Operands may be swapped ({@code self} and {@code other}). */
    COMMUTATIVE,
    /** Draws random numbers: never merged, duplicated or recomputed. */
    RANDOM,
    /** Writes to an argument. */
    MUTATION,
    /** A convolution, matrix product or other costly library call: never recomputed. */
    EXPENSIVE,
    /** Result sizes depend on the data, so that a trace cannot hold it. */
    DATA_DEPENDENT,
    /** Expressed by other ops before lowering. */
    COMPOSITE
}
