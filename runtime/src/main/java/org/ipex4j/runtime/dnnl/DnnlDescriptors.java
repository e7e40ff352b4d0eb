package org.ipex4j.runtime.dnnl;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.ipex4j.runtime.dnnl.Dnnl.bind;
import static org.ipex4j.runtime.dnnl.Dnnl.status;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * oneDNN's functions that make primitive descriptors. Memory descriptors and vectors are given by
 * address, 0 for none; the handle is stored at {@code out}. They return the status, as "not
 * implemented" is an answer here.
 */
final class DnnlDescriptors {
    private static final int CONVOLUTION_DIRECT = 0x1;
    private static final int DECONVOLUTION_DIRECT = 0xa;

    private static final MethodHandle CONVOLUTION_FORWARD =
            bind(
                    "convolution_forward_primitive_desc_create",
                    JAVA_INT,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_INT,
                    JAVA_INT,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG);
    private static final MethodHandle CONVOLUTION_BACKWARD_DATA =
            bind(
                    "convolution_backward_data_primitive_desc_create",
                    JAVA_INT,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_INT,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG);
    private static final MethodHandle CONVOLUTION_BACKWARD_WEIGHTS =
            bind(
                    "convolution_backward_weights_primitive_desc_create",
                    JAVA_INT,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_INT,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG);
    private static final MethodHandle DECONVOLUTION_FORWARD =
            bind(
                    "deconvolution_forward_primitive_desc_create",
                    JAVA_INT,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_INT,
                    JAVA_INT,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG);
    private static final MethodHandle POOLING_FORWARD =
            bind(
                    "pooling_forward_primitive_desc_create",
                    JAVA_INT,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_INT,
                    JAVA_INT,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG);
    private static final MethodHandle POOLING_BACKWARD =
            bind(
                    "pooling_backward_primitive_desc_create",
                    JAVA_INT,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_INT,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG);
    private static final MethodHandle MATMUL =
            bind(
                    "matmul_primitive_desc_create",
                    JAVA_INT,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG);
    private static final MethodHandle REORDER =
            bind(
                    "reorder_primitive_desc_create",
                    JAVA_INT,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG);

    private static final long ENGINE = Dnnl.engine();

    private DnnlDescriptors() {}

    /** {@code bias} 0 for none. */
    static int convolutionForward(
            MemorySegment out,
            int prop,
            long src,
            long weights,
            long bias,
            long dst,
            long strides,
            long dilates,
            long paddingL,
            long paddingR,
            long attr) {
        return status(
                () ->
                        (int)
                                CONVOLUTION_FORWARD.invokeExact(
                                        out.address(),
                                        ENGINE,
                                        prop,
                                        CONVOLUTION_DIRECT,
                                        src,
                                        weights,
                                        bias,
                                        dst,
                                        strides,
                                        dilates,
                                        paddingL,
                                        paddingR,
                                        attr));
    }

    /** {@code hint} is a forward primitive descriptor of the same convolution. */
    static int convolutionBackwardData(
            MemorySegment out,
            long diffSrc,
            long weights,
            long diffDst,
            long strides,
            long dilates,
            long paddingL,
            long paddingR,
            long hint,
            long attr) {
        return status(
                () ->
                        (int)
                                CONVOLUTION_BACKWARD_DATA.invokeExact(
                                        out.address(),
                                        ENGINE,
                                        CONVOLUTION_DIRECT,
                                        diffSrc,
                                        weights,
                                        diffDst,
                                        strides,
                                        dilates,
                                        paddingL,
                                        paddingR,
                                        hint,
                                        attr));
    }

    /** {@code hint} is a forward primitive descriptor of the same convolution. */
    static int convolutionBackwardWeights(
            MemorySegment out,
            long src,
            long diffWeights,
            long diffDst,
            long strides,
            long dilates,
            long paddingL,
            long paddingR,
            long hint,
            long attr) {
        return status(
                () ->
                        (int)
                                CONVOLUTION_BACKWARD_WEIGHTS.invokeExact(
                                        out.address(),
                                        ENGINE,
                                        CONVOLUTION_DIRECT,
                                        src,
                                        diffWeights,
                                        0L, // no bias
                                        diffDst,
                                        strides,
                                        dilates,
                                        paddingL,
                                        paddingR,
                                        hint,
                                        attr));
    }

    static int deconvolutionForward(
            MemorySegment out,
            int prop,
            long src,
            long weights,
            long bias,
            long dst,
            long strides,
            long dilates,
            long paddingL,
            long paddingR,
            long attr) {
        return status(
                () ->
                        (int)
                                DECONVOLUTION_FORWARD.invokeExact(
                                        out.address(),
                                        ENGINE,
                                        prop,
                                        DECONVOLUTION_DIRECT,
                                        src,
                                        weights,
                                        bias,
                                        dst,
                                        strides,
                                        dilates,
                                        paddingL,
                                        paddingR,
                                        attr));
    }

    static int poolingForward(
            MemorySegment out,
            int prop,
            int algorithm,
            long src,
            long dst,
            long strides,
            long kernel,
            long dilation,
            long paddingL,
            long paddingR,
            long attr) {
        return status(
                () ->
                        (int)
                                POOLING_FORWARD.invokeExact(
                                        out.address(),
                                        ENGINE,
                                        prop,
                                        algorithm,
                                        src,
                                        dst,
                                        strides,
                                        kernel,
                                        dilation,
                                        paddingL,
                                        paddingR,
                                        attr));
    }

    static int poolingBackward(
            MemorySegment out,
            int algorithm,
            long diffSrc,
            long diffDst,
            long strides,
            long kernel,
            long dilation,
            long paddingL,
            long paddingR,
            long hint,
            long attr) {
        return status(
                () ->
                        (int)
                                POOLING_BACKWARD.invokeExact(
                                        out.address(),
                                        ENGINE,
                                        algorithm,
                                        diffSrc,
                                        diffDst,
                                        strides,
                                        kernel,
                                        dilation,
                                        paddingL,
                                        paddingR,
                                        hint,
                                        attr));
    }

    static int matmul(MemorySegment out, long src, long weights, long bias, long dst, long attr) {
        return status(
                () ->
                        (int)
                                MATMUL.invokeExact(
                                        out.address(), ENGINE, src, weights, bias, dst, attr));
    }

    static int reorder(MemorySegment out, long src, long dst, long attr) {
        return status(
                () -> (int) REORDER.invokeExact(out.address(), src, ENGINE, dst, ENGINE, attr));
    }
}
