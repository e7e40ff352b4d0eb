package org.ipex4j.compiler.loop.expr;

/**
 * Kinds of scalar expression. {@code cost} is the rough number of vector instructions, for fusion
 * and grain decisions only.
 */
public enum ExprOp {
    /** A constant of the op's definition; {@code attribute} is a {@code Long} or {@code Double}. */
    LITERAL(0),
    /**
     * A number of the call, read from the kernel's parameters; {@code attribute} is a {@code Long}
     * or {@code Double}.
     */
    SCALAR(0),
    /**
     * An affine function of the domain's indices as i64; {@code attribute} is an {@link
     * Index.Affine}.
     */
    INDEX(1),
    /**
     * An element of a buffer; {@code attribute} is an {@link Access}; an argument, if any, is the
     * guard (false: zero, no access).
     */
    LOAD(1),
    /** The result of a reduction; {@code attribute} is a {@link ReducedRef}. */
    REDUCED(0),
    /** The running value of a scan at this iteration; {@code attribute} is a {@link ReducedRef}. */
    SCANNED(1),
    /**
     * An index checked against a size; out of range sets the kernel's status and yields 0.
     * Arguments: index, size.
     */
    CHECKED_INDEX(4),

    NEG(1),
    ABS(1),
    SQRT(8),
    EXP(14),
    EXP2(14),
    EXPM1(20),
    LOG(16),
    LOG2(18),
    LOG10(18),
    LOG1P(20),
    SIN(30),
    COS(30),
    TAN(60),
    ASIN(60),
    ACOS(60),
    ATAN(60),
    SINH(60),
    COSH(60),
    TANH(22),
    ASINH(60),
    ACOSH(60),
    ATANH(60),
    SIGMOID(18),
    ERF(24),
    ERFC(60),
    LGAMMA(100),
    TGAMMA(100),
    FLOOR(1),
    CEIL(1),
    TRUNC(1),
    /** To nearest, halves to even. */
    ROUND(1),
    NOT(1),
    IS_NAN(1),

    ADD(1),
    SUB(1),
    MUL(1),
    /** Floating-point quotient. */
    DIV(4),
    /** Integer quotient rounded toward zero; a zero divisor sets the status. */
    IDIV(30),
    /**
     * C remainder (sign of the dividend), integers and floats; a zero integer divisor sets the
     * status.
     */
    REM(30),
    POW(45),
    ATAN2(80),
    /** NaN if either is NaN. */
    MAX(2),
    /** NaN if either is NaN. */
    MIN(2),
    AND(1),
    OR(1),
    XOR(1),
    SHL(1),
    /** Arithmetic for signed types, logical for unsigned ones. */
    SHR(1),
    /** Magnitude of the first, sign of the second. */
    COPYSIGN(2),
    HYPOT(40),
    NEXTAFTER(60),

    EQ(1),
    /** True if unordered, as in C. */
    NE(1),
    LT(1),
    LE(1),
    GT(1),
    GE(1),

    SELECT(1),
    /** To the expression's type; floats to integers saturate, NaN gives 0. */
    CAST(1),
    /** The same bits as a number of the expression's type, which is as wide. */
    BITS(0),
    /** Rounds an f32 to the storage type in {@code attribute} (f16 or bf16) and back. */
    ROUND_TO(2);

    private final int cost;

    ExprOp(int cost) {
        this.cost = cost;
    }

    /** Rough number of vector instructions. */
    public int cost() {
        return cost;
    }
}
