package org.ipex4j.compiler.loop.emit;

import java.util.ArrayList;
import java.util.List;
import org.ipex4j.compiler.loop.expr.ExprOp;
import org.ipex4j.compiler.loop.nest.ReduceKind;
import org.ipex4j.compiler.loop.nest.Reduction;
import org.ipex4j.ir.DType;

/** Writes how partial results of a reduction start, combine and come together across lanes. */
final class Reducers {
    private final Values values;

    Reducers(Values values) {
        this.values = values;
    }

    /** The neutral element of a component, in all lanes. */
    String identity(Reduction r, int component, int width) {
        DType type = r.operands().get(component).type();
        String e = Types.compute(type);
        if (component == 1) {
            return Types.splat(e, Long.toString(Long.MAX_VALUE), width);
        }
        Number v =
                switch (r.kind()) {
                    case SUM, OR -> 0L;
                    case PROD, AND -> 1L;
                    case MAX, ARGMAX -> lowest(type);
                    case MIN, ARGMIN -> highest(type);
                };
        return Types.splat(e, Types.constant(type, v), width);
    }

    private static Number lowest(DType type) {
        return switch (type) {
            case BOOL, UINT8 -> 0L;
            case INT8 -> (long) Byte.MIN_VALUE;
            case INT16 -> (long) Short.MIN_VALUE;
            case INT32 -> (long) Integer.MIN_VALUE;
            case INT64 -> Long.MIN_VALUE;
            default -> Double.NEGATIVE_INFINITY;
        };
    }

    private static Number highest(DType type) {
        return switch (type) {
            case BOOL -> 1L;
            case UINT8 -> 255L;
            case INT8 -> (long) Byte.MAX_VALUE;
            case INT16 -> (long) Short.MAX_VALUE;
            case INT32 -> (long) Integer.MAX_VALUE;
            case INT64 -> Long.MAX_VALUE;
            default -> Double.POSITIVE_INFINITY;
        };
    }

    /** {@code a} and then {@code b}, component by component. */
    List<String> combine(Reduction r, List<String> a, List<String> b, int width) {
        DType type = r.value().type();
        return switch (r.kind()) {
            case SUM -> List.of(values.binary(ExprOp.ADD, type, a.getFirst(), b.getFirst(), width));
            case PROD ->
                    List.of(values.binary(ExprOp.MUL, type, a.getFirst(), b.getFirst(), width));
            case MAX -> List.of(values.binary(ExprOp.MAX, type, a.getFirst(), b.getFirst(), width));
            case MIN -> List.of(values.binary(ExprOp.MIN, type, a.getFirst(), b.getFirst(), width));
            case AND -> List.of(values.binary(ExprOp.AND, type, a.getFirst(), b.getFirst(), width));
            case OR -> List.of(values.binary(ExprOp.OR, type, a.getFirst(), b.getFirst(), width));
            case ARGMAX, ARGMIN -> arg(r, a, b, width);
        };
    }

    /** The better value wins, NaN before all; of equals, the smaller index. */
    private List<String> arg(Reduction r, List<String> a, List<String> b, int width) {
        DType type = r.value().type();
        String bits = Types.vector("i1", width);
        String index = Types.vector("i64", width);
        ExprOp order = r.kind() == ReduceKind.ARGMAX ? ExprOp.GT : ExprOp.LT;
        String better = values.binary(order, type, b.get(0), a.get(0), width);
        String equal = values.binary(ExprOp.EQ, type, b.get(0), a.get(0), width);
        String aNan = null;
        if (type.isFloating()) {
            String bNan = values.unary(ExprOp.IS_NAN, type, b.get(0), width);
            aNan = values.unary(ExprOp.IS_NAN, type, a.get(0), width);
            better = values.def("or " + bits + " " + better + ", " + bNan);
            String notA = values.unary(ExprOp.NOT, DType.BOOL, aNan, width);
            better = values.def("and " + bits + " " + better + ", " + notA);
            equal =
                    values.def(
                            "or "
                                    + bits
                                    + " "
                                    + equal
                                    + ", "
                                    + values.def("and " + bits + " " + aNan + ", " + bNan));
        }
        String first = values.def("icmp slt " + index + " " + b.get(1) + ", " + a.get(1));
        String tie = values.def("and " + bits + " " + equal + ", " + first);
        String take = values.def("or " + bits + " " + better + ", " + tie);
        String t = Types.vector(Types.compute(type), width);
        List<String> out = new ArrayList<>();
        out.add(values.select(take, t, b.get(0), a.get(0), width));
        out.add(values.select(take, index, b.get(1), a.get(1), width));
        return out;
    }

    /** All lanes brought together, in a fixed tree: lane i with lane i + w/2 and so on. */
    List<String> horizontal(Reduction r, List<String> vector, int width) {
        List<String> x = vector;
        for (int w = width; w > 1; w /= 2) {
            List<String> low = new ArrayList<>();
            List<String> high = new ArrayList<>();
            for (int c = 0; c < x.size(); c++) {
                String t = Types.vector(Types.compute(r.operands().get(c).type()), w);
                low.add(
                        values.def(
                                "shufflevector "
                                        + t
                                        + " "
                                        + x.get(c)
                                        + ", "
                                        + t
                                        + " poison, "
                                        + lanes(0, w / 2)));
                high.add(
                        values.def(
                                "shufflevector "
                                        + t
                                        + " "
                                        + x.get(c)
                                        + ", "
                                        + t
                                        + " poison, "
                                        + lanes(w / 2, w)));
            }
            if (w == 2) {
                low = scalars(r, low);
                high = scalars(r, high);
            }
            x = combine(r, low, high, w / 2);
        }
        return x;
    }

    private List<String> scalars(Reduction r, List<String> one) {
        List<String> out = new ArrayList<>();
        for (int c = 0; c < one.size(); c++) {
            String e = Types.compute(r.operands().get(c).type());
            out.add(values.def("extractelement <1 x " + e + "> " + one.get(c) + ", i64 0"));
        }
        return out;
    }

    private static String lanes(int from, int to) {
        StringBuilder out = new StringBuilder("<" + (to - from) + " x i32> <");
        for (int i = from; i < to; i++) {
            out.append(i == from ? "" : ", ").append("i32 ").append(i);
        }
        return out.append('>').toString();
    }
}
