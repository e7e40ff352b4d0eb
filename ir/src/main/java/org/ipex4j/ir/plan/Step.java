package org.ipex4j.ir.plan;

import java.util.List;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;

/** One thing a plan does. {@code label} names it in profiles: ops fused and block path. */
public sealed interface Step {
    String label();

    /** Buffers in the order the callee expects; see each kind. */
    List<Operand> operands();

    /** Floating-point operations and bytes that must move, for profiles and reports. */
    Work work();

    record Work(double flops, double bytes) {
        public static final Work NONE = new Work(0, 0);
    }

    /**
     * A generated kernel; see {@link CodeUnit} for the calling convention.
     *
     * @param params sizes, strides and scalars; doubles as their bits
     * @param maxThreads the widest parallel region worth its cost
     */
    record Kernel(
            String label,
            String symbol,
            List<Operand> operands,
            long[] params,
            int maxThreads,
            Work work)
            implements Step {}

    /**
     * A oneDNN primitive; operands in the order of {@link LibraryCall}.
     *
     * @param implementation the name oneDNN gave the chosen implementation, for reports; may be
     *     empty
     */
    record Library(
            String label,
            LibraryCall call,
            List<Operand> operands,
            String implementation,
            Work work)
            implements Step {}

    /**
     * An op that neither kernels nor oneDNN cover, run by the runtime's own code on plain
     * contiguous buffers: sorting and the like.
     *
     * @param args the call with indexes into {@code operands} in place of tensors; results follow
     *     last
     */
    record Host(String label, Op op, Args<Integer> args, List<Operand> operands, Work work)
            implements Step {}
}
