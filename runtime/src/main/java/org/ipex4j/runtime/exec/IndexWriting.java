package org.ipex4j.runtime.exec;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Scalar;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.plan.Step;

/**
 * Ops that copy a tensor and change the elements that index tensors name, one after another in
 * row-major order of the indices, so that repeated places have one well-defined result.
 */
final class IndexWriting {
    private static final Scalar ONE = Scalar.of(1L);

    private IndexWriting() {}

    /** Copies an element, or adds {@code factor} times it where that is given. */
    private static void write(
            Step.Host step, MemorySegment from, long i, MemorySegment out, long to, Scalar factor) {
        if (factor == null) {
            Elements.copy(type(step), from, i, out, to);
        } else {
            Elements.add(type(step), from, i, out, to, factor);
        }
    }

    /** {@code put}: places of the flattened tensor. */
    static void put(Step.Host step, MemorySegment[] operands) {
        Args<Integer> args = step.args();
        MemorySegment out = copied(step, operands);
        int index = args.tensor("index");
        int source = args.tensor("source");
        long size = sizes(step, args.tensor("self")).numel();
        long n = sizes(step, index).numel();
        if (n != sizes(step, source).numel()) {
            throw new IllegalArgumentException(
                    step.op().name()
                            + ": "
                            + n
                            + " indices, but "
                            + sizes(step, source).numel()
                            + " elements to write");
        }
        for (long i = 0; i < n; i++) {
            long at = place(step, operands, index, i, size);
            write(step, operands[source], i, out, at, args.bool("accumulate") ? ONE : null);
        }
    }

    /** {@code index_copy}: whole slices along a dimension. */
    static void indexCopy(Step.Host step, MemorySegment[] operands) {
        slices(step, operands, "source", null);
    }

    /** {@code index_add}: adds {@code alpha} times each slice. */
    static void indexAdd(Step.Host step, MemorySegment[] operands) {
        slices(step, operands, "source", step.args().number("alpha"));
    }

    /** {@code index_fill}: slices of one number. */
    static void indexFill(Step.Host step, MemorySegment[] operands) {
        slices(step, operands, null, null);
    }

    private static void slices(
            Step.Host step, MemorySegment[] operands, String source, Scalar factor) {
        Args<Integer> args = step.args();
        MemorySegment out = copied(step, operands);
        Sizes self = sizes(step, args.tensor("self"));
        int dim = self.wrap(args.integer("dim"));
        long size = self.rank() == 0 ? 1 : self.get(dim);
        long inner = 1;
        long outer = 1;
        for (int d = 0; d < self.rank(); d++) {
            inner *= d > dim ? self.get(d) : 1;
            outer *= d < dim ? self.get(d) : 1;
        }
        int index = args.tensor("index");
        long n = sizes(step, index).numel();
        for (long i = 0; i < n; i++) {
            long at = place(step, operands, index, i, size);
            for (long o = 0; o < outer; o++) {
                for (long k = 0; k < inner; k++) {
                    long to = (o * size + at) * inner + k;
                    if (source == null) {
                        Elements.set(type(step), out, to, args.number("value"));
                    } else {
                        write(
                                step,
                                operands[args.tensor(source)],
                                (o * n + i) * inner + k,
                                out,
                                to,
                                factor);
                    }
                }
            }
        }
    }

    /** {@code index_put}: NumPy's advanced indexing on the left of an assignment. */
    static void indexPut(Step.Host step, MemorySegment[] operands) {
        Args<Integer> args = step.args();
        MemorySegment out = copied(step, operands);
        Sizes self = sizes(step, args.tensor("self"));
        List<Integer> indices = args.tensors("indices");
        Sizes joint = Sizes.SCALAR;
        int first = -1;
        int last = -1;
        int count = 0;
        for (int d = 0; d < indices.size(); d++) {
            if (indices.get(d) != null) {
                joint = Sizes.broadcast(joint, sizes(step, indices.get(d)));
                first = first < 0 ? d : first;
                last = d;
                count++;
            }
        }
        // The indexed dimensions become one block: where they stood if together, else in front.
        int blockAt = count > 0 && last - first + 1 == count ? first : 0;
        List<Long> region = new ArrayList<>();
        List<Integer> free = new ArrayList<>();
        for (int d = 0; d < self.rank(); d++) {
            if (d >= indices.size() || indices.get(d) == null) {
                free.add(d);
            }
        }
        for (int f = 0; f <= free.size(); f++) {
            if (f == blockAt) {
                joint.stream().forEach(region::add);
            }
            if (f < free.size()) {
                region.add(self.get(free.get(f)));
            }
        }
        Sizes target = Sizes.of(region.stream().mapToLong(Long::longValue).toArray());
        int values = args.tensor("values");
        if (!Sizes.broadcast(sizes(step, values), target).equals(target)) {
            throw new IllegalArgumentException(
                    step.op().name()
                            + ": values of sizes "
                            + sizes(step, values)
                            + " do not fit the places, of sizes "
                            + target);
        }
        long[] strides = self.contiguousStrides();
        long[] position = new long[target.rank()];
        Scalar factor = args.bool("accumulate") ? ONE : null;
        for (long n = target.numel(); n > 0; n--) {
            long to = 0;
            for (int f = 0; f < free.size(); f++) {
                to += position[f < blockAt ? f : f + joint.rank()] * strides[free.get(f)];
            }
            for (int d = 0; d < indices.size(); d++) {
                if (indices.get(d) != null) {
                    long i =
                            broadcast(
                                    sizes(step, indices.get(d)), position, blockAt + joint.rank());
                    to += place(step, operands, indices.get(d), i, self.get(d)) * strides[d];
                }
            }
            long from = broadcast(sizes(step, values), position, position.length);
            write(step, operands[values], from, out, to, factor);
            for (int d = position.length - 1; d >= 0 && ++position[d] == target.get(d); d--) {
                position[d] = 0;
            }
        }
    }

    /**
     * Row-major number, in a tensor of these sizes, of the element broadcast to a position that
     * ends at {@code end}.
     */
    private static long broadcast(Sizes sizes, long[] position, int end) {
        long at = 0;
        for (int d = 0; d < sizes.rank(); d++) {
            at = at * sizes.get(d) + (sizes.get(d) == 1 ? 0 : position[end - sizes.rank() + d]);
        }
        return at;
    }

    private static MemorySegment copied(Step.Host step, MemorySegment[] operands) {
        MemorySegment self = operands[step.args().tensor("self")];
        MemorySegment out = operands[operands.length - 1];
        MemorySegment.copy(self, 0, out, 0, Math.min(self.byteSize(), out.byteSize()));
        return out;
    }

    private static long place(
            Step.Host step, MemorySegment[] operands, int index, long i, long size) {
        long at = Elements.integer(step.operands().get(index).type().dtype(), operands[index], i);
        if (at < -size || at >= size) {
            throw new IndexOutOfBoundsException(
                    step.op().name() + ": index " + at + " is out of range for size " + size);
        }
        return at < 0 ? at + size : at;
    }

    private static Sizes sizes(Step.Host step, int operand) {
        return step.operands().get(operand).type().sizes();
    }

    private static DType type(Step.Host step) {
        return step.operands().get(step.args().tensor("self")).type().dtype();
    }
}
