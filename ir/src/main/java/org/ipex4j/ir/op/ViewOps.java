package org.ipex4j.ir.op;

import java.util.List;

/**
 * Views, and what makes them into arrays of their own. {@code reshape}, {@code flatten} and their
 * kin copy where {@link ViewRules} says that no strides express the result; in a graph, where a
 * value has no strides, that makes no difference. {@code as_strided} counts over its input as if it
 * were contiguous.
 */
final class ViewOps {
    private ViewOps() {}

    static void addTo(OpCatalog catalog) {
        view(catalog, "aten::alias(Tensor(a) self) -> Tensor(a)");
        view(catalog, "aten::detach(Tensor(a) self) -> Tensor(a)");
        view(catalog, "aten::view(Tensor(a) self, int[] size) -> Tensor(a)");
        view(catalog, "aten::_unsafe_view(Tensor self, int[] size) -> Tensor");
        view(catalog, "aten::reshape(Tensor(a) self, int[] shape) -> Tensor(a)");
        view(
                catalog,
                "aten::flatten.using_ints(Tensor(a) self, int start_dim=0, int end_dim=-1) -> Tensor(a)");
        view(catalog, "aten::unflatten.int(Tensor(a) self, int dim, int[] sizes) -> Tensor(a)");
        view(catalog, "aten::permute(Tensor(a) self, int[] dims) -> Tensor(a)");
        view(catalog, "aten::transpose.int(Tensor(a) self, int dim0, int dim1) -> Tensor(a)");
        view(catalog, "aten::swapaxes(Tensor(a) self, int axis0, int axis1) -> Tensor(a)");
        view(catalog, "aten::t(Tensor(a) self) -> Tensor(a)");
        view(
                catalog,
                "aten::movedim.intlist(Tensor(a) self, int[] source, int[] destination) -> Tensor(a)");
        view(
                catalog,
                "aten::movedim.int(Tensor(a) self, int source, int destination) -> Tensor(a)");
        view(catalog, "aten::squeeze(Tensor(a) self) -> Tensor(a)");
        view(catalog, "aten::squeeze.dim(Tensor(a) self, int dim) -> Tensor(a)");
        view(catalog, "aten::squeeze.dims(Tensor(a) self, int[] dim) -> Tensor(a)");
        view(catalog, "aten::unsqueeze(Tensor(a) self, int dim) -> Tensor(a)");
        view(
                catalog,
                "aten::expand(Tensor(a) self, int[] size, *, bool implicit=False) -> Tensor(a)");
        view(catalog, "aten::broadcast_to(Tensor(a) self, int[] size) -> Tensor(a)");
        view(
                catalog,
                "aten::slice.Tensor(Tensor(a) self, int dim=0, int? start=None, int? end=None, int step=1) -> Tensor(a)");
        view(catalog, "aten::select.int(Tensor(a) self, int dim, int index) -> Tensor(a)");
        view(catalog, "aten::narrow(Tensor(a) self, int dim, int start, int length) -> Tensor(a)");
        view(
                catalog,
                "aten::split.Tensor(Tensor(a -> *) self, int split_size, int dim=0) -> Tensor(a)[]");
        view(
                catalog,
                "aten::split_with_sizes(Tensor(a -> *) self, int[] split_sizes, int dim=0) -> Tensor(a)[]");
        view(catalog, "aten::chunk(Tensor(a -> *) self, int chunks, int dim=0) -> Tensor(a)[]");
        view(catalog, "aten::unbind.int(Tensor(a -> *) self, int dim=0) -> Tensor(a)[]");
        view(
                catalog,
                "aten::diagonal(Tensor(a) self, int offset=0, int dim1=0, int dim2=1) -> Tensor(a)");
        view(
                catalog,
                "aten::unfold(Tensor(a) self, int dimension, int size, int step) -> Tensor(a)");
        view(
                catalog,
                "aten::as_strided(Tensor(a) self, int[] size, int[] stride, int? storage_offset=None) -> Tensor(a)");

        // Memory formats are the layout pass's business, so the argument memory_format is left out.
        catalog.add(
                "aten::clone(Tensor self) -> Tensor", a -> List.of(a.tensor("self")), (a, r) -> 0);
        catalog.add(
                "aten::contiguous(Tensor(a) self) -> Tensor(a)",
                a -> List.of(a.tensor("self")),
                (a, r) -> 0);
        catalog.add(
                "aten::copy(Tensor self, Tensor src, bool non_blocking=False) -> Tensor",
                a -> {
                    Strided src = Strided.contiguous(a.tensor("src").sizes());
                    ViewRules.checkExpands(src, a.tensor("self").sizes());
                    return List.of(a.tensor("self"));
                },
                (a, r) -> 0);
    }

    private static void view(OpCatalog catalog, String schema) {
        catalog.add(
                schema, ViewRules.typeRule(Schema.parse(schema).name()), (a, r) -> 0, Trait.VIEW);
    }
}
