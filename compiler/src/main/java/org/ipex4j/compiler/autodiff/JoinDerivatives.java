package org.ipex4j.compiler.autodiff;

import java.util.ArrayList;
import java.util.List;
import org.ipex4j.compiler.decompose.Emitter;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.graph.Value;

/** Joins, repeats, paddings and rearrangements. */
final class JoinDerivatives {
    private JoinDerivatives() {}

    static void addTo(DerivativeTable t) {
        t.add("aten.cat", JoinDerivatives::cat);
        t.unary("aten.flip", (g, c, e) -> e.call("aten.flip", g, c.args().integers("dims")));
        t.unary(
                "aten.constant_pad_nd",
                (g, c, e) -> {
                    long[] back = c.args().integers("pad").clone();
                    for (int i = 0; i < back.length; i++) {
                        back[i] = -back[i];
                    }
                    return e.call("aten.constant_pad_nd", g, back, 0.0);
                });
        for (String half : List.of("aten.tril", "aten.triu")) {
            t.unary(half, (g, c, e) -> e.call(half, g, c.args().integer("diagonal")));
        }
    }

    private static List<Value> cat(ForwardCall c, List<Value> grads, Emitter e) {
        Value g = grads.getFirst();
        List<Value> parts = c.args().tensors("tensors");
        int dim = c.out().type().sizes().wrap(c.args().integer("dim"));
        List<Value> out = new ArrayList<>();
        long from = 0;
        for (int i = 0; i < parts.size(); i++) {
            Sizes sizes = parts.get(i).type().sizes();
            // ATen skips tensors of sizes [0], whatever the rank of the others.
            boolean skipped = sizes.rank() == 1 && sizes.get(0) == 0;
            long length = skipped ? 0 : sizes.get(dim);
            Value part =
                    !c.needs()[i] || skipped
                            ? null
                            : e.call("aten.slice.Tensor", g, (long) dim, from, from + length, 1L);
            out.add(part == null ? null : Grads.fit(e, part, parts.get(i).type()));
            from += length;
        }
        return out;
    }
}
