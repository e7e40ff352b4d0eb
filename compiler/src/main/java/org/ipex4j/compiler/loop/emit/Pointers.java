package org.ipex4j.compiler.loop.emit;

import org.ipex4j.compiler.loop.schedule.Address;
import org.ipex4j.compiler.loop.schedule.Loop;
import org.ipex4j.compiler.loop.schedule.Schedule;

/**
 * Writes where elements lie: the pointer of an address in each scope, and those of the lanes of a
 * vector.
 */
final class Pointers {
    private record To(Address address) {}

    private final NestEmitter nest;
    private final ElementEmitter elements;
    private final Schedule schedule;
    private final Values values;

    /**
     * @param elements writes positions that come from data
     */
    Pointers(NestEmitter nest, ElementEmitter elements) {
        this.nest = nest;
        this.elements = elements;
        this.schedule = nest.schedule();
        this.values = nest.values();
    }

    /** Pointer of an address without the vector loop's share, as far as a scope's loops reach. */
    String pointer(Address a, Scope scope) {
        return scope.known.computeIfAbsent(
                new To(a),
                k ->
                        nest.in(
                                scope,
                                () -> {
                                    String memory = Types.memory(a.stored());
                                    if (scope.parent == null) {
                                        String base = nest.buffer(a.buffer());
                                        return a.offset() == 0
                                                ? base
                                                : values.def(
                                                        "getelementptr "
                                                                + memory
                                                                + ", ptr "
                                                                + base
                                                                + ", i64 "
                                                                + nest.param(
                                                                        role(a, "o"), a.offset()));
                                    }
                                    String p = pointer(a, scope.parent);
                                    for (Loop l : schedule.loops()) {
                                        boolean here =
                                                (scope.loops >> l.id() & 1) != 0
                                                        && (scope.parent.loops >> l.id() & 1) == 0;
                                        if (here
                                                && l != schedule.vector()
                                                && a.strides()[l.id()] != 0) {
                                            String at = scope.indexOf(l.id());
                                            String off =
                                                    a.strides()[l.id()] == 1
                                                            ? at
                                                            : values.def(
                                                                    "mul i64 "
                                                                            + at
                                                                            + ", "
                                                                            + stride(a, l));
                                            p =
                                                    values.def(
                                                            "getelementptr "
                                                                    + memory
                                                                    + ", ptr "
                                                                    + p
                                                                    + ", i64 "
                                                                    + off);
                                        }
                                    }
                                    return p;
                                }));
    }

    private String role(Address a, String what) {
        return "n" + nest.nestId() + ".a" + a.id() + "." + what;
    }

    String stride(Address a, Loop l) {
        return a.strides()[l.id()] == 1
                ? "1"
                : nest.param(role(a, Integer.toString(l.id())), a.strides()[l.id()]);
    }

    /**
     * The sum of positions from data times their strides, as a vector if one of them varies; null
     * for none.
     */
    String dynamicOffset(Address a, int part, int width) {
        String sum = null;
        String t = Types.vector("i64", width);
        for (int k = 0; k < a.dynamic().size(); k++) {
            Address.Dynamic d = a.dynamic().get(k);
            String stride = d.stride() == 1 ? null : nest.param(role(a, "d" + k), d.stride());
            String i = elements.vector(d.index(), part, width);
            String term =
                    stride == null
                            ? i
                            : values.def(
                                    "mul "
                                            + t
                                            + " "
                                            + i
                                            + ", "
                                            + values.splat("i64", stride, width));
            sum = sum == null ? term : values.def("add " + t + " " + sum + ", " + term);
        }
        return sum;
    }

    /** Pointer of lane 0; positions from data must not vary over the vector loop. */
    String lanePointer(Address a, int part, int width) {
        String memory = Types.memory(a.stored());
        String p = pointer(a, nest.current());
        String dynamic = dynamicOffset(a, part, 1);
        if (dynamic != null) {
            p = values.def("getelementptr " + memory + ", ptr " + p + ", i64 " + dynamic);
        }
        if (a.strides()[schedule.vector().id()] == 0) {
            return p;
        }
        String first =
                part == 0
                        ? nest.current().vectorIndex
                        : values.def(
                                "add i64 "
                                        + nest.current().vectorIndex
                                        + ", "
                                        + (long) part * width);
        String step = stride(a, schedule.vector());
        String off = step.equals("1") ? first : values.def("mul i64 " + first + ", " + step);
        return values.def("getelementptr " + memory + ", ptr " + p + ", i64 " + off);
    }

    /** One pointer per lane. */
    String lanePointers(Address a, int part, int width) {
        String memory = Types.memory(a.stored());
        String v = "<" + width + " x i64>";
        String p = pointer(a, nest.current());
        String offsets = a.dynamic().isEmpty() ? null : dynamicOffset(a, part, width);
        if (a.strides()[schedule.vector().id()] != 0) {
            String first =
                    values.def(
                            "add i64 " + nest.current().vectorIndex + ", " + (long) part * width);
            String positions =
                    values.def(
                            "add "
                                    + v
                                    + " "
                                    + values.splat("i64", first, width)
                                    + ", "
                                    + ElementEmitter.iota("i64", width));
            String step = stride(a, schedule.vector());
            String affine =
                    step.equals("1")
                            ? positions
                            : values.def(
                                    "mul "
                                            + v
                                            + " "
                                            + positions
                                            + ", "
                                            + values.splat("i64", step, width));
            offsets =
                    offsets == null
                            ? affine
                            : values.def("add " + v + " " + offsets + ", " + affine);
        }
        return values.def("getelementptr " + memory + ", ptr " + p + ", " + v + " " + offsets);
    }
}
