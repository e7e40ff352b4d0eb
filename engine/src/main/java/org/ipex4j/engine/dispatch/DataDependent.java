package org.ipex4j.engine.dispatch;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.compiler.reference.ReferenceTable;
import org.ipex4j.engine.ndarray.HostCopy;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.runtime.Tensor;

/**
 * Ops whose result sizes depend on the numbers, so that no graph holds them: they run on the host,
 * {@code nonzero} by a scan, the others by their reference.
 */
final class DataDependent {
    private DataDependent() {}

    static Tensor[] run(Op op, Args<Tensor> args) {
        if (op.name().equals("aten.nonzero")) {
            return new Tensor[] {nonzero(args.tensor("self"))};
        }
        List<RefTensor> results = ReferenceTable.evaluate(op, args.map(RefTensors::read));
        return results.stream().map(RefTensors::write).toArray(Tensor[]::new);
    }

    /** The positions of elements other than 0, row by row: [count, rank]. */
    private static Tensor nonzero(Tensor self) {
        int n = Math.toIntExact(self.numel());
        long[] sizes = self.sizes().toArray();
        boolean[] hit = new boolean[n];
        int count = 0;
        if (self.dtype().isFloating()) {
            double[] values = HostCopy.toDoubles(self);
            for (int i = 0; i < n; i++) {
                hit[i] = values[i] != 0;
                count += hit[i] ? 1 : 0;
            }
        } else {
            long[] values = HostCopy.toLongs(self);
            for (int i = 0; i < n; i++) {
                hit[i] = values[i] != 0;
                count += hit[i] ? 1 : 0;
            }
        }
        Tensor out = Tensor.empty(TensorType.of(DType.INT64, count, sizes.length));
        MemorySegment memory = out.segment();
        long row = 0;
        for (int i = 0; i < n; i++) {
            if (hit[i]) {
                long rest = i;
                for (int d = sizes.length - 1; d >= 0; d--) {
                    memory.setAtIndex(
                            ValueLayout.JAVA_LONG, row * sizes.length + d, rest % sizes[d]);
                    rest /= sizes[d];
                }
                row++;
            }
        }
        return out;
    }
}
