package org.ipex4j.compiler.loop.lower;

import org.ipex4j.compiler.loop.expr.Expr;
import org.ipex4j.compiler.loop.expr.ExprOp;
import org.ipex4j.compiler.loop.expr.Exprs;
import org.ipex4j.ir.DType;

/** The two halves of FP32 numbers' bits. */
final class SplitLowerings {
    private SplitLowerings() {}

    static void addAll(LoweringTable t) {
        t.put(
                "ipex.join_bfloat16",
                (b, n, r, at) -> {
                    Exprs e = b.exprs();
                    Expr top = e.cast(b.at(n.args().tensor("top"), at), DType.INT32);
                    Expr trail = e.cast(b.at(n.args().tensor("trail"), at), DType.INT32);
                    Expr low = e.and(trail, e.literal(DType.INT32, 0xFFFFL));
                    Expr bits = e.binary(ExprOp.OR, shift(e, ExprOp.SHL, top), low);
                    return e.bits(bits, DType.FLOAT32);
                });
        t.put(
                "ipex.bfloat16_top",
                (b, n, r, at) -> {
                    Exprs e = b.exprs();
                    Expr bits = e.bits(b.at(n.args().tensor("self"), at), DType.INT32);
                    return e.cast(shift(e, ExprOp.SHR, bits), DType.INT16);
                });
        t.put(
                "ipex.bfloat16_trail",
                (b, n, r, at) -> {
                    Exprs e = b.exprs();
                    Expr bits = e.bits(b.at(n.args().tensor("self"), at), DType.INT32);
                    return e.cast(bits, DType.INT16);
                });
    }

    private static Expr shift(Exprs e, ExprOp op, Expr bits) {
        return e.binary(op, bits, e.literal(DType.INT32, 16L));
    }
}
