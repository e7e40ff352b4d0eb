package org.ipex4j.compiler.reference;

import java.util.List;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.Args;

/** Negative log likelihood, and the gradient of a table of embeddings. */
final class LossReference {
    private static final int NONE = 0;
    private static final int MEAN = 1;

    private LossReference() {}

    static void addTo(ReferenceTable t) {
        t.add("aten.nll_loss_forward", LossReference::nll);
        t.add("aten.nll_loss_backward", LossReference::nllBackward);
        t.add("aten.embedding_dense_backward", LossReference::embedding);
    }

    /** The class of a row, or -1 if it is ignored. */
    private static int target(Args<RefTensor> args, int row) {
        long t = args.tensor("target").integer(row);
        long classes = args.tensor("self").sizes().get(-1);
        if (t == args.integer("ignore_index")) {
            return -1;
        }
        if (t < 0 || t >= classes) {
            throw new IllegalArgumentException(
                    "target " + t + " is out of bounds for " + classes + " classes");
        }
        return (int) t;
    }

    private static double weight(Args<RefTensor> args, int target) {
        return target < 0 ? 0 : args.optionalTensor("weight").map(w -> w.real(target)).orElse(1.0);
    }

    private static List<RefTensor> nll(Args<RefTensor> args, List<TensorType> types) {
        RefTensor x = args.tensor("self");
        int classes = (int) x.sizes().get(-1);
        int rows = x.rank() == 1 ? 1 : (int) x.sizes().get(0);
        double[] losses = new double[rows];
        double sum = 0;
        double total = 0;
        for (int r = 0; r < rows; r++) {
            int t = target(args, r);
            losses[r] = t < 0 ? 0 : -x.real(r * classes + t) * weight(args, t);
            sum += losses[r];
            total += weight(args, t);
        }
        int reduction = (int) args.integer("reduction");
        if (reduction == NONE && x.rank() == 2) {
            return List.of(RefTensor.of(types.get(0), losses), RefTensor.zeros(types.get(1)));
        }
        return List.of(
                RefTensor.of(types.get(0), reduction == MEAN ? sum / total : sum),
                RefTensor.of(types.get(1), total));
    }

    private static List<RefTensor> nllBackward(Args<RefTensor> args, List<TensorType> types) {
        RefTensor x = args.tensor("self");
        RefTensor g = args.tensor("grad_output");
        int classes = (int) x.sizes().get(-1);
        int rows = x.rank() == 1 ? 1 : (int) x.sizes().get(0);
        double divisor =
                args.integer("reduction") == MEAN ? args.tensor("total_weight").real(0) : 1;
        double[] out = new double[x.numel()];
        for (int r = 0; r < rows; r++) {
            int t = target(args, r);
            if (t >= 0) {
                double each = g.real(g.rank() == 0 ? 0 : r);
                out[r * classes + t] = -weight(args, t) * each / divisor;
            }
        }
        return List.of(RefTensor.of(types.getFirst(), out));
    }

    private static List<RefTensor> embedding(Args<RefTensor> args, List<TensorType> types) {
        RefTensor g = args.tensor("grad_output");
        RefTensor indices = args.tensor("indices");
        int width = (int) g.sizes().get(-1);
        int rows = (int) args.integer("num_weights");
        double[] out = new double[rows * width];
        int[] counts = new int[rows];
        for (int i = 0; i < indices.numel(); i++) {
            counts[row(indices.integer(i), rows)]++;
        }
        for (int i = 0; i < indices.numel(); i++) {
            int row = row(indices.integer(i), rows);
            if (row == args.integer("padding_idx")) {
                continue;
            }
            double scale = args.bool("scale_grad_by_freq") ? 1.0 / counts[row] : 1;
            for (int d = 0; d < width; d++) {
                out[row * width + d] += g.real(i * width + d) * scale;
            }
        }
        return List.of(RefTensor.of(types.getFirst(), out));
    }

    private static int row(long index, int rows) {
        if (index < 0 || index >= rows) {
            throw new IllegalArgumentException(
                    "index " + index + " is out of bounds for " + rows + " rows");
        }
        return (int) index;
    }
}
