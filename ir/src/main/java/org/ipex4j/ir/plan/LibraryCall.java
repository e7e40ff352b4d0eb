package org.ipex4j.ir.plan;

import java.util.List;
import java.util.Optional;

/**
 * One oneDNN primitive as data. Operand order of a {@link Step.Library}: the inputs named by {@link
 * #inputs()} in order, then one operand per {@link PostOp.Binary}, then the {@link #secondOutput()}
 * if there is one, then the destination last. With {@link PostOp.Sum} the destination is read as
 * well. A layout may be {@link Layout#ANY} only while the library is being asked which one it
 * likes.
 */
public sealed interface LibraryCall {
    /** The operands read, without those of post-ops. */
    List<BufferType> inputs();

    BufferType output();

    /** What the call writes beside {@link #output()}. */
    default Optional<BufferType> secondOutput() {
        return Optional.empty();
    }

    List<PostOp> postOps();

    /** What it may compute with inside. */
    default MathMode math() {
        return MathMode.STRICT;
    }

    /** A short name for logs: {@code convolution}, {@code matmul}, … */
    String kind();

    /**
     * Convolution of 1 to 3 spatial dimensions.
     *
     * @param weights [out, in / groups, k…]; with groups &gt; 1 [groups, out / groups, in / groups,
     *     k…]
     * @param dilation 1 means dense, as in ATen (oneDNN counts from 0)
     * @param paddingBegin padding before, per spatial dimension
     * @param paddingEnd padding after
     */
    record Convolution(
            BufferType source,
            BufferType weights,
            Optional<BufferType> bias,
            BufferType output,
            List<Long> stride,
            List<Long> dilation,
            List<Long> paddingBegin,
            List<Long> paddingEnd,
            int groups,
            List<PostOp> postOps,
            MathMode math)
            implements LibraryCall {
        /** In the arithmetic of the element types. */
        public Convolution(
                BufferType source,
                BufferType weights,
                Optional<BufferType> bias,
                BufferType output,
                List<Long> stride,
                List<Long> dilation,
                List<Long> paddingBegin,
                List<Long> paddingEnd,
                int groups,
                List<PostOp> postOps) {
            this(
                    source,
                    weights,
                    bias,
                    output,
                    stride,
                    dilation,
                    paddingBegin,
                    paddingEnd,
                    groups,
                    postOps,
                    MathMode.STRICT);
        }

        @Override
        public List<BufferType> inputs() {
            return bias.isPresent()
                    ? List.of(source, weights, bias.get())
                    : List.of(source, weights);
        }

        @Override
        public String kind() {
            return "convolution";
        }
    }

    /**
     * Transposed convolution; {@code weights} as for {@link Convolution} (oneDNN's order: [out, in,
     * k…]).
     */
    record Deconvolution(
            BufferType source,
            BufferType weights,
            Optional<BufferType> bias,
            BufferType output,
            List<Long> stride,
            List<Long> dilation,
            List<Long> paddingBegin,
            List<Long> paddingEnd,
            int groups,
            List<PostOp> postOps,
            MathMode math)
            implements LibraryCall {
        /** In the arithmetic of the element types. */
        public Deconvolution(
                BufferType source,
                BufferType weights,
                Optional<BufferType> bias,
                BufferType output,
                List<Long> stride,
                List<Long> dilation,
                List<Long> paddingBegin,
                List<Long> paddingEnd,
                int groups,
                List<PostOp> postOps) {
            this(
                    source,
                    weights,
                    bias,
                    output,
                    stride,
                    dilation,
                    paddingBegin,
                    paddingEnd,
                    groups,
                    postOps,
                    MathMode.STRICT);
        }

        @Override
        public List<BufferType> inputs() {
            return bias.isPresent()
                    ? List.of(source, weights, bias.get())
                    : List.of(source, weights);
        }

        @Override
        public String kind() {
            return "deconvolution";
        }
    }

    /**
     * The gradient of a convolution's source. Inputs are the output's gradient and the weights;
     * {@link #output()} is the source's gradient.
     *
     * @param weights as for {@link Convolution}
     */
    record ConvolutionBackwardData(
            BufferType outputGradient,
            BufferType weights,
            BufferType output,
            List<Long> stride,
            List<Long> dilation,
            List<Long> paddingBegin,
            List<Long> paddingEnd,
            int groups,
            MathMode math)
            implements LibraryCall {
        /** In the arithmetic of the element types. */
        public ConvolutionBackwardData(
                BufferType outputGradient,
                BufferType weights,
                BufferType output,
                List<Long> stride,
                List<Long> dilation,
                List<Long> paddingBegin,
                List<Long> paddingEnd,
                int groups) {
            this(
                    outputGradient,
                    weights,
                    output,
                    stride,
                    dilation,
                    paddingBegin,
                    paddingEnd,
                    groups,
                    MathMode.STRICT);
        }

        @Override
        public List<BufferType> inputs() {
            return List.of(outputGradient, weights);
        }

        @Override
        public List<PostOp> postOps() {
            return List.of();
        }

        @Override
        public String kind() {
            return "convolution_backward_data";
        }
    }

    /**
     * The gradient of a convolution's weights. Inputs are the source and the output's gradient;
     * {@link #output()} is the weights' gradient, with a group dimension as in {@link Convolution}.
     */
    record ConvolutionBackwardWeights(
            BufferType source,
            BufferType outputGradient,
            BufferType output,
            List<Long> stride,
            List<Long> dilation,
            List<Long> paddingBegin,
            List<Long> paddingEnd,
            int groups,
            MathMode math)
            implements LibraryCall {
        /** In the arithmetic of the element types. */
        public ConvolutionBackwardWeights(
                BufferType source,
                BufferType outputGradient,
                BufferType output,
                List<Long> stride,
                List<Long> dilation,
                List<Long> paddingBegin,
                List<Long> paddingEnd,
                int groups) {
            this(
                    source,
                    outputGradient,
                    output,
                    stride,
                    dilation,
                    paddingBegin,
                    paddingEnd,
                    groups,
                    MathMode.STRICT);
        }

        @Override
        public List<BufferType> inputs() {
            return List.of(source, outputGradient);
        }

        @Override
        public List<PostOp> postOps() {
            return List.of();
        }

        @Override
        public String kind() {
            return "convolution_backward_weights";
        }
    }

    /**
     * Matrix product [batch…, m, k] x [batch…, k, n]; batch dimensions broadcast; bias has the
     * output's rank.
     */
    record MatMul(
            BufferType source,
            BufferType weights,
            Optional<BufferType> bias,
            BufferType output,
            List<PostOp> postOps,
            MathMode math)
            implements LibraryCall {
        /** In the arithmetic of the element types. */
        public MatMul(
                BufferType source,
                BufferType weights,
                Optional<BufferType> bias,
                BufferType output,
                List<PostOp> postOps) {
            this(source, weights, bias, output, postOps, MathMode.STRICT);
        }

        @Override
        public List<BufferType> inputs() {
            return bias.isPresent()
                    ? List.of(source, weights, bias.get())
                    : List.of(source, weights);
        }

        @Override
        public String kind() {
            return "matmul";
        }
    }

    /**
     * Pooling; {@code algorithm} is oneDNN's: {@code max}, {@code avg_include_padding}, {@code
     * avg_exclude_padding}.
     *
     * @param workspace in training with {@code max}: the row-major number of each window's maximum
     *     within the window, UINT8, as {@code output} lies
     */
    record Pooling(
            String algorithm,
            BufferType source,
            BufferType output,
            Optional<BufferType> workspace,
            List<Long> kernel,
            List<Long> stride,
            List<Long> dilation,
            List<Long> paddingBegin,
            List<Long> paddingEnd,
            List<PostOp> postOps)
            implements LibraryCall {
        @Override
        public List<BufferType> inputs() {
            return List.of(source);
        }

        @Override
        public Optional<BufferType> secondOutput() {
            return workspace;
        }

        @Override
        public String kind() {
            return "pooling";
        }
    }

    /**
     * The gradient of a pool's source. Inputs are the output's gradient and, with {@code max}, the
     * workspace that the forward call wrote, which lies as the gradient does; {@link #output()} is
     * the source's gradient.
     *
     * @param algorithm as for {@link Pooling}
     */
    record PoolingBackward(
            String algorithm,
            BufferType outputGradient,
            Optional<BufferType> workspace,
            BufferType output,
            List<Long> kernel,
            List<Long> stride,
            List<Long> dilation,
            List<Long> paddingBegin,
            List<Long> paddingEnd)
            implements LibraryCall {
        @Override
        public List<BufferType> inputs() {
            return workspace.isPresent()
                    ? List.of(outputGradient, workspace.get())
                    : List.of(outputGradient);
        }

        @Override
        public List<PostOp> postOps() {
            return List.of();
        }

        @Override
        public String kind() {
            return "pooling_backward";
        }
    }

    /** Copies to another layout or element type. */
    record Reorder(BufferType source, BufferType output) implements LibraryCall {
        @Override
        public List<BufferType> inputs() {
            return List.of(source);
        }

        @Override
        public List<PostOp> postOps() {
            return List.of();
        }

        @Override
        public String kind() {
            return "reorder";
        }
    }

    /**
     * The same call with other layouts; the {@link #secondOutput()} lies as the output does.
     *
     * @param inputs replaces {@link #inputs()}, in order
     */
    default LibraryCall with(List<BufferType> inputs, BufferType output, List<PostOp> postOps) {
        return with(inputs, output, postOps, math());
    }

    /** The same call in another arithmetic; an equal one if it has no choice of one. */
    default LibraryCall withMath(MathMode mode) {
        return with(inputs(), output(), postOps(), mode);
    }

    private LibraryCall with(
            List<BufferType> inputs, BufferType output, List<PostOp> postOps, MathMode mode) {
        return switch (this) {
            case Convolution c ->
                    new Convolution(
                            inputs.get(0),
                            inputs.get(1),
                            third(inputs),
                            output,
                            c.stride,
                            c.dilation,
                            c.paddingBegin,
                            c.paddingEnd,
                            c.groups,
                            postOps,
                            mode);
            case Deconvolution c ->
                    new Deconvolution(
                            inputs.get(0),
                            inputs.get(1),
                            third(inputs),
                            output,
                            c.stride,
                            c.dilation,
                            c.paddingBegin,
                            c.paddingEnd,
                            c.groups,
                            postOps,
                            mode);
            case ConvolutionBackwardData c ->
                    new ConvolutionBackwardData(
                            inputs.get(0),
                            inputs.get(1),
                            output,
                            c.stride,
                            c.dilation,
                            c.paddingBegin,
                            c.paddingEnd,
                            c.groups,
                            mode);
            case ConvolutionBackwardWeights c ->
                    new ConvolutionBackwardWeights(
                            inputs.get(0),
                            inputs.get(1),
                            output,
                            c.stride,
                            c.dilation,
                            c.paddingBegin,
                            c.paddingEnd,
                            c.groups,
                            mode);
            case MatMul m ->
                    new MatMul(inputs.get(0), inputs.get(1), third(inputs), output, postOps, mode);
            case Pooling p ->
                    new Pooling(
                            p.algorithm,
                            inputs.getFirst(),
                            output,
                            p.workspace.map(w -> w.withLayout(output.layout())),
                            p.kernel,
                            p.stride,
                            p.dilation,
                            p.paddingBegin,
                            p.paddingEnd,
                            postOps);
            case PoolingBackward p ->
                    new PoolingBackward(
                            p.algorithm,
                            inputs.getFirst(),
                            p.workspace.map(w -> inputs.get(1)),
                            output,
                            p.kernel,
                            p.stride,
                            p.dilation,
                            p.paddingBegin,
                            p.paddingEnd);
            case Reorder r -> new Reorder(inputs.getFirst(), output);
        };
    }

    private static Optional<BufferType> third(List<BufferType> inputs) {
        return inputs.size() > 2 ? Optional.of(inputs.get(2)) : Optional.empty();
    }
}
