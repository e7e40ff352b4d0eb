package org.ipex4j.compiler.loop.emit;

import org.ipex4j.compiler.loop.expr.ExprOp;
import org.ipex4j.ir.DType;

/**
 * Philox4x32-10, the counter-based generator of Salmon et al., "Parallel random numbers: as easy as
 * 1, 2, 3" (SC 2011): ten rounds of multiply and exchange over a 128-bit counter with a 64-bit key.
 */
final class Philox {
    private final Values values;

    Philox(Values values) {
        this.values = values;
    }

    /**
     * One of the four 32-bit words for key {@code seed} and counter ({@code counter}, {@code
     * offset}), all i64.
     */
    String word(String seed, String offset, String counter, int word, int width) {
        String w = Types.vector("i64", width);
        String n = Types.vector("i32", width);
        String[] c = {
            low(counter, w, n),
            high(counter, w, n, width),
            low(offset, w, n),
            high(offset, w, n, width)
        };
        String k0 = low(seed, w, n);
        String k1 = high(seed, w, n, width);
        for (int round = 0; round < 10; round++) {
            String p0 = product(c[0], 0xD2511F53L, w, n, width);
            String p1 = product(c[2], 0xCD9E8D57L, w, n, width);
            String x0 = xor(n, xor(n, high(p1, w, n, width), c[1]), k0);
            String x2 = xor(n, xor(n, high(p0, w, n, width), c[3]), k1);
            c = new String[] {x0, low(p1, w, n), x2, low(p0, w, n)};
            k0 =
                    values.binary(
                            ExprOp.ADD,
                            DType.INT32,
                            k0,
                            Types.splat("i32", Integer.toString(0x9E3779B9), width),
                            width);
            k1 =
                    values.binary(
                            ExprOp.ADD,
                            DType.INT32,
                            k1,
                            Types.splat("i32", Integer.toString(0xBB67AE85), width),
                            width);
        }
        return c[word];
    }

    private String product(String a, long factor, String w, String n, int width) {
        String wide = values.def("zext " + n + " " + a + " to " + w);
        return values.def(
                "mul " + w + " " + wide + ", " + Types.splat("i64", Long.toString(factor), width));
    }

    private String xor(String n, String a, String b) {
        return values.def("xor " + n + " " + a + ", " + b);
    }

    private String low(String x, String w, String n) {
        return values.def("trunc " + w + " " + x + " to " + n);
    }

    private String high(String x, String w, String n, int width) {
        return values.def(
                "trunc "
                        + w
                        + " "
                        + values.def("lshr " + w + " " + x + ", " + Types.splat("i64", "32", width))
                        + " to "
                        + n);
    }
}
