package org.ipex4j.compiler.pass;

import java.util.HashMap;
import java.util.Map;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Scalar;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphRewriter;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Trait;

/**
 * Arithmetic on numbers known at compile time: chains of scalar operations on integers (where
 * regrouping is exact), and pointwise operations on tensors that hold one repeated number. Larger
 * constant tensors need nothing here: what depends on constants alone moves to the prologue.
 */
public final class FoldConstants implements Pass {
    @Override
    public String name() {
        return "fold-constants";
    }

    @Override
    public Graph run(Graph graph) {
        if (graph.nodes().stream().anyMatch(n -> n.op().is(Trait.MUTATION))) {
            return graph;
        }
        Map<Value, Node> producers = new HashMap<>();
        return GraphRewriter.rewrite(
                graph,
                (old, args, out) -> {
                    Value folded =
                            old.results().size() == 1 ? fold(old, args, out, producers) : null;
                    if (folded != null) {
                        return java.util.List.of(folded);
                    }
                    var results = out.call(old.op(), args);
                    Node copy = new Node(old.op(), args, results, old.source());
                    results.forEach(r -> producers.put(r, copy));
                    return results;
                });
    }

    private static Value fold(
            Node old,
            Args<Value> a,
            org.ipex4j.ir.graph.GraphBuilder out,
            Map<Value, Node> producers) {
        boolean add = old.is("aten.add.Scalar");
        boolean mul = old.is("aten.mul.Scalar");
        if (!add && !mul) {
            return null;
        }
        Node inner = producers.get(a.tensor("self"));
        if (inner == null) {
            return null;
        }
        if (inner.is("aten.full") && old.result().type().equals(a.tensor("self").type())) {
            Node made = filled(old, a, inner, add, out);
            if (made == null) {
                return null;
            }
            producers.put(made.result(), made);
            return made.result();
        }
        boolean same =
                inner.op() == old.op()
                        && old.result().type().dtype() == DType.INT64
                        && inner.args().tensor("self").type().equals(old.result().type());
        if (!same) {
            return null;
        }
        Scalar x = inner.args().number("other");
        Scalar y = a.number("other");
        if (!(x instanceof Scalar.Int) || !(y instanceof Scalar.Int)) {
            return null;
        }
        if (mul) {
            return out.call(
                    "aten.mul.Scalar", inner.args().tensor("self"), x.toLong() * y.toLong());
        }
        long sum =
                x.toLong() * inner.args().number("alpha").toLong()
                        + y.toLong() * a.number("alpha").toLong();
        return out.call("aten.add.Scalar", inner.args().tensor("self"), sum);
    }

    private static Node filled(
            Node old, Args<Value> a, Node full, boolean add, org.ipex4j.ir.graph.GraphBuilder out) {
        DType type = old.result().type().dtype();
        if (type != DType.FLOAT64 && type != DType.FLOAT32) {
            return null;
        }
        double x = round(type, full.args().number("fill_value").toDouble());
        double y = a.number("other").toDouble();
        double result = round(type, add ? x + y * a.number("alpha").toDouble() : x * y);
        Args<Value> args =
                full.args()
                        .with("fill_value", new org.ipex4j.ir.op.Arg.Number<>(Scalar.of(result)));
        return new Node(full.op(), args, out.call(full.op(), args), old.source());
    }

    private static double round(DType type, double v) {
        return type == DType.FLOAT32 ? (float) v : v;
    }
}
