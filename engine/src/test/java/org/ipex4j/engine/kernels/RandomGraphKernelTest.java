package org.ipex4j.engine.kernels;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.plan.Layout;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Random graphs of pointwise ops, reductions, views and cat, in random strides, fused and compiled.
 * A failure prints the graph; its number in the test's name is the seed.
 */
class RandomGraphKernelTest {
    @TestFactory
    Stream<DynamicTest> graphs() {
        return IntStream.range(0, 60)
                .mapToObj(
                        seed ->
                                DynamicTest.dynamicTest(
                                        "graph " + seed, () -> new Draw(seed).check()));
    }

    private static final class Draw {
        private final Random random;
        private final GraphBuilder g = new GraphBuilder();
        private final List<Value> values = new ArrayList<>();
        private final List<RefTensor> inputs = new ArrayList<>();
        private final Map<Value, Layout> layouts = new HashMap<>();

        Draw(int seed) {
            random = new Random(seed * 7919L + 5);
        }

        void check() {
            long[] dims = {pick(1, 2, 5), pick(1, 3, 7), pick(1, 13, 33, 65)};
            for (int i = 0; i < 2; i++) {
                input(dims);
            }
            input(1, dims[1], dims[2]);
            input(dims[2]);
            input(dims[0], dims[1], 1);
            int nodes = 4 + random.nextInt(10);
            for (int i = 0; i < nodes; i++) {
                step();
            }
            List<Value> outputs = new ArrayList<>(List.of(values.getLast()));
            for (int i = 0; i < random.nextInt(3); i++) {
                Value v = any();
                if (!outputs.contains(v) && inputs.size() <= values.indexOf(v)) {
                    outputs.add(v);
                }
            }
            Graph graph = live(g.build(outputs));
            try {
                KernelHarness.check(graph, inputs, layouts, 20);
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError(graph + "\n" + e.getMessage(), e);
            }
        }

        /** Without nodes that nothing needs. */
        private static Graph live(Graph graph) {
            java.util.Set<Value> needed = new java.util.HashSet<>(graph.outputs());
            List<org.ipex4j.ir.graph.Node> nodes = new ArrayList<>();
            for (org.ipex4j.ir.graph.Node n : graph.nodes().reversed()) {
                if (n.results().stream().anyMatch(needed::contains)) {
                    needed.addAll(n.operands());
                    nodes.addFirst(n);
                }
            }
            return new Graph(graph.inputs(), nodes, graph.outputs());
        }

        private long pick(long... from) {
            return from[random.nextInt(from.length)];
        }

        private Value any() {
            return values.get(random.nextInt(values.size()));
        }

        private void input(long... sizes) {
            TensorType t = TensorType.of(DType.FLOAT32, sizes);
            inputs.add(RefTensor.build(t, i -> (float) (random.nextDouble() * 2 - 1)));
            Value v = g.input(Input.Role.ARGUMENT, "x" + inputs.size(), t);
            if (random.nextInt(3) == 0) {
                layouts.put(v, shuffled(t.sizes()));
            }
            values.add(v);
        }

        /** Dense strides with the dimensions in another order, with gaps. */
        private Layout shuffled(Sizes sizes) {
            List<Integer> order =
                    new ArrayList<>(IntStream.range(0, sizes.rank()).boxed().toList());
            java.util.Collections.shuffle(order, random);
            long[] strides = new long[sizes.rank()];
            long step = pick(1, 1, 2);
            for (int d : order) {
                strides[d] = step;
                step *= sizes.get(d) + random.nextInt(2);
            }
            return Layout.strided(strides);
        }

        private void step() {
            Value x = any();
            int rank = x.type().rank();
            int dim = rank == 0 ? 0 : random.nextInt(rank);
            switch (random.nextInt(14)) {
                case 0 -> add(g.call("aten.relu", x));
                case 1 -> add(g.call("aten.sigmoid", x));
                case 2 -> add(g.call("aten.tanh", x));
                case 3, 4, 5, 6 -> binary(x);
                case 7 -> add(g.call("aten.mul.Scalar", x, 0.5));
                case 8 -> reduce(x, dim, true);
                case 9 -> reduce(x, dim, random.nextBoolean());
                case 10 -> {
                    if (rank >= 2) {
                        add(g.call("aten.transpose.int", x, 0, dim));
                    }
                }
                case 11 -> {
                    if (rank > 0 && x.type().sizes().get(dim) > 2) {
                        add(
                                g.call(
                                        "aten.slice.Tensor",
                                        x,
                                        dim,
                                        1,
                                        x.type().sizes().get(dim),
                                        pick(1, 2)));
                    }
                }
                case 12 -> {
                    if (rank > 0) {
                        add(g.call("aten.cat", List.of(x, g.call("aten.neg", x)), dim));
                    }
                }
                default -> {
                    if (rank > 0 && rank < 4) {
                        add(
                                random.nextBoolean()
                                        ? g.call("aten.unsqueeze", x, dim)
                                        : g.call("aten.flip", x, new long[] {dim}));
                    }
                }
            }
        }

        private void add(Value v) {
            if (v.type().numel() < 40_000) {
                values.add(v);
            }
        }

        private void reduce(Value x, int dim, boolean keep) {
            if (x.type().rank() == 0) {
                return;
            }
            long[] dims =
                    random.nextInt(4) == 0
                            ? IntStream.range(0, x.type().rank()).mapToLong(i -> i).toArray()
                            : new long[] {dim};
            add(
                    random.nextBoolean()
                            ? g.call("aten.amax", x, dims, keep)
                            : g.call(
                                    "aten.mul.Scalar",
                                    g.call("aten.sum.dim_IntList", x, dims, keep),
                                    0.1));
        }

        private void binary(Value x) {
            for (int attempt = 0; attempt < 5; attempt++) {
                Value y = any();
                try {
                    Sizes.broadcast(x.type().sizes(), y.type().sizes());
                } catch (IllegalArgumentException e) {
                    continue; // another partner may fit
                }
                add(
                        g.call(
                                random.nextBoolean()
                                        ? "aten.add.Tensor"
                                        : random.nextBoolean() ? "aten.mul.Tensor" : "aten.maximum",
                                x,
                                y));
                return;
            }
        }
    }
}
