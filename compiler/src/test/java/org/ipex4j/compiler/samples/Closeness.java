package org.ipex4j.compiler.samples;

import java.util.Optional;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.ir.DType;

/**
 * Comparison of results with the tolerances of {@code torch.testing.assert_close}: {@code |a - e|
 * <= slack * (atol + rtol * |e|)}; NaN equals NaN, integers and bool must be equal.
 */
public final class Closeness {
    private Closeness() {}

    private static double rtol(DType t) {
        return switch (t) {
            case FLOAT16 -> 1e-3;
            case BFLOAT16 -> 1.6e-2;
            case FLOAT32 -> 1.3e-6;
            case FLOAT64 -> 1e-7;
            default -> 0;
        };
    }

    private static double atol(DType t) {
        return !t.isFloating() ? 0 : t == DType.FLOAT64 ? 1e-7 : 1e-5;
    }

    /** What differs, with the first place where it does; empty if nothing does. */
    public static Optional<String> mismatch(RefTensor expected, RefTensor actual, double slack) {
        if (!expected.type().equals(actual.type())) {
            return Optional.of("expected " + expected.type() + ", got " + actual.type());
        }
        DType t = expected.dtype();
        int wrong = 0;
        int first = -1;
        double worst = 0;
        for (int i = 0; i < expected.numel(); i++) {
            double e = expected.real(i);
            double a = actual.real(i);
            boolean same =
                    t.isFloating()
                            ? e == a
                                    || (Double.isNaN(e) && Double.isNaN(a))
                                    || Math.abs(a - e) <= slack * (atol(t) + rtol(t) * Math.abs(e))
                            : expected.integer(i) == actual.integer(i);
            // An infinity is within no distance of a number.
            if (!same || (Double.isInfinite(e) && e != a)) {
                wrong++;
                first = first < 0 ? i : first;
                worst = Math.max(worst, Math.abs(a - e));
            }
        }
        return wrong == 0
                ? Optional.empty()
                : Optional.of(
                        wrong
                                + " of "
                                + expected.numel()
                                + " elements of "
                                + expected.type()
                                + " differ, by up to "
                                + worst
                                + "; the first, at "
                                + first
                                + ", is "
                                + actual.real(first)
                                + ", expected "
                                + expected.real(first));
    }

    /** Throws an AssertionError naming what was compared if the tensors differ. */
    public static void check(String what, RefTensor expected, RefTensor actual, double slack) {
        mismatch(expected, actual, slack)
                .ifPresent(
                        m -> {
                            throw new AssertionError(what + ": " + m);
                        });
    }
}
