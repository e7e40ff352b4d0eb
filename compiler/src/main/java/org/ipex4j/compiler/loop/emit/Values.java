package org.ipex4j.compiler.loop.emit;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.ipex4j.compiler.loop.expr.ExprOp;
import org.ipex4j.ir.DType;

/**
 * Writes single operations on registers. {@code width} 1 means scalars. Nothing here knows of loops
 * or memory, except the status word that integer division by zero raises.
 */
final class Values {
    private final String contract;
    private final MathFunctions math;
    private final Bfloat16 bfloat16;
    private final Set<String> declarations = new TreeSet<>();
    private Consumer<String> out;
    private int next;

    /**
     * @param contract true if multiply-adds may be fused
     */
    Values(boolean contract, MathFunctions math, Bfloat16 bfloat16) {
        this.contract = contract ? "contract " : "";
        this.math = math;
        this.bfloat16 = bfloat16;
    }

    /** Where the next instructions go. */
    void to(Consumer<String> sink) {
        this.out = sink;
    }

    void line(String code) {
        out.accept(code);
    }

    String fresh(String hint) {
        return "%" + hint + next++;
    }

    String def(String code) {
        String name = fresh("v");
        out.accept(name + " = " + code);
        return name;
    }

    Set<String> declarations() {
        return declarations;
    }

    void declare(String declaration) {
        declarations.add(declaration);
    }

    /** Calls an LLVM intrinsic or helper of the form {@code T f(T, ...)}. */
    String call(String function, String result, String... operands) {
        StringBuilder types = new StringBuilder();
        StringBuilder args = new StringBuilder();
        for (String o : operands) {
            types.append(types.isEmpty() ? "" : ", ").append(typeOf(o));
            args.append(args.isEmpty() ? "" : ", ").append(o);
        }
        declarations.add("declare " + result + " @" + function + "(" + types + ")");
        return def("call " + result + " @" + function + "(" + args + ")");
    }

    /** The type of an operand written {@code type value}. */
    private static String typeOf(String operand) {
        int end = operand.startsWith("<") ? operand.indexOf('>') + 1 : operand.indexOf(' ');
        return operand.substring(0, end);
    }

    String splat(String type, String scalar, int width) {
        if (width == 1) {
            return scalar;
        }
        if (!scalar.startsWith("%")) {
            return Types.splat(type, scalar, width);
        }
        String v = Types.vector(type, width);
        String first = def("insertelement " + v + " poison, " + type + " " + scalar + ", i64 0");
        return def(
                "shufflevector "
                        + v
                        + " "
                        + first
                        + ", "
                        + v
                        + " poison, <"
                        + width
                        + " x i32> zeroinitializer");
    }

    /** A unary operation of a compute type. */
    String unary(ExprOp op, DType type, String x, int width) {
        String t = Types.vector(Types.compute(type), width);
        boolean real = type.isFloating();
        return switch (op) {
            case NEG ->
                    real
                            ? def("fneg " + t + " " + x)
                            : def("sub " + t + " " + zero(width) + ", " + x);
            case ABS ->
                    real
                            ? intrinsic("fabs", type, width, x)
                            : call(
                                    "llvm.abs." + Types.mangled(Types.compute(type), width),
                                    t,
                                    t + " " + x,
                                    "i1 false");
            case NOT ->
                    def(
                            "xor "
                                    + t
                                    + " "
                                    + x
                                    + ", "
                                    + Types.splat(
                                            Types.compute(type),
                                            type == DType.BOOL ? "true" : "-1",
                                            width));
            case IS_NAN -> def("fcmp uno " + t + " " + x + ", " + x);
            case SQRT -> intrinsic("sqrt", type, width, x);
            case FLOOR -> intrinsic("floor", type, width, x);
            case CEIL -> intrinsic("ceil", type, width, x);
            case TRUNC -> intrinsic("trunc", type, width, x);
            case ROUND -> intrinsic("roundeven", type, width, x);
            default -> function(op, type, width, x);
        };
    }

    private String intrinsic(String name, DType type, int width, String x) {
        String t = Types.vector(Types.compute(type), width);
        return call(
                "llvm." + name + "." + Types.mangled(Types.compute(type), width), t, t + " " + x);
    }

    /** A function of our own, or libm's lane by lane. */
    private String function(ExprOp op, DType type, int width, String... x) {
        String t = Types.vector(Types.compute(type), width);
        if (x.length == 1 && math.has(op, type)) {
            return def("call " + t + " @" + math.use(op, width) + "(" + t + " " + x[0] + ")");
        }
        if (op == ExprOp.SIGMOID) {
            String e = function(ExprOp.EXP, type, width, def("fneg " + t + " " + x[0]));
            String one = Types.splat(Types.compute(type), Types.real(type, 1), width);
            return def("fdiv " + t + " " + one + ", " + def("fadd " + t + " " + one + ", " + e));
        }
        return libm(op.name().toLowerCase(Locale.ROOT), type, width, x);
    }

    /** A function of libm, lane by lane. */
    private String libm(String function, DType type, int width, String... x) {
        String t = Types.vector(Types.compute(type), width);
        String name = function + (type == DType.FLOAT64 ? "" : "f");
        String e = Types.compute(type);
        if (width == 1) {
            List<String> args = new ArrayList<>();
            for (String a : x) {
                args.add(e + " " + a);
            }
            return call(name, e, args.toArray(String[]::new));
        }
        String result = "poison";
        for (int lane = 0; lane < width; lane++) {
            List<String> args = new ArrayList<>();
            for (String a : x) {
                args.add(e + " " + def("extractelement " + t + " " + a + ", i64 " + lane));
            }
            String y = call(name, e, args.toArray(String[]::new));
            result =
                    def("insertelement " + t + " " + result + ", " + e + " " + y + ", i64 " + lane);
        }
        return result;
    }

    private static String zero(int width) {
        return width == 1 ? "0" : "zeroinitializer";
    }

    /** A binary operation on two operands of the same compute type; not for integer division. */
    String binary(ExprOp op, DType type, String a, String b, int width) {
        String e = Types.compute(type);
        String t = Types.vector(e, width);
        boolean real = type.isFloating();
        String operands = t + " " + a + ", " + b;
        boolean unsigned = type == DType.UINT8 || type == DType.BOOL;
        return switch (op) {
            case ADD -> def((real ? "fadd " + contract : "add ") + operands);
            case SUB -> def((real ? "fsub " + contract : "sub ") + operands);
            case MUL -> def((real ? "fmul " + contract : "mul ") + operands);
            case DIV -> def("fdiv " + operands);
            case REM -> libm("fmod", type, width, a, b);
            case MAX, MIN -> extreme(op, type, a, b, width);
            case AND -> def("and " + operands);
            case OR -> def("or " + operands);
            case XOR -> def("xor " + operands);
            case SHL, SHR -> shift(op, type, a, b, width);
            case COPYSIGN ->
                    call("llvm.copysign." + Types.mangled(e, width), t, t + " " + a, t + " " + b);
            case POW -> real ? function(op, type, width, a, b) : integerPower(type, a, b, width);
            case EQ -> def((real ? "fcmp oeq " : "icmp eq ") + operands);
            case NE -> def((real ? "fcmp une " : "icmp ne ") + operands);
            case LT -> def((real ? "fcmp olt " : unsigned ? "icmp ult " : "icmp slt ") + operands);
            case LE -> def((real ? "fcmp ole " : unsigned ? "icmp ule " : "icmp sle ") + operands);
            case GT -> def((real ? "fcmp ogt " : unsigned ? "icmp ugt " : "icmp sgt ") + operands);
            case GE -> def((real ? "fcmp oge " : unsigned ? "icmp uge " : "icmp sge ") + operands);
            default -> function(op, type, width, a, b);
        };
    }

    /**
     * NaN if either is: a compare and select keeps the second operand when unordered (as maxps
     * does), so that only the first needs a look.
     */
    private String extreme(ExprOp op, DType type, String a, String b, int width) {
        String t = Types.vector(Types.compute(type), width);
        if (!type.isFloating()) {
            String sign = type == DType.UINT8 || type == DType.BOOL ? "u" : "s";
            String c =
                    def(
                            "icmp "
                                    + sign
                                    + (op == ExprOp.MAX ? "gt " : "lt ")
                                    + t
                                    + " "
                                    + a
                                    + ", "
                                    + b);
            return select(c, t, a, b, width);
        }
        String c = def("fcmp " + (op == ExprOp.MAX ? "ogt " : "olt ") + t + " " + a + ", " + b);
        String m = select(c, t, a, b, width);
        if (!a.startsWith("%")) {
            return m;
        }
        return select(def("fcmp uno " + t + " " + a + ", " + a), t, a, m, width);
    }

    String select(String condition, String type, String a, String b, int width) {
        return def(
                "select "
                        + Types.vector("i1", width)
                        + " "
                        + condition
                        + ", "
                        + type
                        + " "
                        + a
                        + ", "
                        + type
                        + " "
                        + b);
    }

    /**
     * Shifts of the width or more give 0, or the sign for arithmetic right shifts; LLVM leaves them
     * undefined.
     */
    private String shift(ExprOp op, DType type, String a, String b, int width) {
        String e = Types.compute(type);
        String t = Types.vector(e, width);
        int bits = type.byteSize() * 8;
        String big =
                def(
                        "icmp uge "
                                + t
                                + " "
                                + b
                                + ", "
                                + Types.splat(e, Integer.toString(bits), width));
        boolean arithmetic = op == ExprOp.SHR && type != DType.UINT8;
        String safe =
                select(
                        big,
                        t,
                        Types.splat(e, Integer.toString(arithmetic ? bits - 1 : 0), width),
                        b,
                        width);
        String shifted =
                def(
                        (op == ExprOp.SHL ? "shl " : arithmetic ? "ashr " : "lshr ")
                                + t
                                + " "
                                + a
                                + ", "
                                + safe);
        return arithmetic ? shifted : select(big, t, zero(width), shifted, width);
    }

    /**
     * Repeated squaring over all exponent bits; a negative exponent gives 0, or ±1 for bases ±1.
     */
    private String integerPower(DType type, String a, String b, int width) {
        String e = Types.compute(type);
        String t = Types.vector(e, width);
        String one = Types.splat(e, "1", width);
        String result = one;
        String square = a;
        String exponent = b;
        int bits = type.byteSize() * 8;
        for (int i = 0; i < bits; i++) {
            String odd = def("trunc " + t + " " + exponent + " to " + Types.vector("i1", width));
            result = select(odd, t, def("mul " + t + " " + result + ", " + square), result, width);
            if (i + 1 < bits) {
                square = def("mul " + t + " " + square + ", " + square);
                exponent = def("lshr " + t + " " + exponent + ", " + one);
            }
        }
        if (type == DType.UINT8) {
            return result;
        }
        String minus = Types.splat(e, "-1", width);
        String odd = def("trunc " + t + " " + b + " to " + Types.vector("i1", width));
        String alternating = select(odd, t, minus, one, width);
        String isMinus = def("icmp eq " + t + " " + a + ", " + minus);
        String isOne = def("icmp eq " + t + " " + a + ", " + one);
        String inverse =
                select(isMinus, t, alternating, select(isOne, t, one, zero(width), width), width);
        return select(
                def("icmp slt " + t + " " + b + ", " + zero(width)), t, inverse, result, width);
    }

    /** Converts between compute types. */
    String cast(DType from, DType to, String x, int width) {
        String ef = Types.compute(from);
        String f = Types.vector(ef, width);
        String t = Types.vector(Types.compute(to), width);
        if (ef.equals(Types.compute(to))) {
            return x;
        }
        if (to == DType.BOOL) {
            return from.isFloating()
                    ? def(
                            "fcmp une "
                                    + f
                                    + " "
                                    + x
                                    + ", "
                                    + Types.splat(ef, Types.real(from, 0), width))
                    : def("icmp ne " + f + " " + x + ", " + zero(width));
        }
        boolean unsigned = from == DType.UINT8 || from == DType.BOOL;
        if (from.isFloating() && to.isFloating()) {
            return def((to == DType.FLOAT64 ? "fpext " : "fptrunc ") + f + " " + x + " to " + t);
        }
        if (to.isFloating()) {
            return def((unsigned ? "uitofp " : "sitofp ") + f + " " + x + " to " + t);
        }
        if (from.isFloating()) {
            // Narrow types go through i32 and wrap, as C compilers do on this processor.
            String wide = to == DType.INT64 ? "i64" : "i32";
            String v = Types.vector(wide, width);
            String i =
                    call(
                            "llvm.fptosi.sat."
                                    + Types.mangled(wide, width)
                                    + "."
                                    + Types.mangled(ef, width),
                            v,
                            f + " " + x);
            return v.equals(t) ? i : def("trunc " + v + " " + i + " to " + t);
        }
        if (from == DType.BOOL || to.byteSize() > from.byteSize()) {
            return def((unsigned ? "zext " : "sext ") + f + " " + x + " to " + t);
        }
        return def("trunc " + f + " " + x + " to " + t);
    }

    /** From the register form of a stored type to its memory form. */
    String toMemory(DType stored, String x, int width) {
        return switch (stored) {
            case BOOL ->
                    def(
                            "zext "
                                    + Types.vector("i1", width)
                                    + " "
                                    + x
                                    + " to "
                                    + Types.vector("i8", width));
            case BFLOAT16 ->
                    def(
                            "call "
                                    + Types.vector("i16", width)
                                    + " @"
                                    + bfloat16.use(width)
                                    + "("
                                    + Types.vector("float", width)
                                    + " "
                                    + x
                                    + ")");
            case FLOAT16 ->
                    def(
                            "fptrunc "
                                    + Types.vector("float", width)
                                    + " "
                                    + x
                                    + " to "
                                    + Types.vector(Types.memory(stored), width));
            default -> x;
        };
    }

    /** From the memory form of a stored type to its register form. */
    String fromMemory(DType stored, String x, int width) {
        return switch (stored) {
            case BOOL -> def("icmp ne " + Types.vector("i8", width) + " " + x + ", " + zero(width));
            case BFLOAT16 -> {
                String i = Types.vector("i32", width);
                String wide = def("zext " + Types.vector("i16", width) + " " + x + " to " + i);
                String bits = def("shl " + i + " " + wide + ", " + Types.splat("i32", "16", width));
                yield def("bitcast " + i + " " + bits + " to " + Types.vector("float", width));
            }
            case FLOAT16 ->
                    def(
                            "fpext "
                                    + Types.vector(Types.memory(stored), width)
                                    + " "
                                    + x
                                    + " to "
                                    + Types.vector("float", width));
            default -> x;
        };
    }
}
