package org.ipex4j.engine.capture;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;
import org.ipex4j.ir.op.Strided;
import org.ipex4j.ir.op.ViewRules;

/**
 * Turns in-place ops into pure ones while a graph is recorded. An array is a {@link Slot}: either
 * it has memory of its own, whose present contents are one graph value, or it is a view of another
 * slot. Writing to a slot replaces that value; writing to a view puts the new part into its base; a
 * view whose base has changed is taken anew when it is read.
 */
final class Aliases {
    /** Appends a call to the graph. */
    @FunctionalInterface
    interface Recorder {
        List<Value> call(Op op, Args<Value> args);
    }

    /** What one traced array stands for. */
    static final class Slot {
        private final Slot base;
        private final Op op;
        private final Args<Value> args;
        private final int result;
        private final Strided strided;
        private Value value;

        /** Writes to the memory so far; for a view, those that {@code value} has seen. */
        private int version;

        private Slot(Slot base, Op op, Args<Value> args, int result, Strided strided, Value value) {
            this.base = base;
            this.op = op;
            this.args = args;
            this.result = result;
            this.strided = strided;
            this.value = value;
            this.version = base == null ? 0 : base.root().version;
        }

        Slot root() {
            Slot s = this;
            while (s.base != null) {
                s = s.base;
            }
            return s;
        }

        /** The op that made this view of its base; null for an array of its own. */
        Op op() {
            return op;
        }

        /** Where eager execution would find the elements. */
        Strided strided() {
            return strided;
        }
    }

    private final Recorder recorder;

    Aliases(Recorder recorder) {
        this.recorder = recorder;
    }

    /** An array with memory of its own. */
    Slot own(Value value) {
        return own(value, Strided.contiguous(value.type().sizes()));
    }

    /** An array with memory of its own whose elements lie as eager execution would lay them. */
    Slot own(Value value, Strided strided) {
        return new Slot(null, null, null, 0, strided, value);
    }

    /** The slots of a call's results: views of {@code self} if eager execution would make views. */
    List<Slot> results(Op op, Args<Value> args, Slot self, List<Value> values) {
        List<Slot> slots = new ArrayList<>(values.size());
        if (self == null || !ViewRules.has(op)) {
            values.forEach(v -> slots.add(own(v)));
            return slots;
        }
        Optional<List<Strided>> views = ViewRules.apply(op, args.map(v -> self.strided));
        for (int i = 0; i < values.size(); i++) {
            slots.add(
                    views.isEmpty()
                            ? own(values.get(i))
                            : new Slot(self, op, args, i, views.get().get(i), values.get(i)));
        }
        return slots;
    }

    /** The value a slot holds now. */
    Value read(Slot slot) {
        if (slot.base == null) {
            return slot.value;
        }
        Slot root = slot.root();
        if (slot.version != root.version) {
            Value base = read(slot.base);
            slot.value = recorder.call(slot.op, slot.args.map(v -> base)).get(slot.result);
            slot.version = root.version;
        }
        return slot.value;
    }

    /**
     * Makes a slot hold a value.
     *
     * @return false if no pure op writes through this kind of view; nothing has changed then
     */
    boolean write(Slot slot, Value value) {
        if (slot.base == null) {
            slot.value = value;
            slot.version++;
            return true;
        }
        Value base = read(slot.base);
        Value written = scatter(slot, base, value);
        if (written == null || !write(slot.base, written)) {
            return false;
        }
        slot.value = value;
        slot.version = slot.root().version;
        return true;
    }

    /** The base with the view's part replaced, or null if there is no op for it. */
    private Value scatter(Slot slot, Value base, Value value) {
        Args<Value> args = slot.args;
        Sizes sizes = base.type().sizes();
        return switch (slot.op.name()) {
            case "aten.alias", "aten.detach" -> value;
            case "aten.view",
                    "aten._unsafe_view",
                    "aten.reshape",
                    "aten.flatten.using_ints",
                    "aten.unflatten.int",
                    "aten.squeeze",
                    "aten.squeeze.dim",
                    "aten.squeeze.dims",
                    "aten.unsqueeze" ->
                    call("aten.reshape", value, sizes.toArray());
            case "aten.transpose.int" ->
                    call(slot.op.name(), value, args.integer("dim0"), args.integer("dim1"));
            case "aten.swapaxes" ->
                    call(slot.op.name(), value, args.integer("axis0"), args.integer("axis1"));
            case "aten.t" -> call("aten.t", value);
            case "aten.permute" ->
                    call("aten.permute", value, inverse(args.integers("dims"), sizes));
            case "aten.slice.Tensor" ->
                    call(
                            "aten.slice_scatter",
                            base,
                            value,
                            args.integer("dim"),
                            args.optionalInteger("start").orElse(null),
                            args.optionalInteger("end").orElse(null),
                            args.integer("step"));
            case "aten.narrow" -> {
                long size = sizes.get(sizes.wrap(args.integer("dim")));
                long start =
                        args.integer("start") < 0
                                ? args.integer("start") + size
                                : args.integer("start");
                yield call(
                        "aten.slice_scatter",
                        base,
                        value,
                        args.integer("dim"),
                        start,
                        start + args.integer("length"),
                        1);
            }
            case "aten.select.int" ->
                    call(
                            "aten.select_scatter",
                            base,
                            value,
                            args.integer("dim"),
                            args.integer("index"));
            case "aten.unbind.int" ->
                    call("aten.select_scatter", base, value, args.integer("dim"), slot.result);
            case "aten.split.Tensor", "aten.split_with_sizes", "aten.chunk" -> {
                int dim = sizes.wrap(args.integer("dim"));
                long step = slot.base.strided.strides()[dim];
                if (step == 0) {
                    yield null; // pieces of an expanded dimension share their elements
                }
                long start = (slot.strided.offset() - slot.base.strided.offset()) / step;
                yield call(
                        "aten.slice_scatter",
                        base,
                        value,
                        dim,
                        start,
                        start + value.type().sizes().get(dim),
                        1);
            }
            default -> null;
        };
    }

    private static long[] inverse(long[] dims, Sizes sizes) {
        long[] out = new long[dims.length];
        for (int i = 0; i < dims.length; i++) {
            out[sizes.wrap(dims[i])] = i;
        }
        return out;
    }

    private Value call(String name, Object... args) {
        Op op = OpCatalog.get(name);
        return recorder.call(op, Args.of(op.schema(), args)).getFirst();
    }
}
