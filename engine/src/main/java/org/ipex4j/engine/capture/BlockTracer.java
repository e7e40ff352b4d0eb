package org.ipex4j.engine.capture;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.ipex4j.engine.GraphBreak;
import org.ipex4j.engine.GraphBreakException;
import org.ipex4j.engine.capture.Recording.Origin;
import org.ipex4j.engine.dispatch.Tracer;
import org.ipex4j.engine.ndarray.IpexNDArray;
import org.ipex4j.engine.ndarray.IpexNDManager;
import org.ipex4j.engine.ndarray.Payload;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Source;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;
import org.ipex4j.ir.op.Strided;
import org.ipex4j.ir.op.Trait;
import org.ipex4j.ir.op.ViewRules;
import org.ipex4j.runtime.Tensor;

/**
 * Records one run of a block's forward. Where Java code reads numbers (a graph break), what was
 * recorded so far runs: as a compiled piece if it is known from an earlier run, else op by op; then
 * recording goes on. Used by one thread.
 */
final class BlockTracer implements Tracer, AutoCloseable {
    /**
     * Arrays of Java code up to this size are copied when they are met: later changes to them must
     * not count.
     */
    private static final long COPY_BYTES = 1 << 20;

    private static final Op FULL = OpCatalog.get("aten.full");
    private static final Op TO_COPY = OpCatalog.get("aten._to_copy");

    private final BlockTree tree;
    private final Mode mode;
    private final Segments segments;
    private final Function<Parameter, Tensor> parameterNumbers;
    private final SourceFinder sources;
    private final boolean recordSources;
    private final List<Node> like;
    private final Recording recording = new Recording();
    private final Aliases aliases = new Aliases(this::append);

    /** By the number of the value that an array was made for. */
    private final Map<Integer, Aliases.Slot> slots = new HashMap<>();

    /** In the order in which the forward meets them. */
    private final Map<Parameter, Value> parameters = new LinkedHashMap<>();

    private final Map<IpexNDArray, Outside> outside = new IdentityHashMap<>();
    private final List<IpexNDArray> arguments = new ArrayList<>();
    private final List<Value> given = new ArrayList<>();
    private final List<GraphBreak> breaks = new ArrayList<>();
    private final List<Run> runs = new ArrayList<>();
    private Source here = Source.UNKNOWN;
    private GraphBreakException refused;

    /** Nodes before this one have been run. */
    private int done;

    /** Numbers made from here on may be others at the next call. */
    private boolean impure;

    private boolean closed;

    /** How a forward is traced. */
    enum Mode {
        /** Graph breaks cut the graph; pieces run as they are met. */
        PIECES,
        /** A graph break is an error. */
        FULL_GRAPH,
        /**
         * A graph break is an error, and what the forward writes to parameters (BatchNorm's running
         * statistics) becomes a result of the graph, written back after each run.
         */
        TRAINING
    }

    /** A concrete array met while tracing. */
    private record Outside(Value value, Tensor source, long version) {}

    /** A piece that has been run. */
    private record Run(Cut cut, int to, List<Integer> required) {}

    /**
     * @param mode what graph breaks and writes to parameters lead to
     * @param segments pieces known from earlier runs
     * @param parameterNumbers the present tensor of a parameter
     * @param recordSources find out for each op where it comes from; otherwise only for breaks and
     *     errors
     * @param like nodes of an earlier capture of this forward: as long as the ops are the same,
     *     they come from the same places
     */
    BlockTracer(
            BlockTree tree,
            Mode mode,
            Segments segments,
            Function<Parameter, Tensor> parameterNumbers,
            boolean recordSources,
            List<Node> like) {
        this.tree = tree;
        this.mode = mode;
        this.segments = segments;
        this.parameterNumbers = parameterNumbers;
        this.sources = new SourceFinder(tree);
        this.recordSources = recordSources;
        this.like = like;
    }

    /** What the forward sees instead of the caller's store. */
    final class Store extends ParameterStore {
        private final IpexNDManager manager;

        Store(IpexNDManager manager) {
            super(manager, false);
            this.manager = manager;
        }

        @Override
        public NDArray getValue(Parameter parameter, Device device, boolean training) {
            if (parameter == null) {
                return null;
            }
            BlockTree.Entry owner = tree.owner(parameter);
            if (owner != null) {
                sources.enter(owner);
            }
            IpexNDArray array = IpexNDArray.traced(manager, BlockTracer.this, parameter(parameter));
            array.setName(parameter.getName());
            if (((IpexNDArray) parameter.getArray()).master() != null) {
                array.markCast();
            }
            return array;
        }
    }

    /** Stands for the forward's next input while tracing. */
    IpexNDArray argument(IpexNDArray array, IpexNDManager manager) {
        int index = given.size();
        String name = array.getName() == null ? "data" + index : array.getName();
        Value v = recording.input(array.type(), new Origin.Argument(index, name));
        Tensor tensor = array.tensor();
        recording.lend(v, tensor);
        slots.put(v.id(), aliases.own(v, new Strided(array.sizes(), tensor.strides(), 0)));
        arguments.add(array);
        given.add(v);
        IpexNDArray traced = IpexNDArray.traced(manager, this, v);
        traced.setName(array.getName());
        return traced;
    }

    private Value parameter(Parameter p) {
        Value known = parameters.get(p);
        if (known == null) {
            IpexNDArray array = (IpexNDArray) p.getArray();
            known = recording.input(array.type(), new Origin.OfParameter(p, tree.name(p)));
            parameters.put(p, known);
            slots.put(known.id(), aliases.own(known));
        }
        return known;
    }

    private List<Value> append(Op op, Args<Value> args) {
        try {
            return recording.call(op, args, here);
        } catch (IllegalArgumentException e) {
            Source at = recordSources ? here : sources.find();
            throw new IllegalArgumentException(e.getMessage() + at.suffix(), e);
        }
    }

    private Aliases.Slot slot(IpexNDArray array) {
        return switch (array.payload()) {
            case Payload.Traced(Tracer t, Value v) when t == this -> slots.get(v.id());
            case Payload.Traced(Tracer t, Value v) ->
                    throw new IllegalStateException(
                            "an array that an earlier forward computed was kept by the block and is used again: only"
                                    + " the arrays a forward returns outlive it"
                                    + sources.find().suffix());
            case Payload.Concrete(Tensor tensor) -> slots.get(lift(array, tensor).id());
        };
    }

    /** The input that stands for a concrete array. */
    private Value lift(IpexNDArray array, Tensor tensor) {
        Outside known = outside.get(array);
        if (known != null && known.source == tensor && known.version == tensor.version()) {
            return known.value;
        }
        for (Parameter p : tree.parameters()) {
            if (p.isInitialized() && p.getArray() == array) {
                return parameter(p);
            }
        }
        noteBreak(
                "an array "
                        + array.type()
                        + " of another manager is used, whose numbers may change");
        boolean copy = array.type().byteSize() <= COPY_BYTES;
        Value v =
                recording.input(
                        array.type(),
                        new Origin.Outside(
                                "outside" + outside.size(), copy ? -1 : tensor.version()));
        if (copy) {
            recording.own(v, OpRunner.copyOf(tensor));
        } else {
            recording.lend(v, tensor);
        }
        slots.put(v.id(), aliases.own(v));
        outside.put(array, new Outside(v, tensor, tensor.version()));
        return v;
    }

    /** Where the call of an op that is about to be recorded comes from. */
    private Source source(Op op) {
        if (!recordSources) {
            return Source.UNKNOWN;
        }
        int next = recording.size();
        return next < like.size() && like.get(next).op() == op
                ? like.get(next).source()
                : sources.find();
    }

    @Override
    public IpexNDArray[] record(Op op, Args<IpexNDArray> args, IpexNDManager target) {
        checkOpen();
        here = source(op);
        Args<Aliases.Slot> held = args.map(this::slot);
        Args<Value> values = held.map(aliases::read);
        if (op.is(Trait.DATA_DEPENDENT) || op.is(Trait.RANDOM) && !holdsRandom()) {
            return runAtOnce(op, values, target);
        }
        List<Value> results = append(op, values);
        Aliases.Slot self = ViewRules.has(op) ? held.tensor("self") : null;
        List<Aliases.Slot> made = aliases.results(op, values, self, results);
        IpexNDArray[] out = new IpexNDArray[results.size()];
        for (int i = 0; i < out.length; i++) {
            slots.put(results.get(i).id(), made.get(i));
            out[i] = IpexNDArray.traced(target, this, results.get(i));
        }
        return out;
    }

    /** An op that a graph cannot hold. Its results are new to the graph. */
    private IpexNDArray[] runAtOnce(Op op, Args<Value> args, IpexNDManager target) {
        noteBreak(
                op
                        + (op.is(Trait.RANDOM)
                                ? ": draws random numbers"
                                : ": the result's sizes depend on the data"));
        flush(args.allTensors(), true);
        Tensor[] results = OpRunner.run(op, args.map(this::numbers));
        IpexNDArray[] out = new IpexNDArray[results.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = IpexNDArray.traced(target, this, own(results[i], "computed"));
        }
        return out;
    }

    /** A new input whose numbers the recording owns. */
    private Value own(Tensor tensor, String name) {
        Value v = recording.input(tensor.type(), new Origin.Outside(name + recording.values(), -1));
        recording.own(v, tensor);
        slots.put(v.id(), aliases.own(v));
        return v;
    }

    @Override
    public void write(IpexNDArray array, IpexNDArray value) {
        checkOpen();
        here = source(TO_COPY);
        Value v = fitted(aliases.read(slot(value)), array);
        if (array.payload() instanceof Payload.Concrete(Tensor memory)) {
            noteBreak("an array of another manager is written to");
            flush(List.of(v), false);
            OpRunner.copy(numbers(v), memory);
            return;
        }
        Aliases.Slot slot = slot(array);
        Value root = aliases.read(slot.root());
        if (mode != Mode.TRAINING
                && recording.origin(root) instanceof Origin.OfParameter(Parameter p, String name)) {
            writeParameter(slot, p, name, v);
        } else if (!aliases.write(slot, v)) {
            writeOnMemory(slot, root, v);
        }
    }

    /** What is written: of the array's element type, as in-place ops convert. */
    private Value fitted(Value v, IpexNDArray array) {
        TensorType from = v.type();
        TensorType to = array.type();
        boolean narrows = from.dtype().category().compareTo(to.dtype().category()) > 0;
        if (!from.sizes().equals(to.sizes()) || narrows) {
            throw new IllegalArgumentException(
                    "in-place op: a result "
                            + from
                            + " does not go into an array "
                            + to
                            + sources.find().suffix());
        }
        return from.equals(to)
                ? v
                : append(TO_COPY, Args.of(TO_COPY.schema(), v, to.dtype())).getFirst();
    }

    /** Writes through a view that no pure op writes through. */
    private void writeOnMemory(Aliases.Slot slot, Value root, Value v) {
        noteBreak("an in-place op through " + slot.op());
        flush(List.of(root, v), true);
        Tensor memory = Tensor.empty(root.type(), slot.root().strided().strides());
        OpRunner.copy(numbers(root), memory);
        writeThrough(slot, memory, numbers(v));
        aliases.write(slot.root(), own(memory, "written"));
    }

    /** A forward that changes a parameter in place changes the model at once. */
    private void writeParameter(Aliases.Slot slot, Parameter p, String name, Value v) {
        noteBreak("parameter '" + name + "' is written to");
        // All nodes run before the parameter changes: what they compute may be asked for later.
        flush(List.of(v), false);
        Tensor memory = parameterNumbers.apply(p);
        writeThrough(slot, memory, numbers(v));
        aliases.write(slot.root(), own(OpRunner.copyOf(memory), "written"));
        parameters.remove(p);
    }

    private static void writeThrough(Aliases.Slot slot, Tensor memory, Tensor value) {
        Strided s = slot.strided();
        try (Tensor view = memory.view(s.sizes(), s.strides(), memory.offset() + s.offset())) {
            OpRunner.copy(value, view);
        }
    }

    @Override
    public IpexNDArray constant(Tensor tensor, IpexNDManager target) {
        checkOpen();
        here = source(FULL);
        Value v;
        var scalar = tensor.numel() == 1 && !impure ? Scalars.read(tensor) : null;
        if (scalar == null) {
            v =
                    recording.input(
                            tensor.type(), new Origin.Constant("constant" + recording.values()));
            recording.own(v, tensor);
        } else {
            // A single number is part of the code, so that kernels hold it and pieces are told
            // apart by it.
            v =
                    append(
                                    FULL,
                                    Args.of(
                                            FULL.schema(),
                                            tensor.sizes().toArray(),
                                            scalar,
                                            tensor.dtype()))
                            .getFirst();
            recording.own(v, tensor);
        }
        slots.put(v.id(), aliases.own(v));
        return IpexNDArray.traced(target, this, v);
    }

    @Override
    public Tensor materialize(String method, IpexNDArray array) {
        checkOpen();
        Value v = aliases.read(slot(array));
        if (!recording.isFixed(v)) {
            noteBreak(method);
            flush(List.of(v), true);
        }
        return numbers(v);
    }

    @Override
    public boolean holdsRandom() {
        return mode == Mode.TRAINING;
    }

    @Override
    public void impure(String method) {
        checkOpen();
        impure = true;
        noteBreak(method);
    }

    private void noteBreak(String reason) {
        GraphBreak b = new GraphBreak(reason, sources.find());
        if (mode != Mode.PIECES) {
            refused = new GraphBreakException(b);
            throw refused;
        }
        breaks.add(b);
    }

    private Tensor numbers(Value v) {
        return recording.force(v, parameterNumbers);
    }

    /**
     * Runs what was recorded since the last break, if not all of {@code required} is known.
     *
     * @param compiled as a compiled piece, where one is known; otherwise op by op, so that every
     *     value is computed before memory changes
     */
    private void flush(List<Value> required, boolean compiled) {
        if (compiled && required.stream().allMatch(v -> recording.numbers(v) != null)) {
            return;
        }
        if (done < recording.size()) {
            runPending(required, compiled);
        }
        required.forEach(this::numbers);
    }

    private void runPending(List<Value> required, boolean compiled) {
        Cut cut = Cut.of(recording, done, recording.size(), List.of());
        List<Integer> wanted = new ArrayList<>();
        for (Value v : required) {
            int i = cut.results().indexOf(v);
            if (i >= 0 && !wanted.contains(i)) {
                wanted.add(i);
            }
        }
        Segments.Segment segment = compiled ? segments.acquire(cut, recording, wanted) : null;
        if (segment == null) {
            for (int i = done; i < recording.size(); i++) {
                recording.run(i, parameterNumbers);
            }
        } else {
            try {
                Tensor[] in = cut.feeds().stream().map(this::numbers).toArray(Tensor[]::new);
                Tensor[] out = OpRunner.withContiguous(in, segment.function()::run);
                for (int i = 0; i < out.length; i++) {
                    recording.own(cut.results().get(segment.outputs().get(i)), out[i]);
                }
            } finally {
                segments.release(segment);
            }
        }
        done = recording.size();
        if (compiled) {
            runs.add(new Run(cut, done, wanted));
        }
    }

    List<GraphBreak> breaks() {
        return breaks;
    }

    /** What the forward has returned, before anything is closed: the value of each traced array. */
    List<Value> returned(List<IpexNDArray> arrays) {
        return arrays.stream().map(a -> aliases.read(slot(a))).toList();
    }

    /** True if an array stands for the forward's input of this number, unchanged and whole. */
    int argumentOf(Value v) {
        return recording.origin(v) instanceof Origin.Argument(int i, String name) ? i : -1;
    }

    /** The parameter a value stands for, or null. */
    Parameter parameterOf(Value v) {
        return recording.origin(v) instanceof Origin.OfParameter(Parameter p, String name)
                ? p
                : null;
    }

    /** The number of the input that was changed in place to this value, or -1. */
    int writtenArgument(Value v) {
        for (Map.Entry<Integer, Value> w : writtenArguments().entrySet()) {
            if (w.getValue() == v) {
                return w.getKey();
            }
        }
        return -1;
    }

    /** The inputs that the forward has changed in place, with what they hold now. */
    Map<Integer, Value> writtenArguments() {
        Map<Integer, Value> out = new HashMap<>();
        for (int i = 0; i < given.size(); i++) {
            Value now = aliases.read(slots.get(given.get(i).id()));
            if (now != given.get(i)) {
                out.put(i, now);
            }
        }
        return out;
    }

    /** The parameters that a forward in training has changed, with what they hold now. */
    Map<Parameter, Value> writtenParameters() {
        Map<Parameter, Value> out = new LinkedHashMap<>();
        parameters.forEach(
                (p, value) -> {
                    Value now = aliases.read(slots.get(value.id()));
                    if (now != value) {
                        out.put(p, now);
                    }
                });
        return out;
    }

    /**
     * The whole forward as one graph, or null if it had breaks.
     *
     * @param outputs what the graph computes
     */
    Capture capture(
            List<Value> outputs,
            List<Capture.Result> results,
            List<Capture.Write> writes,
            List<Capture.ParameterWrite> statistics) {
        checkRefused();
        if (!breaks.isEmpty()) {
            return null;
        }
        Cut cut = Cut.of(recording, 0, recording.size(), given);
        List<Capture.Feed> feeds = new ArrayList<>();
        for (Value f : cut.feeds()) {
            feeds.add(
                    switch (recording.origin(f)) {
                        case Origin.Argument(int i, String name) -> new Capture.Feed.Argument(i);
                        case Origin.OfParameter(Parameter p, String name) ->
                                new Capture.Feed.OfParameter(p);
                        case Origin.Constant c -> new Capture.Feed.Constant(recording.release(f));
                        case Origin.Outside o -> throw new IllegalStateException("unexpected " + o);
                        case Origin.Result r -> throw new IllegalStateException("unexpected " + r);
                    });
        }
        return new Capture(cut.graph(recording, outputs, true), feeds, results, writes, statistics);
    }

    /**
     * Ends a forward with breaks: the numbers of these values, row-major or not, the caller's to
     * close.
     */
    List<Tensor> finish(List<Value> outputs) {
        checkRefused();
        flush(outputs, true);
        List<Tensor> out = outputs.stream().map(v -> numbers(v).alias()).toList();
        for (Run r : runs) {
            learn(r, outputs);
        }
        return out;
    }

    /** Tells what a piece should compute next time: all that was read after it. */
    private void learn(Run run, List<Value> outputs) {
        Map<Integer, Integer> position = new HashMap<>();
        for (Value v : run.cut.results()) {
            position.put(v.id(), position.size());
        }
        List<Integer> needed = new ArrayList<>(run.required);
        for (int n = run.to; n < recording.size(); n++) {
            addPositions(recording.node(n).operands(), position, needed);
        }
        addPositions(outputs, position, needed);
        segments.learn(run.cut.key(), needed);
    }

    private static void addPositions(
            List<Value> values, Map<Integer, Integer> position, List<Integer> needed) {
        for (Value v : values) {
            Integer i = position.get(v.id());
            if (i != null) {
                needed.add(i);
            }
        }
    }

    /** A break that fullGraph forbids counts even if the forward caught the exception. */
    private void checkRefused() {
        if (refused != null) {
            throw refused;
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException(
                    "an array outlived the forward that was traced: only the arrays a forward returns do");
        }
    }

    @Override
    public void close() {
        closed = true;
        recording.close();
    }
}
