package org.ipex4j.compiler.layout;

import java.util.List;
import java.util.Optional;
import org.ipex4j.compiler.kernel.KernelNode;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Strided;
import org.ipex4j.ir.op.ViewRules;
import org.ipex4j.ir.plan.BufferType;
import org.ipex4j.ir.plan.Layout;

/** Places views in the storage of their base. */
final class Views {
    private Views() {}

    /** Where the view's result lies; empty if the base's strides do not allow it. */
    static Optional<Placement> place(KernelNode.Alias a, Placement base) {
        if (!base.type().layout().isPlain()) {
            return Optional.empty();
        }
        // as_strided counts over its input as if that lay row-major and alone.
        boolean counts = a.view().is("aten.as_strided");
        if (counts && !base.type().layout().isContiguous(base.type().sizes())) {
            return Optional.empty();
        }
        long start = counts ? base.offset() : 0;
        Strided self =
                new Strided(
                        base.type().sizes(), base.type().layout().strides(), base.offset() - start);
        Optional<List<Strided>> views =
                ViewRules.apply(a.view().op(), a.view().args().map((Value v) -> self));
        return views.map(
                v -> {
                    Strided s = v.get(a.view().results().indexOf(a.result()));
                    return new Placement(
                            base.root(),
                            new BufferType(
                                    a.result().type().dtype(),
                                    s.sizes(),
                                    Layout.strided(s.strides())),
                            start + s.offset());
                });
    }
}
