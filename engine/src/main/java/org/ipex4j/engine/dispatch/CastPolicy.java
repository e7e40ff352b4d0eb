package org.ipex4j.engine.dispatch;

/** What autocast does to the floating operands of an op, FLOAT64 excepted. */
enum CastPolicy {
    /** To the scope's type: convolutions and matrix products, where it is fast and safe. */
    LOWER,
    /** To FLOAT32: what loses too much in fewer bits, or has no kernels for them. */
    FLOAT32,
    /** To FLOAT32 if one of them is wider than the scope's type, or another 16-bit type. */
    WIDEST
}
