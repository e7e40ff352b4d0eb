package org.ipex4j.compiler.kernel;

import java.util.Optional;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;

/** Casts between the floating types that the library computes in. */
public final class Casts {
    private Casts() {}

    /** True for a change between f32 and bf16 and nothing else. */
    public static boolean isCast(Node n) {
        return n.is("aten._to_copy")
                && n.operands().size() == 1
                && isFloat(n.operands().getFirst())
                && isFloat(n.result())
                && n.operands().getFirst().type().dtype() != n.result().type().dtype();
    }

    private static boolean isFloat(Value v) {
        return v.type().dtype() == DType.FLOAT32 || v.type().dtype() == DType.BFLOAT16;
    }

    /** What a bf16 value was before it was rounded, if it was f32. */
    static Optional<Value> unrounded(Graph graph, Value v) {
        Node maker = graph.producer(v);
        return maker != null && v.type().dtype() == DType.BFLOAT16 && isCast(maker)
                ? Optional.of(maker.operands().getFirst())
                : Optional.empty();
    }
}
