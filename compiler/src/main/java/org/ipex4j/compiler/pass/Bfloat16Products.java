package org.ipex4j.compiler.pass;

import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.GraphRewriter;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;

/**
 * FP32 convolutions, matrix products and their derivatives by way of BF16: their operands are cast,
 * and their results cast back. For processors that multiply BF16 faster, but for which oneDNN does
 * not do so inside of FP32 calls (that needs AMX). Attention stays as it is, for its softmax.
 */
public final class Bfloat16Products implements Pass {
    private static final Set<String> OPS =
            Set.of(
                    "aten.conv1d",
                    "aten.conv1d.padding",
                    "aten.conv2d",
                    "aten.conv2d.padding",
                    "aten.conv3d",
                    "aten.conv3d.padding",
                    "aten.conv_transpose1d",
                    "aten.conv_transpose2d.input",
                    "aten.conv_transpose3d.input",
                    "aten.convolution",
                    "aten.convolution_backward",
                    "ipex.convolution_backward_data",
                    "ipex.convolution_backward_weights",
                    "aten.linear",
                    "aten.matmul",
                    "aten.mm",
                    "aten.addmm",
                    "aten.bmm",
                    "aten.addbmm",
                    "aten.baddbmm");

    private final boolean wanted;

    /**
     * @param wanted false where nothing is changed
     */
    public Bfloat16Products(boolean wanted) {
        this.wanted = wanted;
    }

    @Override
    public String name() {
        return "bfloat16-products";
    }

    @Override
    public Graph run(Graph graph) {
        return wanted ? GraphRewriter.rewrite(graph, Bfloat16Products::rewrite) : graph;
    }

    private static List<Value> rewrite(Node old, Args<Value> args, GraphBuilder out) {
        boolean fits =
                OPS.contains(old.op().name())
                        && args.allTensors().stream()
                                .allMatch(v -> v.type().dtype() == DType.FLOAT32);
        if (!fits) {
            return null;
        }
        UnaryOperator<Value> narrow = v -> out.call("aten._to_copy", v, DType.BFLOAT16);
        return out.call(old.op(), args.map(narrow)).stream()
                .map(v -> out.call("aten._to_copy", v, DType.FLOAT32))
                .toList();
    }
}
