package org.ipex4j.engine.autograd;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.ipex4j.engine.dispatch.TensorOps;
import org.ipex4j.runtime.Tensor;

/** The arrays that hold a gradient, so that a new collector can begin with none, and sums. */
final class Gradients {
    private static final Set<AutogradMeta> HOLDERS =
            Collections.newSetFromMap(new IdentityHashMap<>());

    private Gradients() {}

    static void add(AutogradMeta holder) {
        synchronized (HOLDERS) {
            HOLDERS.add(holder);
        }
    }

    static void remove(AutogradMeta holder) {
        synchronized (HOLDERS) {
            HOLDERS.remove(holder);
        }
    }

    /** Drops every gradient: arrays that require one show zeros again. */
    static void reset() {
        AutogradMeta[] all;
        synchronized (HOLDERS) {
            all = HOLDERS.toArray(AutogradMeta[]::new);
            HOLDERS.clear();
        }
        for (AutogradMeta holder : all) {
            holder.dropGradient();
        }
    }

    /** The sum of two gradients of one type, both of which it takes over; in place where it can. */
    static Tensor sum(Tensor a, Tensor b) {
        try (b) {
            if (isOwn(a)) {
                TensorOps.addInto(a, b);
                return a;
            }
            try (a) {
                return TensorOps.add(a, b);
            }
        }
    }

    /**
     * A dense tensor of memory that nobody else sees, made of the given one, which it takes over.
     */
    static Tensor own(Tensor t) {
        if (isOwn(t)) {
            return t;
        }
        try (t) {
            return TensorOps.copy(t);
        }
    }

    private static boolean isOwn(Tensor t) {
        return !t.storage().isShared() && t.isContiguous() && !t.isReadOnly();
    }

    static void closeAll(Tensor[] tensors) {
        for (Tensor t : tensors) {
            if (t != null) {
                t.close();
            }
        }
    }
}
