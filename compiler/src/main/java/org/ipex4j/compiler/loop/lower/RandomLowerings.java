package org.ipex4j.compiler.loop.lower;

import java.util.List;
import org.ipex4j.compiler.loop.expr.Expr;
import org.ipex4j.compiler.loop.expr.ExprOp;
import org.ipex4j.compiler.loop.expr.Exprs;
import org.ipex4j.compiler.loop.expr.Index;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Philox;
import org.ipex4j.ir.graph.Node;

/**
 * Random numbers as a function of position: {@link Philox} in 64-bit integers, of which vectors
 * have the product of two 32-bit halves. So threads and vector widths do not matter.
 */
final class RandomLowerings {
    private static final long M0 = 0xD2511F53L;
    private static final long M1 = 0xCD9E8D57L;
    private static final long W0 = 0x9E3779B9L;
    private static final long W1 = 0xBB67AE85L;
    private static final long LOW = 0xFFFFFFFFL;

    private RandomLowerings() {}

    static void addAll(LoweringTable t) {
        t.put("ipex.philox_uniform", RandomLowerings::uniform);
    }

    private static Expr uniform(NestBuilder b, Node n, int result, List<Index> at) {
        Exprs e = b.exprs();
        DType type = n.result().type().dtype();
        Expr seed = b.at(n.args().tensor("state"), List.of(Index.Affine.constant(0)));
        Expr first = b.at(n.args().tensor("state"), List.of(Index.Affine.constant(1)));
        long[] strides = n.result().type().sizes().contiguousStrides();
        Expr element = e.literal(DType.INT64, 0L);
        for (int d = 0; d < strides.length; d++) {
            Expr along = e.mul(e.index(at.get(d)), e.scalar(DType.INT64, strides[d]));
            element = d == 0 ? along : e.add(element, along);
        }
        Expr offset = e.scalar(DType.INT64, n.args().integer("offset"));
        Expr position = e.add(e.add(first, offset), shift(e, element, 1));
        Expr[] block = block(e, seed, position);
        Expr second = e.binary(ExprOp.NE, and(e, element, 1), e.literal(DType.INT64, 0L));
        Expr high = e.select(second, block[3], block[1]);
        int bits = Philox.significand(type);
        // Up to 32 bits come from the high word alone.
        Expr number =
                bits <= 32
                        ? shift(e, high, 32 - bits)
                        : e.binary(
                                ExprOp.OR,
                                e.binary(
                                        ExprOp.SHL, high, e.literal(DType.INT64, (long) bits - 32)),
                                shift(e, e.select(second, block[2], block[0]), 64 - bits));
        DType wide = Exprs.compute(type);
        return e.mul(e.cast(number, wide), e.literal(wide, Math.scalb(1.0, -bits)));
    }

    /** The four words of a block, each in the low half of 64 bits. */
    private static Expr[] block(Exprs e, Expr seed, Expr position) {
        Expr k0 = and(e, seed, LOW);
        Expr k1 = and(e, shift(e, seed, 32), LOW);
        Expr c0 = and(e, position, LOW);
        Expr c1 = and(e, shift(e, position, 32), LOW);
        Expr c2 = e.literal(DType.INT64, 0L);
        Expr c3 = e.literal(DType.INT64, 0L);
        for (int round = 0; round < 10; round++) {
            Expr p0 = e.mul(e.literal(DType.INT64, M0), c0);
            Expr p1 = e.mul(e.literal(DType.INT64, M1), c2);
            Expr n0 = xor(e, xor(e, and(e, shift(e, p1, 32), LOW), c1), key(e, k0, W0, round));
            Expr n2 = xor(e, xor(e, and(e, shift(e, p0, 32), LOW), c3), key(e, k1, W1, round));
            c1 = and(e, p1, LOW);
            c3 = and(e, p0, LOW);
            c0 = n0;
            c2 = n2;
        }
        return new Expr[] {c0, c1, c2, c3};
    }

    /** The key of a round: raised by a constant each time, in 32 bits. */
    private static Expr key(Exprs e, Expr key, long step, int round) {
        long raised = step * round & LOW;
        return round == 0 ? key : and(e, e.add(key, e.literal(DType.INT64, raised)), LOW);
    }

    /** To the right; the upper half may fill with copies of the sign, which callers mask. */
    private static Expr shift(Exprs e, Expr v, int by) {
        return by == 0 ? v : e.binary(ExprOp.SHR, v, e.literal(DType.INT64, (long) by));
    }

    private static Expr and(Exprs e, Expr v, long mask) {
        return e.and(v, e.literal(DType.INT64, mask));
    }

    private static Expr xor(Exprs e, Expr a, Expr b) {
        return e.binary(ExprOp.XOR, a, b);
    }
}
