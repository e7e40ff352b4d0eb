package org.ipex4j.engine.autograd;

import org.ipex4j.engine.dispatch.TensorOps;
import org.ipex4j.engine.ndarray.IpexNDArray;
import org.ipex4j.ir.op.Strided;
import org.ipex4j.runtime.Tensor;

/** What in-place writes do to histories, and how gradients flow between an array and its views. */
final class InPlace {
    private InPlace() {}

    /** See {@link Tape#written}. */
    static void written(Tape tape, IpexNDArray array, IpexNDArray value) {
        AutogradMeta meta = array.autogradMeta();
        AutogradMeta from = value.autograd();
        Edge edge = from == null ? null : from.edge(tape);
        AutogradMeta root = meta.root();
        if (root == meta) {
            refusePieces(meta, array);
            meta.written(edge == null || edge.node() != null ? edge : copied(tape, edge));
            return;
        }
        Edge rest = root.edge(tape);
        if (edge == null && rest == null) {
            return;
        }
        root.written(
                Edge.to(
                        tape.add(
                                "in-place write to a view",
                                new Write(root, meta),
                                new Edge[] {rest, edge},
                                root.type()),
                        0));
    }

    /** A node for the copy of a leaf. */
    private static Edge copied(Tape tape, Edge leaf) {
        return Edge.to(
                tape.add("in-place write", new Copy(), new Edge[] {leaf}, leaf.leaf().type()), 0);
    }

    /**
     * An array that is part of a storage must be a known view, or its root's history is unknown.
     */
    private static void refusePieces(AutogradMeta meta, IpexNDArray array) {
        if (array.tensor().storage().byteSize() != meta.type().byteSize()) {
            throw new IllegalStateException(
                    "an array "
                            + meta.type()
                            + " that shares its memory with arrays which autograd does not know cannot be"
                            + " changed in place while a gradient collector records; duplicate it first");
        }
    }

    /** The part of a dense tensor, laid out as the root, that a view covers. */
    private static Tensor part(Tensor dense, AutogradMeta root, AutogradMeta view) {
        Strided g = view.geometry();
        return dense.view(g.sizes(), g.strides(), g.offset() - root.geometry().offset());
    }

    private static void requireDense(AutogradMeta root) {
        Strided dense = Strided.contiguous(root.type().sizes());
        if (!java.util.Arrays.equals(dense.strides(), root.geometry().strides())) {
            throw new IllegalStateException(
                    "an array "
                            + root.geometry()
                            + " that is not row-major was changed through a view while a gradient collector"
                            + " records: that has no gradient; duplicate it first");
        }
    }

    /** An array was copied. */
    private static final class Copy implements BackwardFunction {
        @Override
        public Tensor[] backward(Tensor[] grads) {
            return new Tensor[] {grads[0].alias()};
        }

        @Override
        public boolean savesNothing() {
            return true;
        }

        @Override
        public void close() {}
    }

    /** A view was taken: its gradient is the root's in that part, and zeros elsewhere. */
    static final class View implements BackwardFunction {
        private final AutogradMeta root;
        private final AutogradMeta view;

        View(AutogradMeta root, AutogradMeta view) {
            requireDense(root);
            this.root = root;
            this.view = view;
        }

        @Override
        public Tensor[] backward(Tensor[] grads) {
            Tensor whole = TensorOps.zeros(root.type());
            try (Tensor part = part(whole, root, view)) {
                TensorOps.copyInto(grads[0], part);
            }
            return new Tensor[] {whole};
        }

        @Override
        public boolean savesNothing() {
            return true;
        }

        @Override
        public void close() {}
    }

    /** A part of the root was replaced: the root's old numbers keep the rest of the gradient. */
    private static final class Write implements BackwardFunction {
        private final AutogradMeta root;
        private final AutogradMeta view;

        Write(AutogradMeta root, AutogradMeta view) {
            requireDense(root);
            this.root = root;
            this.view = view;
        }

        @Override
        public Tensor[] backward(Tensor[] grads) {
            Tensor rest = TensorOps.copy(grads[0]);
            try (Tensor part = part(rest, root, view)) {
                Tensor written = TensorOps.copy(part);
                TensorOps.zero(part);
                return new Tensor[] {rest, written};
            }
        }

        @Override
        public boolean savesNothing() {
            return true;
        }

        @Override
        public void close() {}
    }
}
