package org.ipex4j.runtime.exec;

import java.lang.foreign.MemorySegment;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.plan.Step;

/**
 * {@code scatter} and {@code scatter_add}: writes to places named by an index tensor, in index
 * order, so that repeated places have one well-defined result.
 */
final class Scattering {
    private Scattering() {}

    static void scatter(Step.Host step, MemorySegment[] operands) {
        run(step, operands, false);
    }

    static void scatterAdd(Step.Host step, MemorySegment[] operands) {
        run(step, operands, true);
    }

    private static void run(Step.Host step, MemorySegment[] operands, boolean add) {
        Args<Integer> args = step.args();
        int self = args.tensor("self");
        int index = args.tensor("index");
        MemorySegment out = operands[operands.length - 1];
        DType type = step.operands().get(self).type().dtype();
        Sizes sizes = atLeast1d(step.operands().get(self).type().sizes());
        Sizes at = atLeast1d(step.operands().get(index).type().sizes());
        DType indexType = step.operands().get(index).type().dtype();
        MemorySegment.copy(
                operands[self], 0, out, 0, Math.min(operands[self].byteSize(), out.byteSize()));
        boolean scalar = !args.schema().has("src");
        int src = scalar ? -1 : args.tensor("src");
        long[] from =
                scalar
                        ? null
                        : atLeast1d(step.operands().get(src).type().sizes()).contiguousStrides();
        long[] to = sizes.contiguousStrides();
        int dim = sizes.wrap(args.integer("dim"));
        int rank = at.rank();
        long[] position = new long[rank];
        for (long i = 0; i < at.numel(); i++) {
            long target = Elements.integer(indexType, operands[index], i);
            long size = sizes.get(dim);
            if (target < 0 || target >= size) {
                throw new IndexOutOfBoundsException(
                        step.op().name()
                                + ": index "
                                + target
                                + " is out of bounds for dimension "
                                + dim
                                + " of sizes "
                                + sizes);
            }
            long s = 0;
            long t = target * to[dim];
            for (int d = 0; d < rank; d++) {
                s += scalar ? 0 : position[d] * from[d];
                t += d == dim ? 0 : position[d] * to[d];
            }
            store(type, out, t, add, scalar ? null : operands[src], s, args);
            for (int d = rank - 1; d >= 0 && ++position[d] == at.get(d); d--) {
                position[d] = 0;
            }
        }
    }

    private static Sizes atLeast1d(Sizes sizes) {
        return sizes.rank() == 0 ? Sizes.of(1) : sizes;
    }

    private static void store(
            DType type,
            MemorySegment out,
            long to,
            boolean add,
            MemorySegment src,
            long from,
            Args<Integer> args) {
        if (type.isFloating()) {
            double v =
                    src == null ? args.number("value").toDouble() : Elements.real(type, src, from);
            Elements.setReal(type, out, to, add ? Elements.real(type, out, to) + v : v);
        } else {
            long v =
                    src == null ? args.number("value").toLong() : Elements.integer(type, src, from);
            Elements.setInteger(type, out, to, add ? Elements.integer(type, out, to) + v : v);
        }
    }
}
