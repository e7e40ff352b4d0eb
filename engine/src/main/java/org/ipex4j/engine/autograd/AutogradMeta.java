package org.ipex4j.engine.autograd;

import org.ipex4j.engine.dispatch.TensorOps;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.Strided;
import org.ipex4j.runtime.Tensor;

/**
 * What autograd knows of one array: whether a gradient is wanted and what has come together of it,
 * which node made the array, and whose memory it is a view of.
 *
 * <p>Views share their root's history: writing in place through one of them changes the root's, and
 * the others derive theirs from it anew when they are used next.
 */
public final class AutogradMeta {
    private final TensorType type;

    /** The array whose memory this one is a view of; null for one with memory of its own. */
    private final AutogradMeta root;

    private final Strided geometry;

    /** Guarded by this; dense, of the array's type. */
    private Tensor gradient;

    private volatile boolean requiresGradient;
    private boolean closed;
    private Node node;
    private int output;

    /** Number of the latest in-place write that changed the history; for a view, the one seen. */
    private long writes;

    private AutogradMeta(TensorType type, AutogradMeta root, Strided geometry) {
        this.type = type;
        this.root = root;
        this.geometry = geometry;
        this.writes = root == null ? 0 : root.writes;
    }

    /** Of an array with memory of its own. */
    public static AutogradMeta of(Tensor tensor) {
        return new AutogradMeta(tensor.type(), null, geometry(tensor));
    }

    /** Of an array of a graph that is being captured. */
    public static AutogradMeta of(TensorType type) {
        return new AutogradMeta(type, null, Strided.contiguous(type.sizes()));
    }

    /**
     * Of a view of another array.
     *
     * @param known what is known of it so far; null for nothing
     */
    public static AutogradMeta view(AutogradMeta known, Tensor tensor, AutogradMeta of) {
        AutogradMeta view = new AutogradMeta(tensor.type(), of.root(), geometry(tensor));
        if (known != null) {
            view.setNode(known.node, known.output);
        }
        return view;
    }

    private static Strided geometry(Tensor t) {
        return new Strided(t.sizes(), t.strides(), t.offset());
    }

    TensorType type() {
        return type;
    }

    /** The array whose memory this is a view of, or this one. */
    AutogradMeta root() {
        return root == null ? this : root;
    }

    /** Where the elements lie in the storage. */
    Strided geometry() {
        return geometry;
    }

    /** Whether a gradient is wanted for this array. */
    public boolean requiresGradient() {
        return requiresGradient;
    }

    /**
     * Says whether a gradient is wanted. For an array that ops on the open tape made, it arrives
     * beside the way on; otherwise the array becomes a leaf.
     *
     * @throws IllegalArgumentException for an array of integers or booleans
     */
    public void setRequiresGradient(boolean wanted) {
        if (wanted && !type.dtype().isFloating()) {
            throw new IllegalArgumentException(
                    "only arrays of floating types can require a gradient, got " + type);
        }
        if (wanted && !requiresGradient) {
            Tape tape = Tape.recording();
            Edge edge = tape == null ? null : edge(tape);
            if (edge != null) {
                edge.node().watch(edge.output(), this);
            }
        }
        requiresGradient = wanted;
        if (!wanted) {
            Gradients.remove(this);
            dropGradient();
        }
    }

    /** Where this array's gradient goes; null where none is needed. */
    Edge edge(Tape tape) {
        if (root != null && writes != root.writes) {
            if (requiresGradient && !isOn(tape)) {
                throw new IllegalStateException(
                        "an array "
                                + type
                                + " that requires a gradient is a view of memory that was changed in place"
                                + " since: its numbers are no longer its own; duplicate it first");
            }
            node = null;
            Edge base = root.edge(tape);
            if (base != null) {
                setNode(tape.add("view", new InPlace.View(root, this), new Edge[] {base}, type), 0);
            }
            writes = root.writes;
        }
        if (isOn(tape)) {
            return Edge.to(node, output);
        }
        return requiresGradient ? Edge.to(this) : null;
    }

    private boolean isOn(Tape tape) {
        return node != null && node.tape == tape;
    }

    /** Says which node made the array; null for one that depends on nothing. */
    void setNode(Node made, int result) {
        node = made;
        output = result;
    }

    /** Says that the history is another one, by an in-place write: views derive theirs anew. */
    void written(Edge now) {
        setNode(now == null ? null : now.node(), now == null ? 0 : now.output());
        writes = Tape.nextWrite();
    }

    /** Whether the array was made on the tape. */
    boolean isLeaf(Tape tape) {
        return requiresGradient && !isOn(tape);
    }

    /**
     * Adds to the gradient.
     *
     * @param grad taken over; of the array's type
     */
    synchronized void accumulate(Tensor grad) {
        if (closed) {
            grad.close(); // nobody can ask for it
            return;
        }
        if (gradient == null) {
            gradient = Gradients.own(grad);
            Gradients.add(this);
        } else {
            // In place: whoever holds the gradient's array sees it, as in PyTorch.
            try (grad) {
                TensorOps.addInto(gradient, grad);
            }
        }
    }

    /** Another handle of the gradient, the caller's to close; zeros where nothing has arrived. */
    public synchronized Tensor gradient() {
        if (gradient == null) {
            gradient = TensorOps.zeros(type);
            Gradients.add(this);
        }
        return gradient.alias();
    }

    synchronized void dropGradient() {
        if (gradient != null) {
            gradient.close();
            gradient = null;
        }
    }

    /** Takes wish and gradient over from what was known of the array before its numbers were. */
    public void inherit(AutogradMeta replaced) {
        if (replaced.requiresGradient) {
            setRequiresGradient(true);
            Tensor grad = replaced.takeGradient();
            if (grad != null) {
                accumulate(grad);
            }
        }
        replaced.close();
    }

    private synchronized Tensor takeGradient() {
        Tensor taken = gradient;
        gradient = null;
        return taken;
    }

    /** Frees the gradient with the array. */
    public void close() {
        synchronized (this) {
            closed = true;
            dropGradient();
        }
        Gradients.remove(this);
    }
}
