package org.ipex4j.compiler.loop.emit;

import java.util.ArrayList;
import java.util.List;
import org.ipex4j.compiler.loop.expr.Expr;
import org.ipex4j.compiler.loop.expr.ExprOp;
import org.ipex4j.compiler.loop.expr.Exprs;
import org.ipex4j.compiler.loop.expr.Index;
import org.ipex4j.compiler.loop.nest.Store;
import org.ipex4j.compiler.loop.schedule.Address;
import org.ipex4j.compiler.loop.schedule.Loop;
import org.ipex4j.compiler.loop.schedule.Schedule;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.plan.CodeUnit;

/**
 * Writes expressions, loads and stores. An expression that does not vary over the vector loop is
 * written as a scalar; each is written in the outermost scope that knows all it needs.
 */
final class ElementEmitter {
    /** Codes of the status word's low byte. */
    static final long INDEX_OUT_OF_RANGE = CodeUnit.INDEX_OUT_OF_RANGE;

    static final long DIVISION_BY_ZERO = CodeUnit.DIVISION_BY_ZERO;

    private record Key(Object what, int part, boolean splat) {}

    private final NestEmitter nest;
    private final RowCache rowCache;
    private final Schedule schedule;
    private final Values values;
    private final Pointers pointers;
    private String status;
    private boolean mayFail;

    ElementEmitter(NestEmitter nest, RowCache rowCache) {
        this.nest = nest;
        this.rowCache = rowCache;
        this.schedule = nest.schedule();
        this.values = nest.values();
        this.pointers = new Pointers(nest, this);
    }

    /** The variable that holds the thread's status word. */
    void status(String alloca) {
        this.status = alloca;
    }

    boolean mayFail() {
        return mayFail;
    }

    static String iota(String element, int width) {
        StringBuilder out = new StringBuilder("<");
        for (int i = 0; i < width; i++) {
            out.append(i == 0 ? "" : ", ").append(element).append(' ').append(i);
        }
        return out.append('>').toString();
    }

    private boolean varies(Expr e) {
        return schedule.vector() != null
                && (schedule.loops(e.dims()) >> schedule.vector().id() & 1) != 0;
    }

    private Scope home(long loops, long reductions) {
        Scope s = nest.current();
        while (s.parent != null && s.parent.holds(loops, reductions)) {
            s = s.parent;
        }
        return s;
    }

    /**
     * The register that holds an expression: a vector if it varies over the vector loop, else a
     * scalar.
     */
    private String value(Expr e, int part) {
        int p = varies(e) ? part : 0;
        if (e.op() == ExprOp.LITERAL) {
            return Types.constant(e.type(), (Number) e.attribute());
        }
        Scope home = home(schedule.loops(e.dims()), e.reductions());
        Key key = new Key(e.id(), p, false);
        String known = home.known.get(key);
        if (known == null) {
            known =
                    nest.in(
                            home,
                            () ->
                                    rowCache.around(
                                            e,
                                            p,
                                            () -> generate(e, p, varies(e) ? nest.width() : 1)));
            home.known.put(key, known);
        }
        return known;
    }

    /** The same with the value of an expression that does not vary in all lanes. */
    String vector(Expr e, int part, int width) {
        if (width == 1 || varies(e)) {
            return value(e, part);
        }
        if (e.op() == ExprOp.LITERAL) {
            return Types.splat(Types.compute(e.type()), value(e, 0), width);
        }
        String scalar = value(e, 0);
        Scope home = home(schedule.loops(e.dims()), e.reductions());
        Key key = new Key(e.id(), 0, true);
        String known = home.known.get(key);
        if (known == null) {
            known = nest.in(home, () -> values.splat(Types.compute(e.type()), scalar, width));
            home.known.put(key, known);
        }
        return known;
    }

    private String generate(Expr e, int part, int width) {
        String t = Types.vector(Types.compute(e.type()), width);
        return switch (e.op()) {
            case LITERAL -> throw new IllegalStateException("a literal needs no code");
            case SCALAR -> scalar(e);
            case INDEX -> index((Index.Affine) e.attribute(), part, width);
            case LOAD -> load(e, part, width);
            case REDUCED, SCANNED -> nest.reduced(e.reduced(), part);
            case CHECKED_INDEX -> checked(e, part, width);
            case IDIV -> divide(e, part, width);
            case REM -> e.type().isFloating() ? binary(e, part, width) : divide(e, part, width);
            case SELECT ->
                    values.select(
                            vector(e.arg(0), part, width),
                            t,
                            vector(e.arg(1), part, width),
                            vector(e.arg(2), part, width),
                            width);
            case CAST ->
                    values.cast(e.arg(0).type(), e.type(), vector(e.arg(0), part, width), width);
            case BITS -> {
                String from = Types.vector(Types.compute(e.arg(0).type()), width);
                String x = vector(e.arg(0), part, width);
                yield values.def("bitcast " + from + " " + x + " to " + t);
            }
            case ROUND_TO -> {
                DType stored = (DType) e.attribute();
                yield values.fromMemory(
                        stored,
                        values.toMemory(stored, vector(e.arg(0), part, width), width),
                        width);
            }
            default ->
                    e.args().size() == 1
                            ? values.unary(
                                    e.op(), e.arg(0).type(), vector(e.arg(0), part, width), width)
                            : binary(e, part, width);
        };
    }

    private String binary(Expr e, int part, int width) {
        return values.binary(
                e.op(),
                e.arg(0).type(),
                vector(e.arg(0), part, width),
                vector(e.arg(1), part, width),
                width);
    }

    private String scalar(Expr e) {
        String role = "n" + nest.nestId() + ".e" + e.id();
        if (e.attribute() instanceof Double d) {
            String bits = nest.param(role, Double.doubleToRawLongBits(d));
            String real = values.def("bitcast i64 " + bits + " to double");
            return e.type() == DType.FLOAT64
                    ? real
                    : values.def("fptrunc double " + real + " to float");
        }
        String bits = nest.param(role, (Long) e.attribute());
        return e.type() == DType.INT64
                ? bits
                : values.def("trunc i64 " + bits + " to " + Types.compute(e.type()));
    }

    private String index(Index.Affine i, int part, int width) {
        long[] coefficients = schedule.affine().get(i);
        String role =
                "n" + nest.nestId() + ".i" + new ArrayList<>(schedule.affine().keySet()).indexOf(i);
        String sum = i.constant() == 0 ? "0" : nest.param(role + ".c", i.constant());
        for (Loop l : schedule.loops()) {
            long c = coefficients[l.id()];
            if (c == 0 || l == schedule.vector()) {
                continue;
            }
            String at = nest.current().indexOf(l.id());
            String term =
                    c == 1
                            ? at
                            : values.def(
                                    "mul i64 " + at + ", " + nest.param(role + "." + l.id(), c));
            sum = sum.equals("0") ? term : values.def("add i64 " + sum + ", " + term);
        }
        if (width == 1) {
            return sum;
        }
        long c = coefficients[schedule.vector().id()];
        String step = c == 1 ? "1" : nest.param(role + "." + schedule.vector().id(), c);
        String first =
                values.def("add i64 " + nest.current().vectorIndex + ", " + (long) part * width);
        String base =
                values.def(
                        "add i64 "
                                + sum
                                + ", "
                                + (c == 1 ? first : values.def("mul i64 " + first + ", " + step)));
        String lanes = iota("i64", width);
        String v = "<" + width + " x i64>";
        String steps =
                c == 1
                        ? lanes
                        : values.def(
                                "mul " + v + " " + lanes + ", " + values.splat("i64", step, width));
        return values.def("add " + v + " " + values.splat("i64", base, width) + ", " + steps);
    }

    private String checked(Expr e, int part, int width) {
        mayFail = true;
        String t = Types.vector("i64", width);
        String index = vector(e.arg(0), part, width);
        String size = vector(e.arg(1), part, width);
        String bad = values.def("icmp uge " + t + " " + index + ", " + size);
        raise(bad, index, INDEX_OUT_OF_RANGE, width);
        return values.select(bad, t, width == 1 ? "0" : "zeroinitializer", index, width);
    }

    /**
     * Integer quotient or remainder that cannot trap: by zero raises the status, by -1 is a
     * negation.
     */
    private String divide(Expr e, int part, int width) {
        mayFail = true;
        String el = Types.compute(e.type());
        String t = Types.vector(el, width);
        String zero = width == 1 ? "0" : "zeroinitializer";
        String a = vector(e.arg(0), part, width);
        String b = vector(e.arg(1), part, width);
        String isZero = values.def("icmp eq " + t + " " + b + ", " + zero);
        raise(isZero, null, DIVISION_BY_ZERO, width);
        boolean unsigned = e.type() == DType.UINT8;
        String special = isZero;
        String minus = null;
        if (!unsigned) {
            minus = values.def("icmp eq " + t + " " + b + ", " + Types.splat(el, "-1", width));
            special = values.def("or " + Types.vector("i1", width) + " " + isZero + ", " + minus);
        }
        String safe = values.select(special, t, Types.splat(el, "1", width), b, width);
        String op = (unsigned ? "u" : "s") + (e.op() == ExprOp.IDIV ? "div " : "rem ");
        String q = values.def(op + t + " " + a + ", " + safe);
        return unsigned || e.op() == ExprOp.REM
                ? q
                : values.select(minus, t, values.def("sub " + t + " " + zero + ", " + a), q, width);
    }

    /** Sets the status word where a condition holds in a lane in range. */
    private void raise(String condition, String detail, long code, int width) {
        String bad = condition;
        String mask = nest.current().mask;
        if (width > 1 && mask != null) {
            bad = values.def("and " + Types.vector("i1", width) + " " + bad + ", " + mask);
        }
        String what = "0";
        if (width > 1) {
            String v = "<" + width + " x i64>";
            if (detail != null) {
                String chosen =
                        values.select(bad, v, detail, "splat (i64 " + Long.MIN_VALUE + ")", width);
                what =
                        values.call(
                                "llvm.vector.reduce.smax.v" + width + "i64",
                                "i64",
                                v + " " + chosen);
            }
            bad =
                    values.call(
                            "llvm.vector.reduce.or.v" + width + "i1",
                            "i1",
                            "<" + width + " x i1> " + bad);
        } else if (detail != null) {
            what = detail;
        }
        String word =
                what.equals("0")
                        ? Long.toString(code)
                        : values.def(
                                "or i64 " + values.def("shl i64 " + what + ", 8") + ", " + code);
        String old = values.def("load i64, ptr " + status);
        values.line(
                "store i64 "
                        + values.def("select i1 " + bad + ", i64 " + word + ", i64 " + old)
                        + ", ptr "
                        + status);
    }

    private String load(Expr e, int part, int width) {
        DType stored = schedule.addresses().get(e.access()).stored();
        return values.fromMemory(stored, inMemory(e, part, width), width);
    }

    /** An element as it lies in memory. */
    private String inMemory(Expr e, int part, int width) {
        Scope home = home(schedule.loops(e.dims()), e.reductions());
        Key key = new Key(e, part, false);
        String known = home.known.get(key);
        if (known == null) {
            known = nest.in(home, () -> read(e, part, width));
            home.known.put(key, known);
        }
        return known;
    }

    private String read(Expr e, int part, int width) {
        Address a = schedule.addresses().get(e.access());
        String memory = Types.memory(a.stored());
        if (width == 1) {
            String p = pointers.pointer(a, nest.current());
            String dynamic = pointers.dynamicOffset(a, part, 1);
            if (dynamic != null) {
                p = values.def("getelementptr " + memory + ", ptr " + p + ", i64 " + dynamic);
            }
            if (!e.args().isEmpty()) {
                p =
                        values.def(
                                "select i1 "
                                        + value(e.arg(0), part)
                                        + ", ptr "
                                        + p
                                        + ", ptr @ipex.zero");
            }
            return values.def("load " + memory + ", ptr " + p + ", align " + a.stored().byteSize());
        }
        return vectorLoad(e, a, part, width);
    }

    private String vectorLoad(Expr e, Address a, int part, int width) {
        String memory = Types.memory(a.stored());
        String v = Types.vector(memory, width);
        String bits = Types.vector("i1", width);
        String mask = nest.current().mask;
        if (!e.args().isEmpty()) {
            String guard = vector(e.arg(0), part, width);
            mask = mask == null ? guard : values.def("and " + bits + " " + mask + ", " + guard);
        }
        long stride = a.strides()[schedule.vector().id()];
        boolean scattered = a.dynamic().stream().anyMatch(d -> varies(d.index()));
        int align = a.stored().byteSize();
        String suffix = Types.mangled(memory, width);
        if (!scattered && (stride == 0 || stride == 1)) {
            String p = pointers.lanePointer(a, part, width);
            if (stride == 0) {
                // Only the guard varies over the vector loop.
                String safe =
                        mask == null
                                ? p
                                : values.def(
                                        "select i1 "
                                                + values.call(
                                                        "llvm.vector.reduce.or.v" + width + "i1",
                                                        "i1",
                                                        bits + " " + mask)
                                                + ", ptr "
                                                + p
                                                + ", ptr @ipex.zero");
                String all =
                        values.splat(
                                memory,
                                values.def("load " + memory + ", ptr " + safe + ", align " + align),
                                width);
                return mask == null ? all : values.select(mask, v, all, "zeroinitializer", width);
            }
            if (mask == null) {
                return values.def("load " + v + ", ptr " + p + ", align " + align);
            }
            return values.call(
                    "llvm.masked.load." + suffix + ".p0",
                    v,
                    "ptr " + p,
                    "i32 " + align,
                    bits + " " + mask,
                    v + " zeroinitializer");
        }
        if (!scattered && mask == null) {
            String p = pointers.lanePointer(a, part, width);
            String step = pointers.stride(a, schedule.vector());
            String result = "poison";
            for (int lane = 0; lane < width; lane++) {
                String x = values.def("load " + memory + ", ptr " + p + ", align " + align);
                result =
                        values.def(
                                "insertelement "
                                        + v
                                        + " "
                                        + result
                                        + ", "
                                        + memory
                                        + " "
                                        + x
                                        + ", i64 "
                                        + lane);
                if (lane + 1 < width) {
                    p = values.def("getelementptr " + memory + ", ptr " + p + ", i64 " + step);
                }
            }
            return result;
        }
        String lanes = pointers.lanePointers(a, part, width);
        String m = mask == null ? Types.splat("i1", "true", width) : mask;
        return values.call(
                "llvm.masked.gather." + suffix + ".v" + width + "p0",
                v,
                "<" + width + " x ptr> " + lanes,
                "i32 " + align,
                bits + " " + m,
                v + " zeroinitializer");
    }

    /** Writes the value now, and returns what writes the store. */
    Runnable store(Store s, int part) {
        Address a = schedule.addresses().get(s.to());
        boolean inVector =
                schedule.vector() != null
                        && (nest.current().loops >> schedule.vector().id() & 1) != 0;
        long stride = inVector ? a.strides()[schedule.vector().id()] : 0;
        int width = stride == 0 ? 1 : nest.width();
        if (isCopy(s.value(), a.stored()) && (varies(s.value()) ? nest.width() : 1) == width) {
            String same = inMemory(s.value(), varies(s.value()) ? part : 0, width);
            return () -> write(a, same, stride, part, width);
        }
        String x = vector(s.value(), part, width);
        if (width == 1 && inVector && nest.width() > 1 && varies(s.value())) {
            // A loop of size 1 that the output does not step along.
            x =
                    values.def(
                            "extractelement "
                                    + Types.vector(Types.compute(s.value().type()), nest.width())
                                    + " "
                                    + x
                                    + ", i64 0");
        }
        String computed = x;
        // Rounding may branch, and what is computed for several vectors is better kept in one
        // block.
        return () -> write(a, values.toMemory(a.stored(), computed, width), stride, part, width);
    }

    /** True for 16-bit floats that need no way through f32. */
    private boolean isCopy(Expr e, DType stored) {
        return e.op() == ExprOp.LOAD
                && stored.isFloating()
                && stored.byteSize() == 2
                && schedule.addresses().get(e.access()).stored() == stored;
    }

    private void write(Address a, String x, long stride, int part, int width) {
        String memory = Types.memory(a.stored());
        String v = Types.vector(memory, width);
        int align = a.stored().byteSize();
        if (width == 1) {
            String p =
                    stride == 0
                            ? pointers.pointer(a, nest.current())
                            : pointers.lanePointer(a, part, width);
            values.line("store " + memory + " " + x + ", ptr " + p + ", align " + align);
            return;
        }
        String bits = Types.vector("i1", width);
        String mask = nest.current().mask;
        String suffix = Types.mangled(memory, width);
        if (stride == 1) {
            String p = pointers.lanePointer(a, part, width);
            if (mask == null) {
                values.line("store " + v + " " + x + ", ptr " + p + ", align " + align);
            } else {
                values.declare(
                        "declare void @llvm.masked.store."
                                + suffix
                                + ".p0("
                                + v
                                + ", ptr, i32, "
                                + bits
                                + ")");
                values.line(
                        "call void @llvm.masked.store."
                                + suffix
                                + ".p0("
                                + v
                                + " "
                                + x
                                + ", ptr "
                                + p
                                + ", i32 "
                                + align
                                + ", "
                                + bits
                                + " "
                                + mask
                                + ")");
            }
            return;
        }
        if (mask == null) {
            String p = pointers.lanePointer(a, part, width);
            String step = pointers.stride(a, schedule.vector());
            for (int lane = 0; lane < width; lane++) {
                String y = values.def("extractelement " + v + " " + x + ", i64 " + lane);
                values.line("store " + memory + " " + y + ", ptr " + p + ", align " + align);
                if (lane + 1 < width) {
                    p = values.def("getelementptr " + memory + ", ptr " + p + ", i64 " + step);
                }
            }
            return;
        }
        String name = "llvm.masked.scatter." + suffix + ".v" + width + "p0";
        values.declare(
                "declare void @" + name + "(" + v + ", <" + width + " x ptr>, i32, " + bits + ")");
        values.line(
                "call void @"
                        + name
                        + "("
                        + v
                        + " "
                        + x
                        + ", <"
                        + width
                        + " x ptr> "
                        + pointers.lanePointers(a, part, width)
                        + ", i32 "
                        + align
                        + ", "
                        + bits
                        + " "
                        + mask
                        + ")");
    }

    /**
     * Names of the types whose elements a list of expressions computes, widest first; for choosing
     * widths.
     */
    static int widest(List<Expr> expressions) {
        int widest = 4;
        for (Expr e : expressions) {
            boolean address =
                    e.op() == ExprOp.INDEX
                            || e.op() == ExprOp.CHECKED_INDEX
                            || e.type() == DType.INT64;
            if (!address) {
                widest = Math.max(widest, Exprs.compute(e.type()).byteSize());
            }
        }
        return widest;
    }
}
