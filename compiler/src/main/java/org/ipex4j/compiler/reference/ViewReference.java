package org.ipex4j.compiler.reference;

import java.util.List;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;
import org.ipex4j.ir.op.Strided;
import org.ipex4j.ir.op.Trait;
import org.ipex4j.ir.op.ViewRules;

/** Views, by their stride rules on a contiguous input, and copies. */
final class ViewReference {
    private ViewReference() {}

    static void addTo(ReferenceTable t) {
        for (Op op : OpCatalog.all()) {
            if (op.is(Trait.VIEW)) {
                t.add(op.name(), (a, types) -> view(op, a));
            }
        }
        t.add("aten.clone", (a, types) -> List.of(a.tensor("self")));
        t.add("aten.contiguous", (a, types) -> List.of(a.tensor("self")));
        t.add(
                "aten.copy",
                (a, types) ->
                        List.of(
                                a.tensor("src")
                                        .to(types.getFirst().dtype())
                                        .broadcast(types.getFirst().sizes())));
    }

    private static List<RefTensor> view(Op op, Args<RefTensor> args) {
        RefTensor self = args.tensor("self");
        List<Strided> views =
                ViewRules.apply(op, args.map(x -> Strided.contiguous(x.sizes())))
                        .orElseThrow(
                                () ->
                                        new IllegalStateException(
                                                op + " needs a copy of a contiguous tensor"));
        return views.stream()
                .map(
                        v -> {
                            int[] source = Indexing.strided(v.sizes(), v.strides(), v.offset());
                            for (int s : source) {
                                if (s >= self.numel()) {
                                    throw new IllegalArgumentException(
                                            op
                                                    + ": "
                                                    + v
                                                    + " reaches past the "
                                                    + self.numel()
                                                    + " elements of "
                                                    + self.sizes());
                                }
                            }
                            return self.gather(v.sizes(), i -> source[i]);
                        })
                .toList();
    }
}
