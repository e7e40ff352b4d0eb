package org.ipex4j.engine.dispatch;

/** A tensor of a call that its backward reads. */
sealed interface Saved {
    /** The call's i-th tensor operand. */
    record Operand(int index) implements Saved {}

    /** The call's i-th result. */
    record Result(int index) implements Saved {}

    /** What the call computes besides its results. */
    record Extra(int index) implements Saved {}
}
