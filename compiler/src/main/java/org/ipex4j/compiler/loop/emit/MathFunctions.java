package org.ipex4j.compiler.loop.emit;

import java.util.LinkedHashMap;
import java.util.Map;
import org.ipex4j.compiler.loop.expr.ExprOp;
import org.ipex4j.ir.DType;

/**
 * Elementary functions of f32 vectors as LLVM IR, defined in a module where used.
 *
 * <p>Range reductions are the classical ones (Cody and Waite, "Software Manual for the Elementary
 * Functions", 1980; Muller, "Elementary Functions", 2016). The polynomials are our own minimax fits
 * (Lawson's algorithm on Chebyshev nodes, relative error, rounded to f32). Errors stay within about
 * 2 ulp; NaN, infinities and denormals come out as in libm.
 */
final class MathFunctions {
    private static final String LOG2E = "1.44269504088896340736";

    /** ln 2 in two parts; the first has few bits, so that its multiples are exact. */
    private static final double LN2_HIGH = 0x1.62E4p-1;

    private static final double LN2_LOW = 0x1.7F7D1CF79ABCAp-20;

    /** 1.5 * 2^23: adding it rounds to an integer, which then stands in the low bits. */
    private static final double MAGIC = 12582912.0;

    private static final String SCALEF = "llvm.x86.avx512.mask.scalef.ps.512";

    private final Map<String, String> used = new LinkedHashMap<>();
    private final boolean avx512;
    private boolean scalef;

    /**
     * @param avx512 whether 512-bit vectors have an instruction that scales by powers of two
     */
    MathFunctions(boolean avx512) {
        this.avx512 = avx512;
    }

    /** True if there is a function here; others go to libm. */
    boolean has(ExprOp op, DType type) {
        return type == DType.FLOAT32
                && switch (op) {
                    case EXP, EXP2, EXPM1, LOG, LOG1P, TANH, SIGMOID, ERF -> true;
                    default -> false;
                };
    }

    /** The name of the function for a width, which {@link #text} will define. */
    String use(ExprOp op, int width) {
        String name =
                "ipex."
                        + op.name().toLowerCase(java.util.Locale.ROOT)
                        + "."
                        + Types.mangled("float", width);
        if (!used.containsKey(name)) {
            String body = new Body(width).function(op, name);
            used.put(name, body);
        }
        return name;
    }

    /** Definitions of all functions used. */
    String text() {
        return String.join("\n", used.values());
    }

    /** One function under construction. */
    private final class Body {
        private final StringBuilder out = new StringBuilder();
        private final int width;
        private final String f;
        private final String i;
        private final String b;
        private int next;

        Body(int width) {
            this.width = width;
            this.f = Types.vector("float", width);
            this.i = Types.vector("i32", width);
            this.b = Types.vector("i1", width);
        }

        String function(ExprOp op, String name) {
            String result =
                    switch (op) {
                        case EXP -> exp("%x", LOG2E, true);
                        case EXP2 -> exp("%x", "1", false);
                        case EXPM1 -> expm1("%x", false);
                        case LOG -> log("%x");
                        case LOG1P -> log1p();
                        case TANH -> tanh();
                        case SIGMOID -> sigmoid();
                        case ERF -> erf();
                        default -> throw new IllegalArgumentException(op.name());
                    };
            return "define internal "
                    + f
                    + " @"
                    + name
                    + "("
                    + f
                    + " %x) alwaysinline nounwind {\n"
                    + out
                    + "  ret "
                    + f
                    + " "
                    + result
                    + "\n}\n";
        }

        private String def(String code) {
            String name = "%t" + next++;
            out.append("  ").append(name).append(" = ").append(code).append('\n');
            return name;
        }

        private String c(double v) {
            return Types.splat("float", Types.real(DType.FLOAT32, v), width);
        }

        private String c(int v) {
            return Types.splat("i32", Integer.toString(v), width);
        }

        private String add(String x, String y) {
            return def("fadd " + f + " " + x + ", " + y);
        }

        private String sub(String x, String y) {
            return def("fsub " + f + " " + x + ", " + y);
        }

        private String mul(String x, String y) {
            return def("fmul " + f + " " + x + ", " + y);
        }

        private String div(String x, String y) {
            return def("fdiv " + f + " " + x + ", " + y);
        }

        private String fma(String x, String y, String z) {
            return def(
                    "call "
                            + f
                            + " @llvm.fma."
                            + Types.mangled("float", width)
                            + "("
                            + f
                            + " "
                            + x
                            + ", "
                            + f
                            + " "
                            + y
                            + ", "
                            + f
                            + " "
                            + z
                            + ")");
        }

        private String abs(String x) {
            return def(
                    "call "
                            + f
                            + " @llvm.fabs."
                            + Types.mangled("float", width)
                            + "("
                            + f
                            + " "
                            + x
                            + ")");
        }

        private String copysign(String x, String y) {
            return def(
                    "call "
                            + f
                            + " @llvm.copysign."
                            + Types.mangled("float", width)
                            + "("
                            + f
                            + " "
                            + x
                            + ", "
                            + f
                            + " "
                            + y
                            + ")");
        }

        private String compare(String how, String x, String y) {
            return def("fcmp " + how + " " + f + " " + x + ", " + y);
        }

        private String select(String condition, String x, String y) {
            return def("select " + b + " " + condition + ", " + f + " " + x + ", " + f + " " + y);
        }

        private String bits(String x) {
            return def("bitcast " + f + " " + x + " to " + i);
        }

        private String fromBits(String x) {
            return def("bitcast " + i + " " + x + " to " + f);
        }

        private String integer(String op, String x, String y) {
            return def(op + " " + i + " " + x + ", " + y);
        }

        /** Horner's scheme; highest coefficient first. */
        private String polynomial(String x, double... coefficients) {
            String p = c(coefficients[0]);
            for (int k = 1; k < coefficients.length; k++) {
                p = fma(p, x, c(coefficients[k]));
            }
            return p;
        }

        /** x limited to [low, high]; NaN passes. */
        private String limit(String x, double low, double high) {
            String l = select(compare("olt", x, c(low)), c(low), x);
            return select(compare("ogt", l, c(high)), c(high), l);
        }

        /** 2^n for integers n in [-126, 127], given as bits. */
        private String power(String n) {
            return fromBits(integer("shl", integer("add", n, c(127)), c(23)));
        }

        /**
         * base^x: x = (n + r) / scale with |r| at most 1/2; the power of two is applied in two
         * halves, so that results among the denormals and just below overflow are right.
         */
        private String exp(String x, String scale, boolean natural) {
            String limited = natural ? limit(x, -104, 89) : limit(x, -151, 129);
            String shifted =
                    natural
                            ? fma(limited, c(Double.parseDouble(scale)), c(MAGIC))
                            : add(limited, c(MAGIC));
            String n = sub(shifted, c(MAGIC));
            String r;
            if (natural) {
                r = fma(n, c(-LN2_HIGH), limited);
                r = fma(n, c(-LN2_LOW), r);
            } else {
                r = mul(sub(limited, n), c(Math.log(2)));
            }
            String p =
                    polynomial(
                            r,
                            0.0013814610429108143,
                            0.008368710987269878,
                            0.04166838899254799,
                            0.1666652113199234,
                            0.4999999403953552);
            String y = add(fma(mul(r, r), p, r), c(1.0));
            return scale(y, n, shifted);
        }

        /** y 2^n; {@code shifted} is n + {@link #MAGIC}. */
        private String scale(String y, String n, String shifted) {
            if (avx512 && width == 16) {
                scalef = true;
                return def(
                        "call "
                                + f
                                + " @"
                                + SCALEF
                                + "("
                                + f
                                + " "
                                + y
                                + ", "
                                + f
                                + " "
                                + n
                                + ", "
                                + f
                                + " zeroinitializer, i16 -1, i32 4)");
            }
            String whole = whole(shifted);
            String half = integer("ashr", whole, c(1));
            return mul(mul(y, power(half)), power(integer("sub", whole, half)));
        }

        private String whole(String shifted) {
            return integer("sub", bits(shifted), c(Float.floatToRawIntBits((float) MAGIC)));
        }

        /**
         * e^x - 1 = 2^n (e^r - 1) + (2^n - 1), without cancellation near 0; for large x the 1 does
         * not count.
         *
         * @param negative true if x is known to be at most 0
         */
        private String expm1(String x, boolean negative) {
            String limited = limit(x, -18, 89);
            String shifted = fma(limited, c(Double.parseDouble(LOG2E)), c(MAGIC));
            String n = sub(shifted, c(MAGIC));
            String r = fma(n, c(-LN2_LOW), fma(n, c(-LN2_HIGH), limited));
            String p =
                    polynomial(
                            r,
                            0.00019845877250190824,
                            0.0013940619537606835,
                            0.008333389647305012,
                            0.041666362434625626,
                            0.1666666567325592,
                            0.5);
            String y = fma(mul(r, r), p, r);
            String scale = power(whole(shifted));
            String result = fma(y, scale, sub(scale, c(1.0)));
            if (!negative) {
                result =
                        select(
                                compare("ogt", x, c(30.0)),
                                scale(add(y, c(1.0)), n, shifted),
                                result);
            }
            return select(compare("oeq", x, c(0.0)), x, result);
        }

        /** log(m 2^e) with m in [sqrt(1/2), sqrt(2)). */
        private String log(String x) {
            String small = compare("olt", x, c(Float.MIN_NORMAL));
            String scaled = select(small, mul(x, c(0x1p23)), x);
            String bias = select(small, c(-23.0), c(0.0));
            int base = Float.floatToRawIntBits((float) Math.sqrt(0.5));
            String offset = integer("sub", bits(scaled), c(base));
            String exponent = integer("ashr", offset, c(23));
            String m = fromBits(integer("add", integer("and", offset, c(0x7FFFFF)), c(base)));
            String e = add(def("sitofp " + i + " " + exponent + " to " + f), bias);
            String r = sub(m, c(1.0));
            String p =
                    polynomial(
                            r,
                            -0.0763450339436531,
                            0.12761586904525757,
                            -0.13160184025764465,
                            0.14201757311820984,
                            -0.16623356938362122,
                            0.20001226663589478,
                            -0.2500081956386566,
                            0.3333333134651184);
            String square = mul(r, r);
            String tail = fma(mul(square, r), p, mul(e, c(LN2_LOW)));
            tail = fma(square, c(-0.5), tail);
            String y = fma(e, c(LN2_HIGH), add(tail, r));
            y = select(compare("oeq", x, c(0.0)), c(Double.NEGATIVE_INFINITY), y);
            y = select(compare("olt", x, c(0.0)), c(Double.NaN), y);
            // Infinity and NaN stay themselves.
            return select(
                    compare("ult", x, c(Double.POSITIVE_INFINITY)),
                    select(compare("uno", x, x), x, y),
                    x);
        }

        /**
         * log(u) + (x - (u - 1)) / u with u = 1 + x rounded: the second term makes up for the
         * rounding.
         */
        private String log1p() {
            String u = add("%x", c(1.0));
            String correction = div(sub("%x", sub(u, c(1.0))), u);
            String l = log(u);
            String y = add(l, correction);
            String edge =
                    def(
                            "or "
                                    + b
                                    + " "
                                    + compare("oeq", u, c(0.0))
                                    + ", "
                                    + compare("oeq", u, c(Double.POSITIVE_INFINITY)));
            y = select(edge, l, y);
            return select(compare("oeq", u, c(1.0)), "%x", y);
        }

        /** tanh|x| = -t / (t + 2) with t = e^(-2|x|) - 1. */
        private String tanh() {
            String t = expm1(mul(abs("%x"), c(-2.0)), true);
            String y = div(def("fneg " + f + " " + t), add(t, c(2.0)));
            return copysign(y, "%x");
        }

        private String sigmoid() {
            String e = exp(def("fneg " + f + " %x"), LOG2E, true);
            return div(c(1.0), add(e, c(1.0)));
        }

        /** x + x P(x^2) near 0, else 1 - e^(-t Q(t)); beyond 3.95 it rounds to 1. */
        private String erf() {
            String t = abs("%x");
            String s = mul("%x", "%x");
            String near =
                    fma(
                            polynomial(
                                    s,
                                    -0.0005990847712382674,
                                    0.004993178881704807,
                                    -0.026766614988446236,
                                    0.1128181591629982,
                                    -0.37612494826316833,
                                    0.12837915122509003),
                            "%x",
                            "%x");
            String limited = select(compare("ogt", t, c(3.95)), c(3.95), t);
            String q =
                    polynomial(
                            limited,
                            -0.000213923049159348,
                            0.003214444499462843,
                            -0.022888321429491043,
                            0.10525927692651749,
                            0.6357202529907227,
                            1.1285138130187988);
            String e = exp(def("fneg " + f + " " + mul(limited, q)), LOG2E, true);
            String far = copysign(sub(c(1.0), e), "%x");
            return select(compare("olt", t, c(0.921875)), near, far);
        }
    }

    /** Declarations that {@link #text} needs. */
    java.util.Set<String> declarations() {
        java.util.Set<String> out = new java.util.TreeSet<>();
        for (String name : used.keySet()) {
            String mangled = name.substring(name.lastIndexOf('.') + 1);
            int width =
                    mangled.startsWith("v")
                            ? Integer.parseInt(mangled.substring(1, mangled.length() - 3))
                            : 1;
            String f = Types.vector("float", width);
            out.add("declare " + f + " @llvm.fma." + mangled + "(" + f + ", " + f + ", " + f + ")");
            out.add("declare " + f + " @llvm.fabs." + mangled + "(" + f + ")");
            out.add("declare " + f + " @llvm.copysign." + mangled + "(" + f + ", " + f + ")");
        }
        if (scalef) {
            String f = "<16 x float>";
            out.add("declare " + f + " @" + SCALEF + "(" + f + ", " + f + ", " + f + ", i16, i32)");
        }
        return out;
    }
}
