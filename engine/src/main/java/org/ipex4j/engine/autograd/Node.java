package org.ipex4j.engine.autograd;

import java.util.ArrayList;
import java.util.List;
import org.ipex4j.ir.TensorType;
import org.ipex4j.runtime.Tensor;

/** One recorded computation: where gradients of its inputs go, and how they come about. */
final class Node {
    /** An array whose gradient was asked for although a node made it. */
    private record Watcher(int output, AutogradMeta array) {}

    private static final Edge[] NOWHERE = {};

    final Tape tape;

    /** Position on the tape; inputs come from lower ones. */
    final int sequence;

    final String name;
    private final BackwardFunction function;
    private final TensorType[] outputs;
    private Edge[] inputs;
    private List<Watcher> watchers = List.of();
    private boolean freed;

    /** Gradients that have arrived so far in the walk under way; null outside of one. */
    private Tensor[] pending;

    Node(
            Tape tape,
            int sequence,
            String name,
            Edge[] inputs,
            TensorType[] outputs,
            BackwardFunction function) {
        this.tape = tape;
        this.sequence = sequence;
        this.name = name;
        this.inputs = inputs;
        this.outputs = outputs;
        this.function = function;
    }

    Edge input(int i) {
        return inputs[i];
    }

    /** Makes the gradient of an output arrive in the array too. */
    void watch(int output, AutogradMeta array) {
        List<Watcher> more = new ArrayList<>(watchers);
        more.add(new Watcher(output, array));
        watchers = more;
    }

    /**
     * Adds to what has arrived for an output.
     *
     * @param grad the node's from here on
     * @return whether it is the first gradient that arrives at this node
     */
    boolean deliver(int output, Tensor grad) {
        boolean first = pending == null;
        if (first) {
            pending = new Tensor[outputs.length];
        }
        pending[output] = pending[output] == null ? grad : Gradients.sum(pending[output], grad);
        return first;
    }

    /** Drops what has arrived. */
    void abandon() {
        if (pending != null) {
            for (Tensor t : pending) {
                if (t != null) {
                    t.close();
                }
            }
            pending = null;
        }
    }

    /** Turns what has arrived into gradients of the inputs; the caller's to close. */
    Tensor[] run() {
        if (freed && !function.savesNothing()) {
            throw new IllegalStateException(
                    "backward goes through "
                            + name
                            + " a second time, but what it had saved was freed as the first one went:"
                            + " add the targets up, or keep it with"
                            + " IpexGradientCollector.backward(target, true)");
        }
        try {
            for (Watcher w : watchers) {
                if (pending[w.output] != null) {
                    w.array.accumulate(pending[w.output].alias());
                }
            }
            Tensor[] grads = function.backward(pending);
            if (grads.length != inputs.length) {
                Gradients.closeAll(grads);
                throw new IllegalStateException(
                        name
                                + ": backward gave "
                                + grads.length
                                + " gradients for "
                                + inputs.length
                                + " inputs");
            }
            return grads;
        } finally {
            abandon();
        }
    }

    /** The type a gradient of an output has. */
    TensorType type(int output) {
        return outputs[output];
    }

    /** Frees what was saved. */
    void free() {
        freed = true;
        function.close();
    }

    /** Ends the node with its tape: arrays that live on hold no chain of nodes. */
    void dispose() {
        free();
        inputs = NOWHERE;
        watchers = List.of();
    }
}
