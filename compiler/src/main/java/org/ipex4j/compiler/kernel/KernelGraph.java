package org.ipex4j.compiler.kernel;

import java.util.List;
import java.util.stream.Collectors;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.plan.MathMode;

/**
 * What will run, in order, before anything is said about memory: library calls with their
 * epilogues, views, fused kernels and host routines. Immutable.
 */
public record KernelGraph(List<Input> inputs, List<KernelNode> nodes, List<Value> outputs) {
    public KernelGraph {
        inputs = List.copyOf(inputs);
        nodes = List.copyOf(nodes);
        outputs = List.copyOf(outputs);
    }

    /** The same with another arithmetic inside library calls that read and write FP32. */
    public KernelGraph withMath(MathMode mode) {
        return mode == MathMode.STRICT
                ? this
                : new KernelGraph(
                        inputs, nodes.stream().map(n -> withMath(n, mode)).toList(), outputs);
    }

    private static KernelNode withMath(KernelNode n, MathMode mode) {
        return n instanceof KernelNode.Library l
                        && l.call().output().dtype() == DType.FLOAT32
                        && l.call().inputs().stream().allMatch(t -> t.dtype() == DType.FLOAT32)
                ? new KernelNode.Library(
                        l.call().withMath(mode),
                        l.operands(),
                        l.accumulate(),
                        l.result(),
                        l.second(),
                        l.nodes(),
                        l.implementation())
                : n;
    }

    /** One line per node. */
    @Override
    public String toString() {
        StringBuilder out = new StringBuilder("kernels(");
        out.append(
                inputs.stream()
                        .map(i -> i.role().text() + " " + i.value() + ": " + i.value().type())
                        .collect(Collectors.joining(", ")));
        out.append(") {\n");
        for (KernelNode n : nodes) {
            out.append("  ").append(print(n)).append('\n');
        }
        return out.append("  return ").append(outputs).append("\n}\n").toString();
    }

    static String print(KernelNode n) {
        String left =
                n.writes().stream().map(v -> v + ": " + v.type()).collect(Collectors.joining(", "));
        String right =
                switch (n) {
                    case KernelNode.Library l ->
                            l.call().kind()
                                    + l.operands()
                                    + l.accumulate().map(a -> " onto " + a).orElse("")
                                    + (l.call().postOps().isEmpty()
                                            ? ""
                                            : " "
                                                    + l.call().postOps().stream()
                                                            .map(KernelGraph::shortName)
                                                            .toList());
                    case KernelNode.Alias a -> a.view().op().name() + " of " + a.base();
                    case KernelNode.Loop l ->
                            "loop"
                                    + l.reads()
                                    + " "
                                    + l.nodes().stream().map(x -> x.op().name()).toList();
                    case KernelNode.Host h -> "host " + h.node().op().name() + h.reads();
                };
        return left + " = " + right;
    }

    private static String shortName(org.ipex4j.ir.plan.PostOp op) {
        return switch (op) {
            case org.ipex4j.ir.plan.PostOp.Eltwise e -> e.algorithm();
            case org.ipex4j.ir.plan.PostOp.Sum s -> "sum";
            case org.ipex4j.ir.plan.PostOp.Binary b -> b.algorithm();
        };
    }
}
