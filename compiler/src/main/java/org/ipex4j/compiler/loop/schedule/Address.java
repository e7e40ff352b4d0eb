package org.ipex4j.compiler.loop.schedule;

import java.util.List;
import org.ipex4j.compiler.loop.expr.Expr;
import org.ipex4j.ir.DType;

/**
 * Where an access lies in its buffer: {@code offset + sum(loop index * strides) + sum(dynamic)}, in
 * elements.
 *
 * @param id position among the nest's addresses
 * @param buffer position among the kernel's buffers
 * @param strides per loop of the schedule
 * @param dynamic positions from data, with their strides
 */
public record Address(
        int id, int buffer, DType stored, long offset, long[] strides, List<Dynamic> dynamic) {
    /** A position from data (or a floor-divided part of one) times a stride. */
    public record Dynamic(Expr index, long stride) {}

    /** Structural kind of a stride: 0, 1 or any. */
    public static char kind(long stride) {
        return stride == 0 ? '0' : stride == 1 ? '1' : 'n';
    }
}
