package org.ipex4j.compiler.layout;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.ipex4j.compiler.CompileOptions;
import org.ipex4j.compiler.kernel.KernelGraph;
import org.ipex4j.compiler.kernel.KernelNode;
import org.ipex4j.compiler.kernel.Names;
import org.ipex4j.compiler.loop.LoopGroup;
import org.ipex4j.compiler.phase.Phases;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Source;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.plan.BufferType;
import org.ipex4j.ir.plan.Layout;
import org.ipex4j.ir.plan.LibraryCall;
import org.ipex4j.ir.plan.LibraryOracle;
import org.ipex4j.ir.plan.PostOp;
import org.ipex4j.ir.plan.Target;

/**
 * Gives every value its place and layout. {@link FormatChooser} says which format each node works
 * in; this class walks the nodes once, resolves views, asks the library for its weight layouts and
 * inserts a reorder wherever a node needs a value in another layout than it has. A reordered copy
 * serves all later readers.
 */
public final class LayoutAssignment {
    private record Copy(Value of, Layout layout) {}

    /**
     * A cast whose result lies as its first reader wants it.
     *
     * @param source what is cast
     * @param position in {@link #out}, where the source still has its value
     */
    private record Cast(Node node, Value source, int position) {}

    private final KernelGraph graph;
    private final CompileOptions options;
    private final LibraryCosts costs;
    private final Target target;
    private final Names names;
    private final int block;
    private final List<KernelNode> out = new ArrayList<>();
    private final Map<Value, Placement> placements = new HashMap<>();
    private final Map<Copy, Value> copies = new HashMap<>();
    private final Set<Value> copied = new HashSet<>();
    private final LibraryCasts casts;
    private final Map<Value, Cast> waiting = new HashMap<>();

    /** Casts by the position in {@link #out} that they precede. */
    private final Map<Integer, List<KernelNode>> before = new HashMap<>();

    private final Set<Value> invariant = new HashSet<>();

    private LayoutAssignment(
            KernelGraph graph,
            Graph source,
            CompileOptions options,
            Target target,
            LibraryOracle oracle) {
        this.graph = graph;
        this.options = options;
        this.target = target;
        this.costs = new LibraryCosts(oracle, options.mode(), target);
        this.names = Names.after(source, graph);
        this.block = FormatChooser.block(target);
        this.casts = new LibraryCasts(graph, target);
    }

    /** Lays a kernel graph out. */
    public static LaidOutGraph assign(
            KernelGraph graph,
            Graph source,
            Phases phases,
            CompileOptions options,
            Target target,
            LibraryOracle oracle) {
        return new LayoutAssignment(graph, source, options, target, oracle).run(phases);
    }

    private LaidOutGraph run(Phases phases) {
        for (int i = 0; i < graph.inputs().size(); i++) {
            Input in = graph.inputs().get(i);
            int index = i;
            Layout layout =
                    options.inputLayouts()
                            .map(l -> l.get(index))
                            .orElseGet(() -> Layout.contiguous(in.value().type().sizes()));
            place(in.value(), layout);
            if (in.role().isInvariant()) {
                invariant.add(in.value());
            }
        }
        Set<Value> everInvariant = invariantValues();
        Map<KernelNode, Format> formats =
                new FormatChooser(graph, costs, target, everInvariant, casts).choose();
        for (KernelNode n : graph.nodes()) {
            if (everInvariant.containsAll(n.writes())) {
                invariant.addAll(n.writes());
            }
            switch (n) {
                case KernelNode.Alias a -> alias(a);
                case KernelNode.Library l when l.call() instanceof LibraryCall.MatMul -> matmul(l);
                case KernelNode.Library l -> spatial(l, formats.getOrDefault(n, Format.PLAIN));
                case KernelNode.Loop l when waits(l) -> {}
                case KernelNode.Loop l -> loop(l, formats.getOrDefault(n, Format.PLAIN));
                case KernelNode.Host h -> host(h);
            }
        }
        List<Value> outputs = outputs();
        withCasts();
        Map<Value, Value> writes = writes(outputs);
        PhaseOrder inPhases = PhaseOrder.of(out, outputs, phases, this::root, copied);
        WriteOrder order = new WriteOrder(inPhases.nodes(), placements);
        writes.forEach(
                (w, input) -> {
                    if (!order.accepts(w, input)) {
                        throw new IllegalStateException(w + " cannot lie in " + input);
                    }
                });
        List<KernelNode> sorted = order.sorted();
        return new LaidOutGraph(
                graph.inputs(), sorted, inPhases.of(sorted), outputs, placements, writes);
    }

    private Set<Value> invariantValues() {
        Set<Value> known = new HashSet<>(invariant);
        for (KernelNode n : graph.nodes()) {
            if (!n.reads().isEmpty() && known.containsAll(n.reads())) {
                known.addAll(n.writes());
            }
        }
        return known;
    }

    private void place(Value v, Layout layout) {
        placements.put(
                v, new Placement(v, new BufferType(v.type().dtype(), v.type().sizes(), layout), 0));
    }

    private Layout layout(Value v) {
        return placements.get(v).type().layout();
    }

    /** True for a cast that becomes part of a reorder, once a call says which. */
    private boolean waits(KernelNode.Loop l) {
        Optional<Node> cast = casts.of(l);
        if (cast.isEmpty() || !libraryCanCopy(placements.get(l.reads().getFirst()).type())) {
            return false;
        }
        Value result = cast.get().result();
        await(result, new Cast(cast.get(), l.reads().getFirst(), out.size()));
        return true;
    }

    /** Until a call says otherwise, the result lies as what is cast. */
    private void await(Value result, Cast cast) {
        waiting.put(result, cast);
        BufferType source = placements.get(cast.source()).type();
        boolean dense = source.type().numel() == source.layout().span(source.sizes());
        place(result, dense ? source.layout() : Layout.contiguous(source.sizes()));
    }

    /** Makes what waits, in this layout. */
    private void cast(Value v, Layout wanted) {
        Cast cast = waiting.remove(v);
        place(v, wanted);
        BufferType from = placements.get(cast.source()).type();
        before.computeIfAbsent(cast.position(), k -> new ArrayList<>())
                .add(reorder(cast.source(), from, v, List.of(cast.node())));
    }

    private void withCasts() {
        List<KernelNode> all = new ArrayList<>();
        for (int i = 0; i < out.size(); i++) {
            all.addAll(before.getOrDefault(i, List.of()));
            all.add(out.get(i));
        }
        out.clear();
        out.addAll(all);
    }

    private void alias(KernelNode.Alias a) {
        Cast cast = waiting.get(a.base());
        if (cast != null) {
            Optional<Placement> of =
                    Views.place(a, placements.get(cast.source()))
                            .map(p -> p.withType(cast.source().type().dtype()))
                            .filter(p -> libraryCanCopy(p.type()));
            if (of.isPresent() && a.result().type().dtype() == a.base().type().dtype()) {
                Value source = names.fresh(of.get().type().type());
                placements.put(source, of.get());
                await(a.result(), new Cast(cast.node(), source, cast.position()));
                return;
            }
            cast(a.base(), Layout.contiguous(a.base().type().sizes()));
        }
        Optional<Placement> place = Views.place(a, placements.get(a.base()));
        if (place.isEmpty()) {
            Value copy = fetch(a.base(), Layout.contiguous(a.base().type().sizes()));
            place = Views.place(a, placements.get(copy));
        }
        placements.put(
                a.result(),
                place.orElseThrow(
                        () ->
                                new IllegalStateException(
                                        a.view()
                                                + " does not view contiguous "
                                                + a.base().type())));
    }

    /** The value in exactly this layout: itself, an earlier copy or a new one. */
    private Value fetch(Value v, Layout wanted) {
        if (waiting.containsKey(v)) {
            cast(v, wanted);
            return v;
        }
        Placement p = placements.get(v);
        if (Buffers.same(p.type(), wanted)) {
            return v;
        }
        if (Buffers.same(p.type().withLayout(Buffers.unblocked(p.type())), wanted)) {
            return copies.computeIfAbsent(new Copy(v, wanted), k -> renamed(v, wanted));
        }
        return copies.computeIfAbsent(new Copy(v, wanted), k -> copy(v, wanted));
    }

    /** The same bytes under another name of their layout. */
    private Value renamed(Value v, Layout wanted) {
        Placement p = placements.get(v);
        Value name = names.fresh(v.type());
        placements.put(name, new Placement(p.root(), p.type().withLayout(wanted), p.offset()));
        if (invariant.contains(v)) {
            invariant.add(name);
        }
        return name;
    }

    private Value copy(Value v, Layout wanted) {
        Value made = names.fresh(v.type());
        copied.add(made);
        place(made, wanted);
        BufferType from = placements.get(v).type();
        if (libraryCanCopy(from) && libraryCanCopy(placements.get(made).type())) {
            out.add(reorder(v, from, made, List.of()));
        } else {
            Node clone = names.call(Source.UNKNOWN, "aten.clone", v);
            Node onto = new Node(clone.op(), clone.args(), List.of(made), Source.UNKNOWN);
            out.add(new KernelNode.Loop(new LoopGroup(List.of(onto), List.of(v), List.of(made))));
        }
        if (invariant.contains(v)) {
            invariant.add(made);
        }
        return made;
    }

    /**
     * @param nodes of the graph, that the reorder does beside changing the layout
     */
    private KernelNode reorder(Value v, BufferType from, Value made, List<Node> nodes) {
        LibraryCall.Reorder call = new LibraryCall.Reorder(from, placements.get(made).type());
        String implementation =
                costs.choose(call).map(LibraryOracle.Choice::implementation).orElse("");
        return new KernelNode.Library(
                call, List.of(v), Optional.empty(), made, Optional.empty(), nodes, implementation);
    }

    /** oneDNN reorders floats of rank up to 12 whose elements do not overlap. */
    private boolean libraryCanCopy(BufferType type) {
        if (!target.hasLibrary(type.dtype())
                || type.sizes().rank() == 0
                || type.sizes().rank() > 6) {
            return false;
        }
        return !type.layout().isPlain() || !Buffers.overlaps(type);
    }

    private Value contiguous(Value v) {
        return fetch(v, Layout.contiguous(v.type().sizes()));
    }

    /**
     * Convolutions, their derivatives and pools: activations in the node's format, weights as the
     * library likes.
     */
    private void spatial(KernelNode.Library l, Format format) {
        Layout output = format.of(LibraryCosts.second(l.call()).sizes(), block);
        Value source = l.operands().getFirst();
        Layout sourceLayout = format.of(source.type().sizes(), block);
        boolean isPlain =
                placements.get(source).type().layout().isContiguous(source.type().sizes());
        Layout plain = isPlain ? layout(source) : Layout.contiguous(source.type().sizes());
        double reorder = costs.reorderSeconds(placements.get(source).type());
        // Few channels may have no implementation in blocks at all: its cost is infinite then.
        boolean direct =
                FormatChooser.readsDirectly(l.call(), Format.PLAIN, format)
                        && costs.seconds(LibraryCosts.with(l.call(), plain, output))
                                        + (isPlain ? 0 : reorder)
                                <= costs.seconds(LibraryCosts.with(l.call(), sourceLayout, output))
                                        + reorder;
        LibraryCall call = LibraryCosts.with(l.call(), direct ? plain : sourceLayout, output);
        finish(l, call);
    }

    /**
     * Resolves what is still open in a call, brings the operands into its layouts, and appends it.
     */
    private void finish(KernelNode.Library l, LibraryCall call) {
        LibraryOracle.Choice choice =
                costs.choose(call)
                        .orElseThrow(
                                () ->
                                        new IllegalArgumentException(
                                                l.nodes().getFirst().op()
                                                        + ": the library has no implementation of "
                                                        + call
                                                        + l.nodes().getFirst().source().suffix()));
        LibraryCall resolved = choice.call();
        List<Value> operands = new ArrayList<>();
        List<BufferType> wanted = new ArrayList<>(resolved.inputs());
        resolved.postOps()
                .forEach(
                        p -> {
                            if (p instanceof PostOp.Binary b) {
                                wanted.add(b.operand());
                            }
                        });
        for (int i = 0; i < l.operands().size(); i++) {
            operands.add(fetch(l.operands().get(i), wanted.get(i).layout()));
        }
        place(l.result(), resolved.output().layout());
        l.second().ifPresent(v -> place(v, resolved.secondOutput().orElseThrow().layout()));
        Optional<Value> onto = l.accumulate().map(v -> accumulator(v, resolved.output().layout()));
        out.add(
                new KernelNode.Library(
                        resolved,
                        operands,
                        onto,
                        l.result(),
                        l.second(),
                        l.nodes(),
                        choice.implementation()));
    }

    /** The value to add onto, a whole buffer in the result's layout. */
    private Value accumulator(Value v, Layout wanted) {
        if (waiting.containsKey(v)) {
            return fetch(v, wanted);
        }
        Placement p = placements.get(v);
        boolean whole =
                p.offset() == 0
                        && placements.get(p.root()).type().byteSize() == p.type().byteSize();
        return whole && Buffers.same(p.type(), wanted) ? v : copy(v, wanted);
    }

    /**
     * Operands as they lie where oneDNN can read them so; weights that never change as the library
     * likes.
     */
    private void matmul(KernelNode.Library l) {
        LibraryCall call = l.call();
        List<BufferType> inputs = new ArrayList<>();
        for (int i = 0; i < call.inputs().size(); i++) {
            Value v = l.operands().get(i);
            BufferType type = call.inputs().get(i);
            if (i == 1 && invariant.contains(v)) {
                inputs.add(type); // any
            } else {
                BufferType now = placements.get(v).type();
                boolean readable = i < 2 && Buffers.isMatrix(now);
                inputs.add(readable ? now : BufferType.contiguous(type.type()));
            }
        }
        LibraryCall laid =
                LibraryCosts.with(
                        call, inputs.getFirst().layout(), Layout.contiguous(call.output().sizes()));
        finish(l, laid.with(inputs, laid.output(), laid.postOps()));
    }

    private void loop(KernelNode.Loop l, Format format) {
        LoopGroup g = l.group();
        LoopSpace space = LoopSpace.of(g);
        Map<Value, Value> replaced = new HashMap<>();
        for (Value v : g.inputs()) {
            boolean full = space.isAligned() && space.isFull(v);
            if (full && format == Format.BLOCKED) {
                replaced.put(v, fetch(v, format.of(space.sizes(), block)));
            } else if (!layout(v).isPlain()) {
                Format plain = format == Format.BLOCKED ? Format.PLAIN : format;
                replaced.put(v, fetch(v, plain.of(v.type().sizes(), block)));
            } else {
                replaced.put(v, fetch(v, layout(v)));
            }
        }
        for (Value w : g.outputs()) {
            boolean follows = space.follows(w);
            place(
                    w,
                    follows
                            ? format.of(w.type().sizes(), block)
                            : Layout.contiguous(w.type().sizes()));
        }
        out.add(new KernelNode.Loop(rename(g, replaced)));
    }

    private static LoopGroup rename(LoopGroup g, Map<Value, Value> replaced) {
        if (replaced.entrySet().stream().allMatch(e -> e.getKey().equals(e.getValue()))) {
            return g;
        }
        List<Node> nodes =
                g.nodes().stream()
                        .map(
                                n ->
                                        new Node(
                                                n.op(),
                                                n.args().map(v -> replaced.getOrDefault(v, v)),
                                                n.results(),
                                                n.source()))
                        .toList();
        return new LoopGroup(
                nodes, g.inputs().stream().map(replaced::get).distinct().toList(), g.outputs());
    }

    private void host(KernelNode.Host h) {
        Node n = h.node();
        Node plain = new Node(n.op(), n.args().map(this::contiguous), n.results(), n.source());
        n.results().forEach(r -> place(r, Layout.contiguous(r.type().sizes())));
        out.add(new KernelNode.Host(plain));
    }

    /**
     * Computed outputs become whole buffers in the wanted layout, each of its own. What is returned
     * of an input that another output replaces is its old value: a copy.
     */
    private List<Value> outputs() {
        Map<Integer, Value> into = into();
        Set<Value> replaced = new HashSet<>();
        into.forEach(
                (i, input) -> {
                    if (!isAll(graph.outputs().get(i), input)) {
                        replaced.add(input);
                    }
                });
        List<Value> result = new ArrayList<>();
        Map<Value, Value> seen = new HashMap<>();
        Set<Value> inputs = new HashSet<>();
        graph.inputs().forEach(in -> inputs.add(in.value()));
        Set<Value> roots = new HashSet<>();
        for (int i = 0; i < graph.outputs().size(); i++) {
            Value v = graph.outputs().get(i);
            Value input = into.get(i);
            if (input != null) {
                result.add(isAll(v, input) ? v : whole(v, layout(input), roots, inputs));
                continue;
            }
            int index = i;
            Layout wanted =
                    options.outputLayouts()
                            .map(l -> l.get(index))
                            .orElseGet(() -> Layout.contiguous(v.type().sizes()));
            Value root = root(v);
            if (inputs.contains(root) && !replaced.contains(root)) {
                result.add(v); // handed out as a view of the input
                continue;
            }
            result.add(seen.computeIfAbsent(v, x -> whole(x, wanted, roots, inputs)));
        }
        return result;
    }

    /** The inputs that outputs are written into, by index of the output. */
    private Map<Integer, Value> into() {
        Map<Integer, Value> into = new HashMap<>();
        for (CompileOptions.Write w : options.outputsInto()) {
            Value input = graph.inputs().get(w.input()).value();
            if (Buffers.overlaps(placements.get(input).type())) {
                throw new IllegalArgumentException(
                        "output "
                                + w.output()
                                + " cannot be written into input "
                                + w.input()
                                + ", whose elements overlap: "
                                + placements.get(input).type());
            }
            into.put(w.output(), input);
        }
        return into;
    }

    /** True if a value is an input, all of it, as it lies: nothing is to be written. */
    private boolean isAll(Value v, Value input) {
        Placement p = placements.get(v);
        return p.root().equals(input) && p.offset() == 0 && Buffers.same(p.type(), layout(input));
    }

    /**
     * Which outputs can be computed where the inputs are that they replace; the others get a last
     * copy, which then replaces them in {@code outputs}.
     */
    private Map<Value, Value> writes(List<Value> outputs) {
        WriteOrder order = new WriteOrder(List.copyOf(out), Map.copyOf(placements));
        Map<Value, Value> writes = new HashMap<>();
        into().forEach(
                        (i, input) -> {
                            Value v = outputs.get(i);
                            if (isAll(v, input)) {
                                return;
                            }
                            if (!order.accepts(root(v), input)) {
                                v = copy(v, layout(input));
                                outputs.set(i, v);
                            }
                            writes.put(root(v), input);
                        });
        return writes;
    }

    private Value root(Value v) {
        return placements.get(v).root();
    }

    /** The value as a buffer that is nobody else's. */
    private Value whole(Value v, Layout wanted, Set<Value> roots, Set<Value> inputs) {
        Value laid = fetch(v, wanted);
        Placement p = placements.get(laid);
        Placement root = placements.get(p.root());
        boolean covers =
                p.offset() == 0
                        && root.type().byteSize() == p.type().byteSize()
                        && root.type().sizes().numel() == p.type().sizes().numel()
                        && root.type().dtype() == p.type().dtype()
                        && !inputs.contains(p.root());
        Value result = covers && !roots.contains(p.root()) ? laid : copy(laid, wanted);
        roots.add(placements.get(result).root());
        return result;
    }
}
