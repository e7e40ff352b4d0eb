package org.ipex4j.runtime.exec;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.plan.Step;

/** Stable sorting along a dimension, for sort, argsort and topk. */
final class Sorting {
    private Sorting() {}

    static void sort(Step.Host step, MemorySegment[] operands) {
        Args<Integer> args = step.args();
        int n = operands.length;
        lines(
                step,
                operands,
                args.bool("descending"),
                Long.MAX_VALUE,
                operands[n - 2],
                operands[n - 1]);
    }

    static void argsort(Step.Host step, MemorySegment[] operands) {
        lines(
                step,
                operands,
                step.args().bool("descending"),
                Long.MAX_VALUE,
                null,
                operands[operands.length - 1]);
    }

    static void topk(Step.Host step, MemorySegment[] operands) {
        Args<Integer> args = step.args();
        int n = operands.length;
        lines(
                step,
                operands,
                args.bool("largest"),
                args.integer("k"),
                operands[n - 2],
                operands[n - 1]);
    }

    /**
     * Sorts every line along the step's dimension and stores its first {@code most} elements and
     * their places.
     */
    private static void lines(
            Step.Host step,
            MemorySegment[] operands,
            boolean descending,
            long most,
            MemorySegment values,
            MemorySegment indices) {
        int self = step.args().tensor("self");
        DType type = step.operands().get(self).type().dtype();
        Sizes sizes = step.operands().get(self).type().sizes();
        int dim = sizes.wrap(step.args().integer("dim"));
        long size = sizes.rank() == 0 ? 1 : sizes.get(dim);
        long kept = Math.min(size, most);
        long inner = 1;
        for (int d = dim + 1; d < sizes.rank(); d++) {
            inner *= sizes.get(d);
        }
        if (sizes.numel() == 0 || kept == 0) {
            return;
        }
        int item = type.byteSize();
        long[] keys = new long[Math.toIntExact(size)];
        int[] order = new int[keys.length];
        for (long line = 0; line < sizes.numel() / size; line++) {
            long from = line / inner * size * inner + line % inner;
            for (int i = 0; i < keys.length; i++) {
                long key = Elements.sortKey(type, operands[self], from + i * inner);
                keys[i] = descending ? ~key : key;
            }
            order(type, keys, order);
            long to = line / inner * kept * inner + line % inner;
            for (int i = 0; i < kept; i++) {
                indices.setAtIndex(JAVA_LONG, to + i * inner, order[i]);
                if (values != null) {
                    MemorySegment.copy(
                            operands[self],
                            (from + order[i] * inner) * item,
                            values,
                            (to + i * inner) * item,
                            item);
                }
            }
        }
    }

    /**
     * Fills {@code order} with the places of the keys in ascending order, equal ones in their
     * order; keys are lost.
     */
    static void order(DType type, long[] keys, int[] order) {
        if (type.byteSize() <= 4) {
            // Key and place fit into one long.
            for (int i = 0; i < keys.length; i++) {
                keys[i] = keys[i] << 32 | i;
            }
            Arrays.sort(keys);
            for (int i = 0; i < keys.length; i++) {
                order[i] = (int) keys[i];
            }
            return;
        }
        for (int i = 0; i < order.length; i++) {
            order[i] = i;
        }
        mergeSort(keys, order, new int[order.length], 0, order.length);
    }

    private static void mergeSort(long[] keys, int[] order, int[] spare, int from, int to) {
        if (to - from < 2) {
            return;
        }
        int middle = (from + to) >>> 1;
        mergeSort(keys, order, spare, from, middle);
        mergeSort(keys, order, spare, middle, to);
        System.arraycopy(order, from, spare, from, to - from);
        int a = from;
        int b = middle;
        for (int i = from; i < to; i++) {
            boolean left = b >= to || a < middle && keys[spare[a]] <= keys[spare[b]];
            order[i] = left ? spare[a++] : spare[b++];
        }
    }
}
