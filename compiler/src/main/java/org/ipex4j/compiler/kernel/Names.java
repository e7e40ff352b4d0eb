package org.ipex4j.compiler.kernel;

import java.util.List;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Source;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;

/** Makes values and nodes beyond those of the graph, with ids that no other value has. */
public final class Names {
    private int next;

    /** Ids above all of the graph's. */
    public Names(Graph graph) {
        graph.inputs().forEach(in -> next = Math.max(next, in.value().id() + 1));
        graph.nodes().forEach(n -> n.results().forEach(r -> next = Math.max(next, r.id() + 1)));
    }

    /** Ids above all of a graph's and of the kernel graph made from it. */
    public static Names after(Graph graph, KernelGraph kernels) {
        Names names = new Names(graph);
        kernels.nodes()
                .forEach(
                        n ->
                                n.writes()
                                        .forEach(
                                                w ->
                                                        names.next =
                                                                Math.max(names.next, w.id() + 1)));
        return names;
    }

    public Value fresh(TensorType type) {
        return new Value(next++, type);
    }

    /** A call of a one-result op. */
    public Node call(Source source, String op, Object... args) {
        Op found = OpCatalog.get(op);
        Args<Value> full = Args.of(found.schema(), args);
        TensorType type = found.infer(full.map(Value::type)).getFirst();
        return new Node(found, full, List.of(fresh(type)), source);
    }

    /** A view of the value by the given op, as a kernel node. */
    public KernelNode.Alias alias(Source source, String op, Value base, Object... args) {
        Object[] all = new Object[args.length + 1];
        all[0] = base;
        System.arraycopy(args, 0, all, 1, args.length);
        Node view = call(source, op, all);
        return new KernelNode.Alias(view, base, view.result());
    }
}
