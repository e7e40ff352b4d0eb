package org.ipex4j.compiler.samples;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Value;

/**
 * Random graphs for differential tests. A graph is decoded from a list of numbers, so that jqwik
 * shrinks a failing one to few nodes; its text form is then a self-contained test.
 *
 * <p>Ops are chosen so that results stay moderate and depend continuously on rounding: comparisons
 * are made between graph inputs only, and factors are squashed first.
 */
public final class RandomGraphs {
    /** How far results may differ, in times of the usual tolerance: errors add up along a graph. */
    public static final double SLACK = 100;

    private static final long MOST_ELEMENTS = 20_000;

    private final int[] choices;
    private final GraphBuilder builder = new GraphBuilder();
    private final List<Value> values = new ArrayList<>();
    private final List<Value> inputs = new ArrayList<>();
    private int next;

    private RandomGraphs(int[] choices) {
        this.choices = choices;
    }

    /** Graphs of up to about {@code nodes} nodes. */
    public static Arbitrary<Graph> graphs(int nodes) {
        return Arbitraries.integers()
                .between(0, 1_000_000)
                .list()
                .ofMinSize(6)
                .ofMaxSize(6 + 4 * nodes)
                .map(l -> decode(l.stream().mapToInt(Integer::intValue).toArray()));
    }

    /** The graph that these numbers mean; every list means one. */
    public static Graph decode(int... choices) {
        return new RandomGraphs(choices).decode();
    }

    /** Values for a graph's inputs. */
    public static List<RefTensor> inputs(Graph graph, long seed) {
        List<RefTensor> out = new ArrayList<>();
        for (Input in : graph.inputs()) {
            // Variances must be positive, all else may be anything.
            double low = in.name().startsWith("variance") ? 0.5 : -2;
            out.add(
                    Draw.of(in.value().type().dtype(), in.value().type().sizes().toArray())
                            .within(low, 2)
                            .make(seed++)
                            .value());
        }
        return out;
    }

    private int pick(int bound) {
        int c = next < choices.length ? choices[next] : 0;
        next++;
        return Math.floorMod(c, bound);
    }

    private Graph decode() {
        int rank = 1 + pick(4);
        long[] shape = new long[rank];
        for (int d = 0; d < rank; d++) {
            shape[d] = new long[] {3, 1, 7, 2, 13, 33, 5, 8}[pick(8)];
        }
        shape =
                rank == 4
                        ? new long[] {
                            1 + shape[0] % 3, shape[1], 5 + shape[2] % 9, 5 + shape[3] % 9
                        }
                        : shape;
        input("x", shape);
        input("y", shape);
        long[] row = shape.clone();
        for (int d = 0; d < rank; d++) {
            row[d] = pick(2) == 0 ? 1 : row[d];
        }
        input("row", row);
        while (next < choices.length) {
            try {
                step();
            } catch (IllegalArgumentException e) {
                // The op does not take these operands: this number means no node.
                continue;
            }
        }
        Set<Value> read = new HashSet<>();
        builder.nodes().forEach(n -> read.addAll(n.operands()));
        List<Value> outputs =
                new ArrayList<>(
                        values.stream()
                                .filter(v -> !read.contains(v) && !inputs.contains(v))
                                .toList());
        if (outputs.isEmpty()) {
            outputs.add(builder.call("aten.relu", values.getFirst()));
        }
        return builder.build(outputs);
    }

    private Value input(String name, long... sizes) {
        Input.Role role = name.matches("(x|y|row)") ? Input.Role.ARGUMENT : Input.Role.PARAMETER;
        Value v = builder.input(role, name + inputs.size(), TensorType.of(DType.FLOAT32, sizes));
        inputs.add(v);
        if (role == Input.Role.ARGUMENT) {
            values.add(v);
        }
        return v;
    }

    /** Recent values more often than old ones. */
    private Value operand() {
        int back = pick(3) < 2 ? pick(Math.min(3, values.size())) : pick(values.size());
        return values.get(values.size() - 1 - back);
    }

    private void add(String op, Object... args) {
        List<Value> results = builder.callAll(op, args);
        if (results.getFirst().type().numel() <= MOST_ELEMENTS) {
            values.add(results.getFirst());
        }
    }

    private Value call(String op, Object... args) {
        return builder.call(op, args);
    }

    private void step() {
        int kind = pick(24);
        Value x = operand();
        Sizes s = x.type().sizes();
        int rank = s.rank();
        int dim = rank == 0 ? 0 : pick(rank);
        switch (kind) {
            case 0, 1 -> add("aten.add.Tensor", x, operand());
            case 2 -> add("aten.sub.Tensor", x, operand());
            case 3 -> add("aten.mul.Tensor", x, call("aten.sigmoid", operand()));
            case 4 -> add(new String[] {"aten.maximum", "aten.minimum"}[pick(2)], x, operand());
            case 5, 6 ->
                    add(
                            "aten."
                                    + new String[] {
                                                "relu",
                                                "tanh",
                                                "sigmoid",
                                                "gelu",
                                                "silu",
                                                "abs",
                                                "neg",
                                                "hardswish",
                                                "softplus"
                                            }
                                            [pick(9)],
                            x);
            case 7 -> add("aten.mul.Scalar", x, (pick(7) - 3) / 2.0);
            case 8 -> add("aten.clamp", x, -1.0, 1.5);
            case 9 ->
                    add(
                            "aten.where.self",
                            call("aten.gt.Tensor", values.get(0), values.get(1)),
                            x,
                            operand());
            case 10 -> add("aten.mean.dim", x, new long[] {dim}, pick(2) == 0);
            case 11 ->
                    add(
                            "aten.sum.dim_IntList",
                            call("aten.tanh", x),
                            new long[] {dim},
                            pick(2) == 0);
            case 12 -> add("aten.amax", x, new long[] {dim}, pick(2) == 0);
            case 13 -> add("aten.softmax.int", x, dim);
            case 14 ->
                    add(
                            "aten.layer_norm",
                            x,
                            new long[] {last(s)},
                            input("weight", last(s)),
                            null,
                            0.01);
            case 15 -> add("aten.permute", x, rotated(rank));
            case 16 -> add("aten.view", x, new long[] {-1, last(s)});
            case 17 -> add("aten.unsqueeze", x, pick(rank + 1));
            case 18 -> add("aten.slice.Tensor", x, dim, pick(2), Long.MAX_VALUE, 1 + pick(2));
            case 19 -> add("aten.cat", List.of(x, operand()), dim);
            case 20 ->
                    add("aten.linear", x, input("weight", 1 + pick(9), last(s)), input("bias", 1));
            case 21 -> convolution(x, s);
            case 22 -> batchNorm(x, s);
            default -> add("aten.reshape", x, new long[] {-1});
        }
    }

    private static long last(Sizes s) {
        if (s.rank() == 0) {
            throw new IllegalArgumentException("no dimension");
        }
        return s.get(-1);
    }

    private static long[] rotated(int rank) {
        long[] order = new long[rank];
        Arrays.setAll(order, d -> (d + 1) % rank);
        return order;
    }

    private void convolution(Value x, Sizes s) {
        int k = 1 + 2 * pick(2);
        if (s.rank() != 4) {
            throw new IllegalArgumentException("not an image");
        }
        Value w = input("weight", 4, s.get(1), k, k);
        add(
                "aten.conv2d",
                x,
                w,
                null,
                new long[] {1 + pick(2)},
                new long[] {k / 2},
                new long[] {1},
                1);
    }

    private void batchNorm(Value x, Sizes s) {
        if (s.rank() < 2) {
            throw new IllegalArgumentException("no channels");
        }
        long c = s.get(1);
        add(
                "aten.batch_norm",
                x,
                input("weight", c),
                input("bias", c),
                input("mean", c),
                input("variance", c),
                false,
                0.1,
                1e-3,
                false);
    }
}
