package org.ipex4j.compiler.pass;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.GraphRewriter;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;

/**
 * Max pools in training as the library does them: where a pool's indices serve its own derivative
 * alone, a byte per window takes their place. Dilated windows stay, for the library has plain loops
 * only for them, and so does what has types that it has not or windows of more than 255 elements.
 */
public final class PoolWorkspaces implements Pass {
    private static final long MAX_WINDOW = 255;

    private final Predicate<DType> library;

    /**
     * @param library the types that the library pools; none where NaN must come through
     */
    public PoolWorkspaces(Predicate<DType> library) {
        this.library = library;
    }

    @Override
    public String name() {
        return "pool-workspaces";
    }

    /** The arguments that both ops of a pair have. */
    private record Window(
            Sizes in, List<Long> kernel, List<Long> stride, List<Long> padding, boolean ceil) {

        static Window of(Node n, int spatial) {
            Args<Value> a = n.args();
            List<Long> kernel = spread(a.integers("kernel_size"), spatial);
            long[] stride = a.integers("stride");
            return new Window(
                    a.tensor("self").type().sizes(),
                    kernel,
                    stride.length == 0 ? kernel : spread(stride, spatial),
                    spread(a.integers("padding"), spatial),
                    a.bool("ceil_mode"));
        }

        private static List<Long> spread(long[] values, int n) {
            return values.length == n
                    ? Arrays.stream(values).boxed().toList()
                    : java.util.Collections.nCopies(n, values[0]);
        }

        long elements() {
            return kernel.stream().reduce(1L, (a, b) -> a * b);
        }

        /** The input's sizes with a batch dimension. */
        long[] batched() {
            return PoolWorkspaces.batched(in, kernel.size());
        }

        Object[] after(Object... first) {
            int n = first.length;
            Object[] all = Arrays.copyOf(first, n + 5);
            all[n] = longs(kernel);
            all[n + 1] = longs(stride);
            all[n + 2] = longs(padding);
            all[n + 3] = longs(java.util.Collections.nCopies(kernel.size(), 1L));
            all[n + 4] = ceil;
            return all;
        }

        private static long[] longs(List<Long> values) {
            return values.stream().mapToLong(Long::longValue).toArray();
        }
    }

    @Override
    public Graph run(Graph graph) {
        Map<Value, Window> pools = new HashMap<>(); // by their indices
        Set<Value> outputs = new HashSet<>(graph.outputs());
        for (Node n : graph.nodes()) {
            if (isPool(n) && servesDerivativesAlone(graph, n, outputs)) {
                pools.put(n.results().get(1), Window.of(n, spatial(n)));
            }
        }
        if (pools.isEmpty()) {
            return graph;
        }
        Map<Value, Value> workspaces = new HashMap<>();
        return GraphRewriter.rewrite(
                graph,
                (old, args, out) -> {
                    if (isPool(old) && pools.containsKey(old.results().get(1))) {
                        Value indices = old.results().get(1);
                        Window w = pools.get(indices);
                        List<Value> made =
                                out.callAll(
                                        "ipex.max_pool_training",
                                        w.after(view(args.tensor("self"), w.batched(), out)));
                        workspaces.put(indices, made.get(1));
                        return List.of(
                                view(made.get(0), old.results().get(0).type().sizes(), out),
                                out.fresh(indices.type()));
                    }
                    if (isDerivative(old) && pools.containsKey(old.args().tensor("indices"))) {
                        Value indices = old.args().tensor("indices");
                        Window w = pools.get(indices);
                        Value workspace = workspaces.get(indices);
                        Value grad =
                                view(
                                        args.tensor("grad_output"),
                                        workspace.type().sizes().toArray(),
                                        out);
                        Value made =
                                out.call(
                                        "ipex.max_pool_backward",
                                        w.after(grad, workspace, w.batched()));
                        return List.of(view(made, old.result().type().sizes(), out));
                    }
                    return null;
                });
    }

    private static boolean isPool(Node n) {
        return n.is("aten.max_pool2d_with_indices") || n.is("aten.max_pool3d_with_indices");
    }

    private static boolean isDerivative(Node n) {
        return n.is("aten.max_pool2d_with_indices_backward")
                || n.is("aten.max_pool3d_with_indices_backward");
    }

    private static int spatial(Node n) {
        return n.op().name().contains("2d") ? 2 : 3;
    }

    private boolean servesDerivativesAlone(Graph graph, Node pool, Set<Value> outputs) {
        Value indices = pool.results().get(1);
        Window w = Window.of(pool, spatial(pool));
        return library.test(pool.results().getFirst().type().dtype())
                && isDense(pool)
                && w.elements() <= MAX_WINDOW
                && !outputs.contains(indices)
                && !graph.users(indices).isEmpty()
                && graph.users(indices).stream()
                        .allMatch(u -> isDerivative(u) && isDense(u) && isOf(u, pool, w));
    }

    private static boolean isDense(Node n) {
        return Arrays.stream(n.args().integers("dilation")).allMatch(d -> d == 1);
    }

    /** True if the derivative takes the indices of a pool with the windows that it names. */
    private static boolean isOf(Node derivative, Node pool, Window w) {
        return spatial(derivative) == spatial(pool)
                && derivative
                        .args()
                        .tensor("grad_output")
                        .type()
                        .dtype()
                        .equals(pool.results().getFirst().type().dtype())
                && Window.of(derivative, spatial(pool)).equals(w);
    }

    private static long[] batched(Sizes s, int spatial) {
        if (s.rank() == spatial + 2) {
            return s.toArray();
        }
        long[] out = new long[s.rank() + 1];
        out[0] = 1;
        System.arraycopy(s.toArray(), 0, out, 1, s.rank());
        return out;
    }

    private static Value view(Value v, Sizes sizes, GraphBuilder out) {
        return view(v, sizes.toArray(), out);
    }

    private static Value view(Value v, long[] sizes, GraphBuilder out) {
        return Arrays.equals(v.type().sizes().toArray(), sizes)
                ? v
                : out.call("aten.view", v, sizes);
    }
}
