package org.ipex4j.engine.dispatch;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.ipex4j.compiler.CompileOptions;
import org.ipex4j.engine.ndarray.IpexNDArray;
import org.ipex4j.engine.ndarray.IpexNDManager;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;
import org.ipex4j.ir.op.Strided;
import org.ipex4j.ir.op.Trait;
import org.ipex4j.ir.op.ViewRules;
import org.ipex4j.ir.plan.Layout;
import org.ipex4j.runtime.Tensor;

/**
 * The lowest layer: runs an op at once. Results other than views are row-major. Views change sizes
 * and strides alone; ops whose result sizes depend on the numbers run on the host; all else is a
 * graph of one op that goes through the compiler, and is kept in {@link OpCache} by what its code
 * depends on.
 */
final class Eager {
    static final Op TO_COPY = OpCatalog.get("aten._to_copy");
    private static final Op CLONE = OpCatalog.get("aten.clone");
    private static final Op VIEW = OpCatalog.get("aten.view");
    private static final Op CONTIGUOUS = OpCatalog.get("aten.contiguous");

    /** Their weights mostly stay from call to call: they are packed once per version. */
    private static final Set<Op> WEIGHTED =
            Set.of(OpCatalog.get("aten.convolution"), OpCatalog.get("aten.linear"));

    private Eager() {}

    static IpexNDArray[] call(Op op, Args<IpexNDArray> args, IpexNDManager target) {
        Args<Tensor> tensors = args.map(IpexNDArray::tensor);
        return attach(run(op, tensors), target);
    }

    /** The results of an op, the caller's to close. */
    static Tensor[] run(Op op, Args<Tensor> args) {
        if (ViewRules.has(op)) {
            return view(op, args);
        }
        if (op.is(Trait.DATA_DEPENDENT)) {
            return DataDependent.run(op, args);
        }
        if (op == CONTIGUOUS && args.tensor("self").isContiguous()) {
            return new Tensor[] {args.tensor("self").alias()};
        }
        return Lifted.run(op, args, null);
    }

    /** Arrays that own the tensors, which are closed if the manager takes no array. */
    static IpexNDArray[] attach(Tensor[] tensors, IpexNDManager target) {
        IpexNDArray[] arrays = new IpexNDArray[tensors.length];
        for (int i = 0; i < tensors.length; i++) {
            try {
                arrays[i] = IpexNDArray.of(target, tensors[i]);
            } catch (IllegalStateException e) {
                for (int j = i + 1; j < tensors.length; j++) {
                    tensors[j].close();
                }
                throw e;
            }
        }
        return arrays;
    }

    private static Tensor[] view(Op op, Args<Tensor> args) {
        Tensor self = args.tensor("self");
        Optional<List<Strided>> views = ViewRules.apply(op, args.map(Eager::strided));
        if (views.isPresent()) {
            return views(self, views.get());
        }
        if (op == VIEW) {
            throw new IllegalArgumentException(
                    op
                            + ": strides "
                            + self
                            + " cannot be viewed with these sizes without a copy; see aten.reshape");
        }
        try (Tensor dense = Lifted.run(CLONE, Args.of(CLONE.schema(), self), null)[0]) {
            List<Strided> ofDense =
                    ViewRules.apply(op, args.map(t -> strided(dense)))
                            .orElseThrow(
                                    () ->
                                            new IllegalStateException(
                                                    op + " of a dense array has no strides"));
            return views(dense, ofDense);
        }
    }

    private static Strided strided(Tensor t) {
        return new Strided(t.sizes(), t.strides(), t.offset());
    }

    private static Tensor[] views(Tensor self, List<Strided> views) {
        Tensor[] out = new Tensor[views.size()];
        for (int i = 0; i < out.length; i++) {
            Strided v = views.get(i);
            // An empty view may begin past the storage's end, where no tensor can.
            out[i] = self.view(v.sizes(), v.strides(), v.sizes().numel() == 0 ? 0 : v.offset());
        }
        return out;
    }

    static void callInto(Op op, Args<IpexNDArray> args, IpexNDArray out) {
        Args<Tensor> tensors = args.map(IpexNDArray::tensor);
        Tensor into = out.tensor();
        if (into.isReadOnly()) {
            throw new IllegalStateException(
                    op + ": the array to write is read-only: its memory is mapped from a file");
        }
        for (int d = 0; d < into.sizes().rank(); d++) {
            if (into.stride(d) == 0 && into.sizes().get(d) > 1) {
                throw new IllegalArgumentException(
                        op
                                + ": the array to write, of "
                                + into
                                + ", holds elements more than once (it was broadcast); duplicate it first");
            }
        }
        if (into.isContiguous() || tensors.allTensors().stream().noneMatch(into::sharesStorage)) {
            Lifted.run(op, tensors, into);
            return;
        }
        // A strided array that the op also reads: computed apart, then copied by a kernel of its
        // own.
        try (Tensor apart = Lifted.run(op, tensors, null)[0]) {
            if (op != TO_COPY) {
                checkFits(op, apart.type(), into.type());
            }
            compiled(TO_COPY, Args.of(TO_COPY.schema(), apart, into.dtype()), into);
        }
    }

    /** Runs an op by compiled code; into {@code out}, or with fresh results where that is null. */
    static Tensor[] compiled(Op op, Args<Tensor> args, Tensor out) {
        boolean packs = !WEIGHTED.contains(op) || Prepack.on();
        Signature key = Signature.of(op, args, out, packs);
        Tensor[] inputs = args.allTensors().toArray(Tensor[]::new);
        return OpCache.shared().run(key, () -> graph(op, args, out, packs), inputs, out);
    }

    /** A graph with the options that fix its tensors' strides. */
    record OneOp(Graph graph, CompileOptions options) {}

    private static OneOp graph(Op op, Args<Tensor> args, Tensor out, boolean packs) {
        GraphBuilder builder = new GraphBuilder();
        List<Layout> layouts = new ArrayList<>();
        Tensor weight = WEIGHTED.contains(op) && packs ? args.tensor("weight") : null;
        Args<Value> values =
                args.map(
                        t -> {
                            layouts.add(Layout.strided(t.strides()));
                            return builder.input(
                                    t == weight ? Input.Role.PARAMETER : Input.Role.ARGUMENT,
                                    "arg" + layouts.size(),
                                    t.type());
                        });
        List<Value> results = builder.call(op, values);
        CompileOptions options =
                CompileOptions.DEFAULT.withFp32Math(Fp32Math.mode()).withInputLayouts(layouts);
        if (out != null) {
            TensorType result = results.getFirst().type();
            if (!result.equals(out.type())) {
                if (op != TO_COPY) {
                    checkFits(op, result, out.type());
                }
                results =
                        builder.call(
                                TO_COPY,
                                Args.of(TO_COPY.schema(), results.getFirst(), out.dtype()));
            }
            options = options.withOutputLayouts(List.of(Layout.strided(out.strides())));
        }
        return new OneOp(builder.build(results), options);
    }

    /** The results of a graph, whose inputs may have any strides; compiled on its first call. */
    static Tensor[] run(Graph graph, Tensor[] inputs) {
        return run(graph, CompileOptions.DEFAULT, inputs);
    }

    /** Like {@link #run(Graph, Tensor[])}; a graph always comes with the same options. */
    static Tensor[] run(Graph graph, CompileOptions options, Tensor[] inputs) {
        return OpCache.shared()
                .run(
                        Signature.of(graph, inputs),
                        () -> {
                            List<Layout> layouts = new ArrayList<>();
                            for (Tensor t : inputs) {
                                layouts.add(Layout.strided(t.strides()));
                            }
                            return new OneOp(
                                    graph,
                                    options.withFp32Math(Fp32Math.mode())
                                            .withInputLayouts(layouts));
                        },
                        inputs,
                        null);
    }

    /** Refuses to write a result into an array it does not fit, as PyTorch's in-place ops do. */
    static void checkFits(Op op, TensorType result, TensorType out) {
        Sizes sizes = result.sizes();
        if (!sizes.equals(out.sizes())) {
            throw new IllegalArgumentException(
                    op
                            + ": the result has sizes "
                            + sizes
                            + ", the array to write has "
                            + out.sizes());
        }
        if (result.dtype().category().compareTo(out.dtype().category()) > 0) {
            throw new IllegalArgumentException(
                    op
                            + ": a result of type "
                            + result.dtype()
                            + " does not go into an array of type "
                            + out.dtype());
        }
    }
}
