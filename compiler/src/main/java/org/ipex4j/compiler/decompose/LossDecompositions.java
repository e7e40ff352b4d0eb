package org.ipex4j.compiler.decompose;

import java.util.List;
import java.util.Optional;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;

/**
 * Negative log likelihood. Forward reads by index, which refuses a class out of range; backward
 * compares with the index, so that it fuses.
 */
final class LossDecompositions {
    private static final int NONE = 0;
    private static final int MEAN = 1;

    private LossDecompositions() {}

    /** The rows of a call: log probabilities [N, C], classes [N, 1], weights [N, 1]. */
    private record Rows(Value x, Value target, Value kept, Value weight) {
        static Rows of(Args<Value> a, Emitter e) {
            TensorType type = a.tensor("self").type();
            long classes = type.sizes().get(-1);
            long n = type.rank() == 1 ? 1 : type.sizes().get(0);
            Value target = e.view(e.cast(a.tensor("target"), DType.INT64), n, 1);
            Value kept = e.call("aten.ne.Scalar", target, a.integer("ignore_index"));
            Optional<Value> weights = a.optionalTensor("weight");
            Value weight;
            if (weights.isPresent()) {
                Value read =
                        e.call(
                                "aten.index_select",
                                weights.get(),
                                0L,
                                e.view(safe(e, target, kept), n));
                weight = e.call("aten.where.ScalarOther", kept, e.view(read, n, 1), 0.0);
            } else {
                weight = e.cast(kept, type.dtype());
            }
            return new Rows(e.view(a.tensor("self"), n, classes), target, kept, weight);
        }

        /** Class 0 where the class is ignored, whatever number that is. */
        static Value safe(Emitter e, Value target, Value kept) {
            return e.call("aten.where.ScalarOther", kept, target, 0L);
        }
    }

    static List<Value> forward(Args<Value> a, Emitter e) {
        Rows r = Rows.of(a, e);
        Value picked = e.call("aten.gather", r.x, 1L, Rows.safe(e, r.target, r.kept));
        Value weighted = e.mul(e.call("aten.neg", picked), r.weight);
        Value losses = e.call("aten.where.ScalarOther", r.kept, weighted, 0.0);
        boolean each = a.integer("reduction") == NONE && a.tensor("self").type().rank() == 2;
        if (each) {
            return List.of(
                    e.view(losses, losses.type().numel()), BackwardDecompositions.zeros(e, r.x));
        }
        Value sum = e.sum(losses, new long[] {0, 1}, false);
        Value total = e.sum(r.weight, new long[] {0, 1}, false);
        return List.of(a.integer("reduction") == MEAN ? e.div(sum, total) : sum, total);
    }

    static List<Value> backward(Args<Value> a, Emitter e) {
        Rows r = Rows.of(a, e);
        long classes = r.x.type().sizes().get(1);
        Value g = a.tensor("grad_output");
        Value each = g.type().rank() == 0 ? e.view(g, 1, 1) : e.view(g, g.type().numel(), 1);
        if (a.integer("reduction") == MEAN) {
            each = e.div(each, e.view(a.tensor("total_weight"), 1, 1));
        }
        Value share = e.mul(e.call("aten.neg", each), r.weight);
        Value numbers = e.call("aten.arange.start_step", 0L, classes, 1L, DType.INT64);
        Value hit =
                e.call(
                        "aten.logical_and",
                        e.call("aten.eq.Tensor", e.view(numbers, 1, classes), r.target),
                        r.kept);
        Value out = e.call("aten.where.ScalarOther", hit, share, 0.0);
        return List.of(e.view(out, a.tensor("self").type().sizes().toArray()));
    }
}
