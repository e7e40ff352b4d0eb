package org.ipex4j.compiler.loop.emit;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.ipex4j.compiler.loop.expr.Expr;
import org.ipex4j.compiler.loop.expr.ReducedRef;
import org.ipex4j.compiler.loop.nest.Nest;
import org.ipex4j.compiler.loop.nest.Reduction;
import org.ipex4j.compiler.loop.nest.Store;
import org.ipex4j.compiler.loop.schedule.Address;
import org.ipex4j.compiler.loop.schedule.Loop;
import org.ipex4j.compiler.loop.schedule.Schedule;
import org.ipex4j.ir.DType;

/**
 * Writes the function of one scheduled nest: {@code void name(ptr ctx, i64 thread, i64 threads)}
 * runs that thread's share of the work items. The context holds the buffers, the parameters and the
 * status word.
 */
final class NestEmitter {
    /** Terms of a sum that are added one by one before the sum joins others. */
    private static final int STRETCH = 128;

    private final Schedule schedule;
    private final Nest nest;
    private final int id;
    private final Params params;
    private final Values values;
    private final int width;
    private final int unroll;
    private final Reducers reducers;
    private final ElementEmitter elements;

    private final StringBuilder allocas = new StringBuilder();
    private final Scope prologue = new Scope(null, 0);
    private final Map<ReducedRefPart, String> reduced = new HashMap<>();
    private final RowCache rowCache;
    private Scope current;
    private int labels;

    /** One of the vectors that a component of a reduction is computed in. */
    record ReducedRefPart(ReducedRef ref, int part) {}

    NestEmitter(Schedule schedule, int id, Params params, Values values, int width, int unroll) {
        this.schedule = schedule;
        this.nest = schedule.nest();
        this.id = id;
        this.params = params;
        this.values = values;
        this.width = schedule.vector() == null ? 1 : width;
        this.unroll = schedule.vector() == null ? 1 : unroll;
        this.reducers = new Reducers(values);
        this.rowCache = new RowCache(this);
        this.elements = new ElementEmitter(this, rowCache);
        values.to(code -> current.line(code));
    }

    Schedule schedule() {
        return schedule;
    }

    Values values() {
        return values;
    }

    int width() {
        return width;
    }

    Scope current() {
        return current;
    }

    int nestId() {
        return id;
    }

    /** Runs code that writes into another scope. */
    <T> T in(Scope scope, java.util.function.Supplier<T> code) {
        Scope saved = current;
        current = scope;
        T result = code.get();
        current = saved;
        return result;
    }

    /** A parameter, read once at the function's start. */
    String param(String role, long value) {
        int slot = params.slot(role, value);
        return prologue.known.computeIfAbsent(
                "param" + slot,
                k ->
                        in(
                                prologue,
                                () -> {
                                    String p =
                                            slot == 0
                                                    ? "%params"
                                                    : values.def(
                                                            "getelementptr i64, ptr %params, i64 "
                                                                    + slot);
                                    return values.def(
                                            "load i64, ptr " + p + ", !invariant.load !0");
                                }));
    }

    /** The pointer in buffer slot {@code index}, read once. */
    String buffer(int index) {
        return prologue.known.computeIfAbsent(
                "buffer" + index,
                k ->
                        in(
                                prologue,
                                () -> {
                                    String p =
                                            index == 0
                                                    ? "%buffers"
                                                    : values.def(
                                                            "getelementptr ptr, ptr %buffers, i64 "
                                                                    + index);
                                    return values.def(
                                            "load ptr, ptr " + p + ", !invariant.load !0");
                                }));
    }

    String alloca(String type) {
        String name = values.fresh("a");
        allocas.append("  ").append(name).append(" = alloca ").append(type).append('\n');
        return name;
    }

    private String role(String what) {
        return "n" + id + "." + what;
    }

    private String size(Loop l) {
        return param(role("size" + l.id()), l.size());
    }

    /** The text of the function. */
    String emit(String name) {
        Scope root = new Scope(null, 0);
        current = prologue;
        String status = alloca("i64");
        elements.status(status);
        List<Loop> digits = new ArrayList<>(schedule.outer());
        List<String> sizes = new ArrayList<>();
        digits.forEach(l -> sizes.add(size(l)));
        String block = null;
        int blockDigit = -1;
        if (schedule.vectorKept()) {
            block = param(role("block"), schedule.vectorBlock());
            String n = size(schedule.vector());
            String up = values.def("add i64 " + n + ", " + values.def("sub i64 " + block + ", 1"));
            blockDigit = schedule.blockOutside() ? digits.size() - 1 : digits.size();
            digits.add(blockDigit, null);
            sizes.add(blockDigit, values.def("udiv i64 " + up + ", " + block));
        }
        String total = "1";
        for (String s : sizes) {
            total = total.equals("1") ? s : values.def("mul i64 " + total + ", " + s);
        }
        String low =
                values.def(
                        "udiv i64 " + values.def("mul i64 " + total + ", %thread") + ", %threads");
        String next = values.def("add i64 %thread, 1");
        String high =
                values.def(
                        "udiv i64 " + values.def("mul i64 " + total + ", " + next) + ", %threads");
        String any = values.def("icmp ult i64 " + low + ", " + high);

        current = root;
        values.line("store i64 0, ptr " + status);
        List<String> counters = decompose(low, sizes);
        int blockAt = blockDigit;
        String blockSize = block;
        long outerLoops = 0;
        for (Loop l : schedule.outer()) {
            outerLoops |= 1L << l.id();
        }
        loop(
                low,
                high,
                "1",
                outerLoops,
                iv -> {
                    String blockIndex = null;
                    for (int d = 0; d < digits.size(); d++) {
                        String i = values.def("load i64, ptr " + counters.get(d));
                        if (d == blockAt) {
                            blockIndex = i;
                        } else {
                            current.index.put(digits.get(d).id(), i);
                        }
                    }
                    if (schedule.vectorKept()) {
                        String n = size(schedule.vector());
                        String from = values.def("mul i64 " + blockIndex + ", " + blockSize);
                        String end = values.def("add i64 " + from + ", " + blockSize);
                        String over = values.def("icmp slt i64 " + end + ", " + n);
                        String to = values.def("select i1 " + over + ", i64 " + end + ", i64 " + n);
                        vectorLoop(schedule.vector(), from, to, this::row);
                    } else {
                        row(1);
                    }
                    advance(counters, sizes);
                });
        return assemble(name, root, any, status);
    }

    private String assemble(String name, Scope root, String any, String status) {
        StringBuilder out = new StringBuilder();
        out.append("define internal void @")
                .append(name)
                .append("(ptr %ctx, i64 %thread, i64 %threads) #0 {\n");
        out.append("entry:\n").append(allocas);
        out.append("  %buffers = load ptr, ptr %ctx\n");
        out.append("  %pp = getelementptr ptr, ptr %ctx, i64 1\n  %params = load ptr, ptr %pp\n");
        out.append(prologue.text);
        out.append("  br i1 ").append(any).append(", label %work, label %done\n");
        out.append("work:\n").append(root.text);
        if (elements.mayFail()) {
            out.append("  %status.now = load i64, ptr ").append(status).append('\n');
            out.append(
                    "  %failed = icmp ne i64 %status.now, 0\n  br i1 %failed, label %report, label %done\n");
            out.append("report:\n  %sp = getelementptr i64, ptr %ctx, i64 2\n");
            out.append("  store atomic i64 %status.now, ptr %sp monotonic, align 8\n");
        }
        out.append("  br label %done\ndone:\n  ret void\n}\n");
        return out.toString();
    }

    /** Counters of a mixed-radix number, set to {@code n}. */
    private List<String> decompose(String n, List<String> sizes) {
        List<String> counters = new ArrayList<>();
        for (int d = 0; d < sizes.size(); d++) {
            counters.add(alloca("i64"));
        }
        String rest = n;
        for (int d = sizes.size() - 1; d >= 0; d--) {
            String digit = d == 0 ? rest : values.def("urem i64 " + rest + ", " + sizes.get(d));
            rest = d == 0 ? rest : values.def("udiv i64 " + rest + ", " + sizes.get(d));
            values.line("store i64 " + digit + ", ptr " + counters.get(d));
        }
        return counters;
    }

    private void advance(List<String> counters, List<String> sizes) {
        String carry = "1";
        for (int d = sizes.size() - 1; d >= 0; d--) {
            String next =
                    values.def(
                            "add i64 "
                                    + values.def("load i64, ptr " + counters.get(d))
                                    + ", "
                                    + carry);
            String wraps = values.def("icmp eq i64 " + next + ", " + sizes.get(d));
            String digit = values.def("select i1 " + wraps + ", i64 0, i64 " + next);
            values.line("store i64 " + digit + ", ptr " + counters.get(d));
            if (d > 0) {
                carry = values.def("zext i1 " + wraps + " to i64");
            }
        }
    }

    /** A counted loop in the current scope; the body runs in a scope of its own. */
    private void loop(String from, String to, String step, long newLoops, Consumer<String> body) {
        String counter = alloca("i64");
        loopOn(counter, from, to, step, newLoops, body);
    }

    private void loopOn(
            String counter,
            String from,
            String to,
            String step,
            long newLoops,
            Consumer<String> body) {
        Scope outside = current;
        Scope inside = new Scope(outside, newLoops);
        String label = "l" + labels++;
        current = inside;
        String iv = values.def("load i64, ptr " + counter);
        body.accept(iv);
        values.line("store i64 " + values.def("add i64 " + iv + ", " + step) + ", ptr " + counter);
        values.line("br label %" + label);
        current = outside;
        if (from != null) {
            values.line("store i64 " + from + ", ptr " + counter);
        }
        values.line("br label %" + label);
        outside.label(label);
        String more =
                values.def("icmp slt i64 " + values.def("load i64, ptr " + counter) + ", " + to);
        values.line("br i1 " + more + ", label %" + label + ".body, label %" + label + ".end");
        outside.label(label + ".body");
        outside.text.append(inside.text);
        outside.label(label + ".end");
    }

    /** The vector loop over [from, to): whole unrolled steps, then single vectors under a mask. */
    private void vectorLoop(Loop v, String from, String to, IntConsumer body) {
        String counter = alloca("i64");
        long bit = 1L << v.id();
        int step = width * unroll;
        String last = values.def("sub i64 " + to + ", " + (step - 1));
        loopOn(
                counter,
                from,
                last,
                Integer.toString(step),
                bit,
                iv -> {
                    current.vectorIndex = iv;
                    body.accept(unroll);
                });
        loopOn(
                counter,
                null,
                to,
                Integer.toString(width),
                bit,
                iv -> {
                    current.vectorIndex = iv;
                    if (width > 1) {
                        String rest =
                                values.def(
                                        "trunc i64 "
                                                + values.def("sub i64 " + to + ", " + iv)
                                                + " to i32");
                        String lanes = values.splat("i32", rest, width);
                        current.mask =
                                values.def(
                                        "icmp ult <"
                                                + width
                                                + " x i32> "
                                                + ElementEmitter.iota("i32", width)
                                                + ", "
                                                + lanes);
                    }
                    body.accept(1);
                });
    }

    /** Everything for one index of the kept loops (or {@code parts} vectors of them). */
    private void row(int parts) {
        Scope row = current;
        int depth = 0;
        if (nest.scan()) {
            innerLoops(0, parts, null, p -> scanStep(p));
            return;
        }
        for (Reduction r : nest.reductions()) {
            depth = Math.max(depth, nest.depth(r));
        }
        List<Store> rowStores = new ArrayList<>();
        List<List<Store>> byDepth = new ArrayList<>();
        for (int d = 0; d <= depth; d++) {
            byDepth.add(new ArrayList<>());
        }
        for (Store s : nest.stores()) {
            if (inInnerLoops(s)) {
                byDepth.get(nest.depth(s.value())).add(s);
            } else {
                rowStores.add(s);
            }
        }
        rowCache.plan(stages(byDepth, depth));
        for (int d = 1; d <= depth; d++) {
            int stage = d;
            List<Reduction> now =
                    nest.reductions().stream().filter(r -> nest.depth(r) == stage).toList();
            stage(row, now, byDepth.get(d - 1), parts);
            rowCache.nextStage();
        }
        if (!byDepth.get(depth).isEmpty()) {
            stage(row, List.of(), byDepth.get(depth), parts);
        }
        storeAll(rowStores, parts);
    }

    /** What each pass over the reduced loops computes. */
    private List<List<Expr>> stages(List<List<Store>> byDepth, int depth) {
        List<List<Expr>> out = new ArrayList<>();
        for (int d = 1; d <= depth + 1; d++) {
            List<Expr> roots = new ArrayList<>();
            for (Reduction r : nest.reductions()) {
                if (nest.depth(r) == d) {
                    roots.addAll(r.operands());
                }
            }
            byDepth.get(d - 1).forEach(s -> roots.add(s.value()));
            out.add(roots);
        }
        return out;
    }

    /**
     * Memory for one element of each turn of the vector loop, this thread's own; whole vectors fit.
     */
    String rowBuffer(DType type) {
        return in(
                prologue,
                () -> {
                    String n =
                            values.def(
                                    "add i64 " + size(schedule.vector()) + ", " + width * unroll);
                    return values.def(
                            "alloca " + Types.compute(type) + ", i64 " + n + ", align 64");
                });
    }

    /** True for stores of every element, false for those of one element per row. */
    private boolean inInnerLoops(Store s) {
        Address a = schedule.addresses().get(s.to());
        for (Loop l : schedule.loops()) {
            if (l.reduced()
                    && (a.strides()[l.id()] != 0
                            || (schedule.loops(s.value().dims()) >> l.id() & 1) != 0)) {
                return true;
            }
        }
        return false;
    }

    private void stage(Scope row, List<Reduction> reductions, List<Store> stores, int rowParts) {
        int accumulatorParts = schedule.vectorReduced() ? unroll : rowParts;
        int accumulatorWidth = schedule.vector() == null ? 1 : width;
        Map<ReducedRefPart, String> accumulators = new HashMap<>();
        for (Reduction r : reductions) {
            for (int p = 0; p < accumulatorParts; p++) {
                for (int c = 0; c < r.operands().size(); c++) {
                    String type =
                            Types.vector(
                                    Types.compute(r.operands().get(c).type()), accumulatorWidth);
                    String a = alloca(type);
                    accumulators.put(new ReducedRefPart(new ReducedRef(r.id(), c), p), a);
                    values.line(
                            "store "
                                    + type
                                    + " "
                                    + reducers.identity(r, c, accumulatorWidth)
                                    + ", ptr "
                                    + a);
                }
            }
        }
        boolean deep = !schedule.vectorReduced() && !schedule.inner().isEmpty();
        PartialSums partials =
                new PartialSums(
                        deep ? reductions : List.of(),
                        accumulators,
                        accumulatorParts,
                        accumulatorWidth,
                        values,
                        this::alloca);
        innerLoops(
                0,
                rowParts,
                partials,
                parts -> {
                    for (int p = 0; p < parts; p++) {
                        for (Reduction r : reductions) {
                            accumulate(r, p, partials.places(), accumulatorWidth);
                        }
                    }
                    storeAll(stores, parts);
                });
        current = row;
        for (Reduction r : reductions) {
            finish(r, accumulators, accumulatorParts, accumulatorWidth);
            row.complete(1L << r.id());
        }
    }

    private void accumulate(
            Reduction r, int part, Map<ReducedRefPart, String> accumulators, int width) {
        List<String> element = new ArrayList<>();
        List<String> sofar = new ArrayList<>();
        for (int c = 0; c < r.operands().size(); c++) {
            Expr e = r.operands().get(c);
            String type = Types.vector(Types.compute(e.type()), width);
            String x = elements.vector(e, part, width);
            if (schedule.vectorReduced() && current.mask != null) {
                x = values.select(current.mask, type, x, reducers.identity(r, c, width), width);
            }
            element.add(x);
            sofar.add(
                    values.def(
                            "load "
                                    + type
                                    + ", ptr "
                                    + accumulators.get(
                                            new ReducedRefPart(new ReducedRef(r.id(), c), part))));
        }
        List<String> combined = reducers.combine(r, sofar, element, width);
        for (int c = 0; c < combined.size(); c++) {
            String type = Types.vector(Types.compute(r.operands().get(c).type()), width);
            values.line(
                    "store "
                            + type
                            + " "
                            + combined.get(c)
                            + ", ptr "
                            + accumulators.get(
                                    new ReducedRefPart(new ReducedRef(r.id(), c), part)));
        }
    }

    /** Brings the partial results of a reduction together. */
    private void finish(
            Reduction r,
            Map<ReducedRefPart, String> accumulators,
            int parts,
            int accumulatorWidth) {
        List<List<String>> partials = new ArrayList<>();
        for (int p = 0; p < parts; p++) {
            List<String> partial = new ArrayList<>();
            for (int c = 0; c < r.operands().size(); c++) {
                String type =
                        Types.vector(Types.compute(r.operands().get(c).type()), accumulatorWidth);
                partial.add(
                        values.def(
                                "load "
                                        + type
                                        + ", ptr "
                                        + accumulators.get(
                                                new ReducedRefPart(new ReducedRef(r.id(), c), p))));
            }
            partials.add(partial);
        }
        if (schedule.vectorReduced()) {
            while (partials.size() > 1) {
                List<List<String>> half = new ArrayList<>();
                for (int p = 0; p + 1 < partials.size(); p += 2) {
                    half.add(
                            reducers.combine(
                                    r, partials.get(p), partials.get(p + 1), accumulatorWidth));
                }
                if (partials.size() % 2 == 1) {
                    half.add(partials.getLast());
                }
                partials = half;
            }
            partials = List.of(reducers.horizontal(r, partials.getFirst(), accumulatorWidth));
        }
        for (int p = 0; p < partials.size(); p++) {
            for (int c = 0; c < r.operands().size(); c++) {
                reduced.put(
                        new ReducedRefPart(new ReducedRef(r.id(), c), p), partials.get(p).get(c));
            }
        }
    }

    /** The result of a reduction, or the running value of a scan. */
    String reduced(ReducedRef ref, int part) {
        String name = reduced.get(new ReducedRefPart(ref, part));
        if (name == null) {
            throw new IllegalStateException("reduction " + ref + " is not complete");
        }
        return name;
    }

    /**
     * The reduced loops around {@code body}, which gets the number of vectors it handles at once.
     */
    private void innerLoops(int k, int parts, PartialSums partials, IntConsumer body) {
        boolean innermost = k == schedule.inner().size() - 1;
        if (innermost && partials != null && !partials.isEmpty()) {
            stretches(schedule.inner().get(k), parts, partials, body);
        } else if (k < schedule.inner().size()) {
            Loop l = schedule.inner().get(k);
            loop(
                    "0",
                    size(l),
                    "1",
                    1L << l.id(),
                    iv -> {
                        current.index.put(l.id(), iv);
                        innerLoops(k + 1, parts, partials, body);
                    });
        } else if (schedule.vectorReduced()) {
            vectorLoop(schedule.vector(), "0", size(schedule.vector()), body);
        } else {
            body.accept(parts);
        }
    }

    /** A loop in stretches, each of which has sums of its own. */
    private void stretches(Loop l, int parts, PartialSums partials, IntConsumer body) {
        String n = size(l);
        loop(
                "0",
                n,
                Integer.toString(STRETCH),
                0,
                from -> {
                    partials.begin();
                    String end = values.def("add i64 " + from + ", " + STRETCH);
                    String over = values.def("icmp slt i64 " + end + ", " + n);
                    String to = values.def("select i1 " + over + ", i64 " + end + ", i64 " + n);
                    loop(
                            from,
                            to,
                            "1",
                            1L << l.id(),
                            iv -> {
                                current.index.put(l.id(), iv);
                                body.accept(parts);
                            });
                    partials.end();
                });
    }

    /** One step of all scans, with the stores of this position. */
    private void scanStep(int parts) {
        for (Reduction r : nest.reductions()) {
            current.complete(1L << r.id());
        }
        Scope row = scanRow();
        for (int p = 0; p < parts; p++) {
            for (Reduction r : nest.reductions()) {
                ReducedRefPart key = new ReducedRefPart(new ReducedRef(r.id(), 0), p);
                String type = Types.vector(Types.compute(r.value().type()), width);
                String a = alloca(type);
                in(
                        row,
                        () -> {
                            values.line(
                                    "store "
                                            + type
                                            + " "
                                            + reducers.identity(r, 0, width)
                                            + ", ptr "
                                            + a);
                            return a;
                        });
                String x = elements.vector(r.value(), p, width);
                String sofar = values.def("load " + type + ", ptr " + a);
                String now = reducers.combine(r, List.of(sofar), List.of(x), width).getFirst();
                values.line("store " + type + " " + now + ", ptr " + a);
                reduced.put(key, now);
            }
        }
        storeAll(nest.stores(), parts);
    }

    /** The scope just outside the scanned loops. */
    private Scope scanRow() {
        Scope s = current;
        for (int k = 0; k < schedule.inner().size(); k++) {
            s = s.parent;
        }
        return s;
    }

    /** All values first, then all stores: an output may lie where an input was. */
    private void storeAll(List<Store> stores, int parts) {
        List<Runnable> writes = new ArrayList<>();
        for (int p = 0; p < parts; p++) {
            for (Store s : stores) {
                writes.add(elements.store(s, p));
            }
        }
        writes.forEach(Runnable::run);
    }
}
