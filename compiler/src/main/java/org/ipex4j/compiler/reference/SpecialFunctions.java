package org.ipex4j.compiler.reference;

/**
 * Functions that {@link Math} lacks, in double precision. Formulas are those of the NIST Digital
 * Library of Mathematical Functions (chapters 5 and 7), summed where they converge well.
 */
public final class SpecialFunctions {
    private static final double LOG_SQRT_2PI = 0.5 * Math.log(2 * Math.PI);

    private SpecialFunctions() {}

    /**
     * The error function: its power series (DLMF 7.6.2) for small arguments, else by {@link #erfc}.
     */
    public static double erf(double x) {
        if (Double.isNaN(x)) {
            return x;
        }
        if (Math.abs(x) > 2.5) {
            return x > 0 ? 1 - erfc(x) : erfc(-x) - 1;
        }
        // All terms have one sign, so that nothing cancels.
        double term = x;
        double sum = x;
        for (int n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }
        return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
    }

    /**
     * The complementary error function: its continued fraction (DLMF 7.9.1) for large arguments.
     */
    public static double erfc(double x) {
        if (Double.isNaN(x)) {
            return x;
        }
        if (x < 2) {
            return 1 - erf(x);
        }
        if (x > 28) {
            return 0; // below the least double
        }
        double fraction = 0;
        for (int n = 120; n >= 1; n--) {
            fraction = n / 2.0 / (x + fraction);
        }
        return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + fraction);
    }

    /** The inverse error function, by Halley's method from Winitzki's approximation. */
    public static double erfinv(double y) {
        double a = Math.abs(y);
        if (!(a <= 1)) {
            return Double.NaN;
        }
        if (a == 1) {
            return Math.copySign(Double.POSITIVE_INFINITY, y);
        }
        double l = Math.log1p(-a * a);
        double t = 2 / (Math.PI * 0.147) + l / 2;
        double x = Math.sqrt(Math.sqrt(t * t - l / 0.147) - t);
        for (int i = 0; i < 4; i++) {
            // Near 1 the complement keeps the digits.
            double error = a > 0.5 ? (1 - a) - erfc(x) : erf(x) - a;
            double step = error / (2 / Math.sqrt(Math.PI) * Math.exp(-x * x));
            x -= step / (1 + x * step);
        }
        return Math.copySign(x, y);
    }

    /**
     * Logarithm of the absolute gamma function: Stirling's series (DLMF 5.11.1) after recurrence
     * upwards.
     */
    public static double lgamma(double x) {
        if (Double.isNaN(x)) {
            return x;
        }
        if (Double.isInfinite(x) || (x <= 0 && x == Math.floor(x))) {
            return Double.POSITIVE_INFINITY;
        }
        if (x < 0.5) {
            return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * (x % 2)))) - lgamma(1 - x);
        }
        double product = 1;
        double z = x;
        while (z < 15) {
            product *= z;
            z += 1;
        }
        double r = 1 / (z * z);
        double series =
                (1.0 / 12 - r * (1.0 / 360 - r * (1.0 / 1260 - r * (1.0 / 1680 - r / 1188)))) / z;
        return (z - 0.5) * Math.log(z) - z + LOG_SQRT_2PI + series - Math.log(product);
    }

    /**
     * Logarithmic derivative of the gamma function: its asymptotic series (DLMF 5.11.2) after
     * recurrence.
     */
    public static double digamma(double x) {
        if (x == 0) {
            return Math.copySign(Double.POSITIVE_INFINITY, -x);
        }
        if (x == Double.POSITIVE_INFINITY) {
            return x;
        }
        if (Double.isNaN(x) || Double.isInfinite(x) || (x < 0 && x == Math.floor(x))) {
            return Double.NaN;
        }
        if (x < 0) {
            return digamma(1 - x) - Math.PI / Math.tan(Math.PI * (x % 1));
        }
        double sum = 0;
        double z = x;
        while (z < 15) {
            sum -= 1 / z;
            z += 1;
        }
        double r = 1 / (z * z);
        return sum
                + Math.log(z)
                - 0.5 / z
                - r * (1.0 / 12 - r * (1.0 / 120 - r * (1.0 / 252 - r * (1.0 / 240 - r / 132))));
    }

    /**
     * Derivative of {@link #digamma}: its asymptotic series (DLMF 5.15.8) after recurrence, for
     * small arguments by reflection (DLMF 5.15.6).
     */
    public static double trigamma(double x) {
        if (Double.isNaN(x) || x == Double.NEGATIVE_INFINITY) {
            return Double.NaN;
        }
        if (x < 0.5) {
            double sine = Math.sin(Math.PI * (x % 1));
            return Math.PI * Math.PI / (sine * sine) - trigamma(1 - x);
        }
        double sum = 0;
        double z = x;
        while (z < 15) {
            sum += 1 / (z * z);
            z += 1;
        }
        double r = 1 / (z * z);
        double series =
                r * (1.0 / 6 - r * (1.0 / 30 - r * (1.0 / 42 - r * (1.0 / 30 - r * (5.0 / 66)))));
        return sum + (1 + 0.5 / z + series) / z;
    }

    static double asinh(double x) {
        double a = Math.abs(x);
        double r =
                a > 1e150
                        ? Math.log(a) + Math.log(2)
                        : Math.log1p(a + a * a / (1 + Math.sqrt(a * a + 1)));
        return Math.copySign(r, x);
    }

    static double acosh(double x) {
        double t = x - 1;
        return x > 1e150 ? Math.log(x) + Math.log(2) : Math.log1p(t + Math.sqrt(2 * t + t * t));
    }

    static double atanh(double x) {
        return Math.copySign(0.5 * Math.log1p(2 * Math.abs(x) / (1 - Math.abs(x))), x);
    }

    /** {@code sin(pi x) / (pi x)}, 1 at 0. */
    static double sinc(double x) {
        return x == 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    }
}
