package org.ipex4j.compiler.layout;

import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.plan.BufferType;
import org.ipex4j.ir.plan.Layout;

/** What can be told from how a buffer lies. */
final class Buffers {
    private Buffers() {}

    /** True if a buffer lies as wanted; strides of dimensions of size 1 do not matter. */
    static boolean same(BufferType type, Layout wanted) {
        if (type.layout().equals(wanted)) {
            return true;
        }
        Sizes s = type.sizes();
        if (!type.layout().isPlain() || !wanted.isPlain()) {
            return false;
        }
        for (int d = 0; d < s.rank(); d++) {
            if (s.get(d) != 1 && type.layout().strides()[d] != wanted.strides()[d]) {
                return s.numel() == 0;
            }
        }
        return true;
    }

    /** Whole blocks of channels of a single pixel are row-major channels. */
    static Layout unblocked(BufferType type) {
        Layout l = type.layout();
        if (!Format.isSinglePixelOfBlocks(type)) {
            return l;
        }
        long[] strides = l.strides().clone();
        strides[1] = 1;
        return Layout.strided(strides);
    }

    /** True if two indexes may mean one element: expanded dimensions and overlapping windows. */
    static boolean overlaps(BufferType type) {
        if (type.sizes().numel() == 0) {
            return false;
        }
        long[] strides = type.layout().strides();
        Integer[] order = new Integer[strides.length];
        for (int d = 0; d < order.length; d++) {
            order[d] = d;
        }
        java.util.Arrays.sort(order, java.util.Comparator.comparingLong(d -> strides[d]));
        long reach = 1;
        for (int d : order) {
            long size = type.sizes().get(d);
            if (size == 1) {
                continue;
            }
            if (strides[d] < reach) {
                return true;
            }
            reach = strides[d] * size;
        }
        return false;
    }

    /** Plain, without overlap, and one of the last two dimensions dense. */
    static boolean isMatrix(BufferType t) {
        if (!t.layout().isPlain() || overlaps(t)) {
            return false;
        }
        int rank = t.sizes().rank();
        long rows = t.layout().strides()[rank - 2];
        long columns = t.layout().strides()[rank - 1];
        return columns == 1 || rows == 1;
    }
}
