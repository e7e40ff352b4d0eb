package org.ipex4j.compiler.layout;

import java.util.List;
import java.util.Optional;
import org.ipex4j.compiler.kernel.KernelNode;
import org.ipex4j.ir.Sizes;
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
            return a.view().is("aten.slice.Tensor") ? slice(a, base) : Optional.empty();
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

    /** A slice of a blocked tensor along a dimension that has no blocks lies as the tensor does. */
    private static Optional<Placement> slice(KernelNode.Alias a, Placement base) {
        Sizes sizes = base.type().sizes();
        Layout layout = base.type().layout();
        int dim = sizes.wrap(a.view().args().integer("dim"));
        long size = sizes.get(dim);
        long start = a.view().args().optionalInteger("start").orElse(0L);
        long first = Math.clamp(start < 0 ? start + size : start, 0, size);
        if (a.view().args().integer("step") != 1 || layout.blockOf(dim) != 1) {
            return Optional.empty();
        }
        return Optional.of(
                new Placement(
                        base.root(),
                        new BufferType(
                                a.result().type().dtype(), a.result().type().sizes(), layout),
                        base.offset() + first * layout.strides()[dim]));
    }
}
