package org.ipex4j.engine.autograd;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.ipex4j.engine.dispatch.TensorOps;
import org.ipex4j.engine.ndarray.IpexNDArray;
import org.ipex4j.ir.TensorType;
import org.ipex4j.runtime.Tensor;

/**
 * What a gradient collector records: nodes in the order of their computation. There is at most one
 * tape in the process, as DJL wants it, and it records what the thread that opened it does.
 */
public final class Tape implements AutoCloseable {
    private static final AtomicLong WRITES = new AtomicLong();

    /** The open tape; null if there is none. */
    private static volatile Tape open;

    private final Thread owner = Thread.currentThread();
    private final List<Node> nodes = new ArrayList<>();
    private int pauses;

    private Tape() {}

    /**
     * Opens the tape.
     *
     * @throws IllegalStateException if one is open already
     */
    static synchronized Tape open() {
        if (open != null) {
            throw new IllegalStateException(
                    "a gradient collector is open already, in thread '"
                            + open.owner.getName()
                            + "': close it first; there can be one at a time");
        }
        open = new Tape();
        return open;
    }

    /** The tape that records what this thread does; null if none does. */
    public static Tape recording() {
        Tape tape = open;
        return tape != null && tape.owner == Thread.currentThread() && tape.pauses == 0
                ? tape
                : null;
    }

    /** Ends a stretch that is not recorded. */
    public interface Pause extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Lets this thread compute without recording until the pause is closed: running statistics,
     * optimizer updates.
     */
    public static Pause pause() {
        Tape tape = open;
        if (tape == null || tape.owner != Thread.currentThread()) {
            return () -> {};
        }
        tape.pauses++;
        return () -> tape.pauses--;
    }

    /** Whether gradients flow to this array on the tape. */
    public boolean tracks(IpexNDArray array) {
        AutogradMeta meta = array.autograd();
        return meta != null && meta.edge(this) != null;
    }

    /** Whether gradients flow to this array or to the one whose view it is. */
    public boolean involves(IpexNDArray array) {
        AutogradMeta meta = array.autograd();
        return meta != null && (meta.edge(this) != null || meta.root().edge(this) != null);
    }

    /**
     * Records a computation that is already done.
     *
     * @param inputs the arrays it read; null for those that no gradient can reach
     * @param outputs the arrays it made, which have no history yet; null for those through which no
     *     gradient can come
     * @param name for messages, {@code aten.mul.Tensor}
     * @param function taken over: closed with the tape at the latest
     * @throws IllegalStateException if nothing is recorded in this thread
     */
    public static void record(
            IpexNDArray[] inputs, IpexNDArray[] outputs, String name, BackwardFunction function) {
        Tape tape = recording();
        if (tape == null) {
            function.close();
            throw new IllegalStateException(
                    name + ": no gradient collector records what this thread does");
        }
        Edge[] edges = new Edge[inputs.length];
        for (int i = 0; i < edges.length; i++) {
            AutogradMeta meta = inputs[i] == null ? null : inputs[i].autograd();
            edges[i] = meta == null ? null : meta.edge(tape);
        }
        TensorType[] types = new TensorType[outputs.length];
        for (int i = 0; i < types.length; i++) {
            types[i] = outputs[i] == null ? null : outputs[i].type();
        }
        Node node = tape.add(name, function, edges, types);
        for (int i = 0; i < outputs.length; i++) {
            if (outputs[i] != null) {
                outputs[i].autogradMeta().setNode(node, i);
            }
        }
    }

    Node add(String name, BackwardFunction function, Edge[] inputs, TensorType... outputs) {
        Node node = new Node(this, nodes.size(), name, inputs, outputs, function);
        nodes.add(node);
        return node;
    }

    /** A number for an in-place write that no other has. */
    static long nextWrite() {
        return WRITES.incrementAndGet();
    }

    /**
     * Refuses an in-place write that would change a leaf, as PyTorch does.
     *
     * @param op names it in the message
     */
    public void checkWritable(String op, IpexNDArray array) {
        AutogradMeta meta = array.autograd();
        if (meta == null) {
            return;
        }
        if (meta.isLeaf(this) || meta.root().isLeaf(this)) {
            throw new IllegalStateException(
                    op
                            + ": an array "
                            + meta.type()
                            + " that requires a gradient"
                            + (meta.isLeaf(this) ? "" : ", whose view this is,")
                            + " cannot be changed in place while a gradient collector records;"
                            + " change it after the collector is closed, or a copy of it");
        }
    }

    /**
     * Notes that {@code array} now holds the numbers of {@code value}, which has the same type: its
     * history is the value's, and that of the array whose view it is changes in that part.
     */
    public void written(IpexNDArray array, IpexNDArray value) {
        InPlace.written(this, array, value);
    }

    /**
     * Walks back.
     *
     * @param targets arrays whose gradients are given
     * @param seeds one per target, of its type, taken over; null for ones
     */
    void backward(IpexNDArray[] targets, Tensor[] seeds, boolean retain) {
        if (Thread.currentThread() != owner) {
            Gradients.closeAll(seeds);
            throw new IllegalStateException(
                    "backward: the gradient collector belongs to thread '"
                            + owner.getName()
                            + "', which opened it");
        }
        PriorityQueue<Node> ready =
                new PriorityQueue<>((a, b) -> Integer.compare(b.sequence, a.sequence));
        int begun = 0;
        try (Pause _ = pause()) {
            Edge[] edges = Arrays.stream(targets).map(this::target).toArray(Edge[]::new);
            for (; begun < targets.length; begun++) {
                Tensor seed = seeds[begun];
                arrive(
                        edges[begun],
                        seed == null ? TensorOps.full(targets[begun].type(), 1) : seed,
                        ready);
            }
            while (!ready.isEmpty()) {
                step(ready.poll(), retain, ready);
            }
        } finally {
            ready.forEach(Node::abandon);
            Gradients.closeAll(Arrays.copyOfRange(seeds, begun, seeds.length));
        }
    }

    private Edge target(IpexNDArray target) {
        AutogradMeta meta = target.autograd();
        Edge edge = meta == null ? null : meta.edge(this);
        if (edge == null) {
            throw new IllegalStateException(
                    "backward: the target of shape "
                            + target.getShape()
                            + " depends on no array that requires a gradient by ops recorded in this collector"
                            + " (in its thread '"
                            + owner.getName()
                            + "'); was it computed before, or behind stopGradient?");
        }
        return edge;
    }

    private static void step(Node node, boolean retain, PriorityQueue<Node> ready) {
        Tensor[] grads = node.run();
        if (!retain) {
            node.free();
        }
        for (int i = 0; i < grads.length; i++) {
            Tensor grad = grads[i];
            grads[i] = null;
            if (grad == null) {
                continue;
            }
            try {
                check(node, i, grad);
                arrive(node.input(i), grad, ready);
            } catch (RuntimeException | Error e) {
                Gradients.closeAll(grads);
                throw e;
            }
        }
    }

    private static void check(Node node, int i, Tensor grad) {
        Edge edge = node.input(i);
        if (edge != null) {
            TensorType wanted =
                    edge.leaf() != null ? edge.leaf().type() : edge.node().type(edge.output());
            if (!grad.type().equals(wanted)) {
                grad.close();
                throw new IllegalStateException(
                        node.name
                                + ": backward gave a gradient "
                                + grad.type()
                                + " for input "
                                + i
                                + ", which is "
                                + wanted);
            }
        }
    }

    private static void arrive(Edge edge, Tensor grad, PriorityQueue<Node> ready) {
        if (edge == null) {
            grad.close();
        } else if (edge.leaf() != null) {
            edge.leaf().accumulate(grad);
        } else if (edge.node().deliver(edge.output(), grad)) {
            ready.add(edge.node());
        }
    }

    /** Ends recording and frees what is still saved. */
    @Override
    public void close() {
        synchronized (Tape.class) {
            if (open == this) {
                open = null;
            }
        }
        nodes.forEach(Node::dispose);
        nodes.clear();
    }
}
