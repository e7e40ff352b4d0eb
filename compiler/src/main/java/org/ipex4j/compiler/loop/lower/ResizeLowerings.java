package org.ipex4j.compiler.loop.lower;

import java.util.ArrayList;
import java.util.List;
import org.ipex4j.compiler.loop.expr.Expr;
import org.ipex4j.compiler.loop.expr.ExprOp;
import org.ipex4j.compiler.loop.expr.Exprs;
import org.ipex4j.compiler.loop.expr.Index;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;

/** Padding and upsampling. */
final class ResizeLowerings {
    private ResizeLowerings() {}

    static void addAll(LoweringTable t) {
        t.put("aten.constant_pad_nd", ResizeLowerings::pad);
        for (String op :
                new String[] {
                    "aten.upsample_nearest1d",
                    "aten.upsample_nearest2d",
                    "aten.upsample_nearest2d.vec",
                    "aten.upsample_nearest3d"
                }) {
            t.put(op, ResizeLowerings::nearest);
        }
        t.put("aten.upsample_bilinear2d", ResizeLowerings::bilinear);
        t.put("aten.upsample_bilinear2d.vec", ResizeLowerings::bilinear);
    }

    private static Expr pad(NestBuilder b, Node n, int result, List<Index> at) {
        Value self = n.args().tensor("self");
        Sizes sizes = self.type().sizes();
        long[] pad = n.args().integers("pad");
        Exprs e = b.exprs();
        List<Index> out = new ArrayList<>(at);
        Expr inside = null;
        for (int k = 0; k < pad.length / 2; k++) {
            int d = sizes.rank() - 1 - k;
            if (pad[2 * k] == 0 && pad[2 * k + 1] == 0) {
                continue;
            }
            Index i = ViewLowerings.plus(b, at.get(d), -pad[2 * k]);
            out.set(d, i);
            Expr position = e.index(i);
            Expr in =
                    e.and(
                            e.with(ExprOp.GE, position, 0),
                            e.binary(ExprOp.LT, position, e.scalar(DType.INT64, sizes.get(d))));
            inside = inside == null ? in : e.and(inside, in);
        }
        if (inside == null) {
            return b.at(self, at);
        }
        Expr x = b.guardedAt(self, out, inside);
        return e.select(inside, x, e.scalar(x.type(), n.args().number("value")));
    }

    private static double scale(Node n, int spatial, int k, long in, long out) {
        if (n.args().schema().has("scale_factors")) {
            if (n.args().get("scale_factors")
                    instanceof org.ipex4j.ir.op.Arg.Reals<Value>(List<Double> s)) {
                return 1.0 / s.get(k);
            }
            return (double) in / out;
        }
        String name =
                spatial == 1
                        ? "scales"
                        : spatial == 2
                                ? (k == 0 ? "scales_h" : "scales_w")
                                : (k == 0 ? "scales_d" : k == 1 ? "scales_h" : "scales_w");
        return n.args().optionalReal(name).map(s -> 1.0 / s).orElse((double) in / out);
    }

    /** Source index floor(i * scale), computed in f32 as ATen does. */
    private static Expr nearest(NestBuilder b, Node n, int result, List<Index> at) {
        Value self = n.args().tensor("self");
        Sizes from = self.type().sizes();
        Sizes to = n.result().type().sizes();
        Exprs e = b.exprs();
        int spatial = from.rank() - 2;
        List<Index> out = new ArrayList<>(at.subList(0, 2));
        for (int k = 0; k < spatial; k++) {
            int d = 2 + k;
            Expr i = e.cast(e.index(at.get(d)), DType.FLOAT32);
            Expr scaled =
                    e.mul(i, e.scalar(DType.FLOAT32, scale(n, spatial, k, from.get(d), to.get(d))));
            Expr source = e.cast(e.unary(ExprOp.FLOOR, scaled), DType.INT64);
            out.add(new Index.Dynamic(e.min(source, e.scalar(DType.INT64, from.get(d) - 1))));
        }
        return b.at(self, out);
    }

    private static Expr bilinear(NestBuilder b, Node n, int result, List<Index> at) {
        Value self = n.args().tensor("self");
        Sizes from = self.type().sizes();
        Sizes to = n.result().type().sizes();
        Exprs e = b.exprs();
        boolean align = n.args().bool("align_corners");
        DType type = ArithmeticLowerings.resultType(n);
        Index[][] at2 = new Index[2][2];
        Expr[] weight = new Expr[2];
        for (int k = 0; k < 2; k++) {
            int d = 2 + k;
            long in = from.get(d);
            long last = to.get(d);
            double scale =
                    align
                            ? (last > 1 ? (double) (in - 1) / (last - 1) : 0)
                            : scale(n, 2, k, in, last);
            Expr i = e.cast(e.index(at.get(d)), type);
            Expr s = e.scalar(type, scale);
            Expr source =
                    align
                            ? e.mul(i, s)
                            : e.max(
                                    e.with(ExprOp.SUB, e.mul(e.with(ExprOp.ADD, i, 0.5), s), 0.5),
                                    e.literal(type, 0.0));
            Expr limit = e.scalar(DType.INT64, in - 1);
            Expr low = e.min(e.cast(source, DType.INT64), limit);
            weight[k] =
                    e.min(
                            e.max(e.sub(source, e.cast(low, type)), e.literal(type, 0.0)),
                            e.literal(type, 1.0));
            at2[k][0] = new Index.Dynamic(low);
            at2[k][1] = new Index.Dynamic(e.min(e.with(ExprOp.ADD, low, 1), limit));
        }
        Expr one = e.literal(type, 1.0);
        Expr[] rows = new Expr[2];
        for (int y = 0; y < 2; y++) {
            Expr left =
                    e.cast(b.at(self, List.of(at.get(0), at.get(1), at2[0][y], at2[1][0])), type);
            Expr right =
                    e.cast(b.at(self, List.of(at.get(0), at.get(1), at2[0][y], at2[1][1])), type);
            rows[y] = e.add(e.mul(e.sub(one, weight[1]), left), e.mul(weight[1], right));
        }
        return e.add(e.mul(e.sub(one, weight[0]), rows[0]), e.mul(weight[0], rows[1]));
    }
}
