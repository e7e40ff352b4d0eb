package org.ipex4j.compiler.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.plan.BufferType;
import org.ipex4j.ir.plan.LibraryCall;
import org.ipex4j.ir.plan.PostOp;

/**
 * A pool's windows as the library takes them, one entry per spatial dimension: every number spelled
 * out, and padding behind the input up to the end of the last window.
 */
record PoolWindows(
        List<Long> kernel,
        List<Long> stride,
        List<Long> dilation,
        List<Long> begin,
        List<Long> end) {

    /**
     * The windows that ATen's arguments mean.
     *
     * @param in sizes of what is pooled, [N, C, spatial…]
     * @param out sizes of the pool's result
     */
    static PoolWindows of(Args<?> a, Sizes in, Sizes out) {
        int n = in.rank() - 2;
        List<Long> kernel = spread(a.integers("kernel_size"), n);
        long[] given = a.integers("stride");
        List<Long> stride = given.length == 0 ? kernel : spread(given, n);
        List<Long> padding = spread(a.integers("padding"), n);
        List<Long> dilation =
                spread(a.schema().has("dilation") ? a.integers("dilation") : new long[] {1}, n);
        List<Long> end = new ArrayList<>();
        for (int d = 0; d < n; d++) {
            long reach =
                    (out.get(2 + d) - 1) * stride.get(d)
                            + (kernel.get(d) - 1) * dilation.get(d)
                            + 1;
            end.add(Math.max(padding.get(d), reach - padding.get(d) - in.get(2 + d)));
        }
        return new PoolWindows(kernel, stride, dilation, padding, end);
    }

    private static List<Long> spread(long[] values, int n) {
        return values.length == n
                ? Arrays.stream(values).boxed().toList()
                : java.util.Collections.nCopies(n, values[0]);
    }

    LibraryCall pooling(
            String algorithm,
            BufferType source,
            BufferType output,
            Optional<BufferType> workspace,
            List<PostOp> post) {
        return new LibraryCall.Pooling(
                algorithm, source, output, workspace, kernel, stride, dilation, begin, end, post);
    }

    LibraryCall backward(
            String algorithm,
            BufferType outputGradient,
            Optional<BufferType> workspace,
            BufferType output) {
        return new LibraryCall.PoolingBackward(
                algorithm, outputGradient, workspace, output, kernel, stride, dilation, begin, end);
    }
}
