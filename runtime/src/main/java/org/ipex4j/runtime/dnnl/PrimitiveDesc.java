package org.ipex4j.runtime.dnnl;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.ipex4j.ir.plan.BufferType;
import org.ipex4j.ir.plan.LibraryCall;
import org.ipex4j.ir.plan.MathMode;
import org.ipex4j.ir.plan.PostOp;

/**
 * A oneDNN primitive descriptor made from a {@link LibraryCall}: an implementation that can do the
 * call, and the means to move on to the next one. What it answers depends on the number of threads
 * of the calling thread's parallel regions; see {@link Primitives}.
 */
final class PrimitiveDesc implements AutoCloseable {
    private static final int QUERY_EXEC_ARG_MD = 255;

    private final LibraryCall call;
    private final int[] args;

    /** The forward descriptor of a derivative, or 0; iterating over implementations reads it. */
    private final long hint;

    private long handle;

    private PrimitiveDesc(LibraryCall call, int[] args, long handle, long hint) {
        this.call = call;
        this.args = args;
        this.handle = handle;
        this.hint = hint;
    }

    /** The first implementation in oneDNN's order of preference; empty if there is none. */
    static Optional<PrimitiveDesc> create(LibraryCall call) {
        Optional<PrimitiveDesc> made = first(call);
        if (made.isPresent() && !made.get().hasExpectedWorkspace() && !made.get().next()) {
            made.get().close();
            return Optional.empty();
        }
        return made;
    }

    private static Optional<PrimitiveDesc> first(LibraryCall call) {
        for (BufferType t : operands(call)) {
            if (!Dnnl.hasType(t.dtype())) {
                return Optional.empty();
            }
        }
        try (Descs mds = new Descs();
                Attributes attr = new Attributes(call, mds);
                Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(JAVA_LONG);
            long hint = forwardHint(call, mds, arena);
            if (hint == 0 && call instanceof LibraryCall.PoolingBackward) {
                return Optional.empty(); // every implementation reads it
            }
            int prop =
                    call.secondOutput().isPresent()
                            ? Dnnl.FORWARD_TRAINING
                            : Dnnl.FORWARD_INFERENCE;
            int status = create(call, prop, mds, attr.handle(), hint, arena, out);
            if (status == Dnnl.SUCCESS) {
                return Optional.of(
                        new PrimitiveDesc(call, args(call), out.get(JAVA_LONG, 0), hint));
            }
            destroy(hint);
            if (status == Dnnl.UNIMPLEMENTED) {
                return Optional.empty();
            }
            throw new DnnlException("dnnl_" + call.kind() + "_primitive_desc_create", status);
        } catch (DnnlException e) {
            if (e.function().equals("dnnl_memory_desc_create_with_strides")) {
                return Optional
                        .empty(); // strides by which elements overlap, such as those of a sliding
                // window
            }
            throw e.during(call);
        }
    }

    /** The first implementation of the best quality there is; empty if there is none. */
    static Optional<PrimitiveDesc> best(LibraryCall call) {
        for (Quality quality : Quality.values()) {
            Optional<PrimitiveDesc> made = create(call);
            if (made.isEmpty()) {
                return made;
            }
            do {
                if (made.get().quality() == quality) {
                    return made;
                }
            } while (made.get().next());
            made.get().close();
        }
        throw new IllegalStateException("no implementation of any quality for " + call);
    }

    /**
     * @param prop the propagation kind of forward calls
     */
    private static int create(
            LibraryCall call,
            int prop,
            Descs mds,
            long attr,
            long hint,
            Arena arena,
            MemorySegment out) {
        return switch (call) {
            case LibraryCall.Convolution c ->
                    DnnlDescriptors.convolutionForward(
                            out,
                            prop,
                            mds.add(c.source()),
                            mds.add(c.weights()),
                            mds.add(c.bias()),
                            mds.add(c.output()),
                            dims(arena, c.stride(), 0),
                            dims(arena, c.dilation(), -1),
                            dims(arena, c.paddingBegin(), 0),
                            dims(arena, c.paddingEnd(), 0),
                            attr);
            case LibraryCall.Deconvolution c ->
                    DnnlDescriptors.deconvolutionForward(
                            out,
                            prop,
                            mds.add(c.source()),
                            mds.add(c.weights()),
                            mds.add(c.bias()),
                            mds.add(c.output()),
                            dims(arena, c.stride(), 0),
                            dims(arena, c.dilation(), -1),
                            dims(arena, c.paddingBegin(), 0),
                            dims(arena, c.paddingEnd(), 0),
                            attr);
            case LibraryCall.ConvolutionBackwardData c ->
                    DnnlDescriptors.convolutionBackwardData(
                            out,
                            mds.add(c.output()),
                            mds.add(c.weights()),
                            mds.add(c.outputGradient()),
                            dims(arena, c.stride(), 0),
                            dims(arena, c.dilation(), -1),
                            dims(arena, c.paddingBegin(), 0),
                            dims(arena, c.paddingEnd(), 0),
                            hint,
                            attr);
            case LibraryCall.ConvolutionBackwardWeights c ->
                    DnnlDescriptors.convolutionBackwardWeights(
                            out,
                            mds.add(c.source()),
                            mds.add(c.output()),
                            mds.add(c.outputGradient()),
                            dims(arena, c.stride(), 0),
                            dims(arena, c.dilation(), -1),
                            dims(arena, c.paddingBegin(), 0),
                            dims(arena, c.paddingEnd(), 0),
                            hint,
                            attr);
            case LibraryCall.MatMul m ->
                    DnnlDescriptors.matmul(
                            out,
                            mds.add(m.source()),
                            mds.add(m.weights()),
                            mds.add(m.bias()),
                            mds.add(m.output()),
                            attr);
            case LibraryCall.Pooling p ->
                    DnnlDescriptors.poolingForward(
                            out,
                            prop,
                            Dnnl.pooling(p.algorithm()),
                            mds.add(p.source()),
                            mds.add(p.output()),
                            dims(arena, p.stride(), 0),
                            dims(arena, p.kernel(), 0),
                            dims(arena, p.dilation(), -1),
                            dims(arena, p.paddingBegin(), 0),
                            dims(arena, p.paddingEnd(), 0),
                            attr);
            case LibraryCall.PoolingBackward p ->
                    DnnlDescriptors.poolingBackward(
                            out,
                            Dnnl.pooling(p.algorithm()),
                            mds.add(p.output()),
                            mds.add(p.outputGradient()),
                            dims(arena, p.stride(), 0),
                            dims(arena, p.kernel(), 0),
                            dims(arena, p.dilation(), -1),
                            dims(arena, p.paddingBegin(), 0),
                            dims(arena, p.paddingEnd(), 0),
                            hint,
                            attr);
            case LibraryCall.Reorder r ->
                    DnnlDescriptors.reorder(out, mds.add(r.source()), mds.add(r.output()), attr);
        };
    }

    /**
     * The forward descriptor that oneDNN wants to see when asked for a derivative; 0 for other
     * calls, and where there is none, for only some implementations look at it.
     */
    private static long forwardHint(LibraryCall call, Descs mds, Arena arena) {
        Optional<LibraryCall> forward = forward(call);
        if (forward.isEmpty()) {
            return 0;
        }
        MemorySegment out = arena.allocate(JAVA_LONG);
        int status = create(forward.get(), Dnnl.FORWARD_TRAINING, mds, 0, 0, arena, out);
        if (status == Dnnl.UNIMPLEMENTED) {
            return 0;
        }
        if (status != Dnnl.SUCCESS) {
            throw new DnnlException(
                    "dnnl_" + forward.get().kind() + "_forward_primitive_desc_create", status);
        }
        return out.get(JAVA_LONG, 0);
    }

    /** The call whose derivative this one is. */
    private static Optional<LibraryCall> forward(LibraryCall call) {
        return switch (call) {
            case LibraryCall.ConvolutionBackwardData c ->
                    Optional.of(
                            new LibraryCall.Convolution(
                                    c.output(),
                                    c.weights(),
                                    Optional.empty(),
                                    c.outputGradient(),
                                    c.stride(),
                                    c.dilation(),
                                    c.paddingBegin(),
                                    c.paddingEnd(),
                                    c.groups(),
                                    List.of()));
            case LibraryCall.ConvolutionBackwardWeights c ->
                    Optional.of(
                            new LibraryCall.Convolution(
                                    c.source(),
                                    c.output(),
                                    Optional.empty(),
                                    c.outputGradient(),
                                    c.stride(),
                                    c.dilation(),
                                    c.paddingBegin(),
                                    c.paddingEnd(),
                                    c.groups(),
                                    List.of()));
            case LibraryCall.PoolingBackward p ->
                    Optional.of(
                            new LibraryCall.Pooling(
                                    p.algorithm(),
                                    p.output(),
                                    p.outputGradient(),
                                    p.workspace(),
                                    p.kernel(),
                                    p.stride(),
                                    p.dilation(),
                                    p.paddingBegin(),
                                    p.paddingEnd(),
                                    List.of()));
            default -> Optional.empty();
        };
    }

    private static void destroy(long desc) {
        if (desc != 0) {
            Dnnl.primitiveDescDestroy(desc);
        }
    }

    private static long dims(Arena arena, List<Long> values, long plus) {
        return Dnnl.dims(arena, values.stream().mapToLong(v -> v + plus).toArray());
    }

    /** All buffers of a call in the order of a step's operands. */
    static List<BufferType> operands(LibraryCall call) {
        List<BufferType> out = new ArrayList<>(call.inputs());
        for (PostOp p : call.postOps()) {
            if (p instanceof PostOp.Binary b) {
                out.add(b.operand());
            }
        }
        call.secondOutput().ifPresent(out::add);
        out.add(call.output());
        return out;
    }

    /** The {@code DNNL_ARG_} of each operand. */
    private static int[] args(LibraryCall call) {
        if (call instanceof LibraryCall.ConvolutionBackwardData) {
            return new int[] {Dnnl.ARG_DIFF_DST, Dnnl.ARG_WEIGHTS, Dnnl.ARG_DIFF_SRC};
        }
        if (call instanceof LibraryCall.ConvolutionBackwardWeights) {
            return new int[] {Dnnl.ARG_SRC, Dnnl.ARG_DIFF_DST, Dnnl.ARG_DIFF_WEIGHTS};
        }
        if (call instanceof LibraryCall.PoolingBackward p) {
            return p.workspace().isPresent()
                    ? new int[] {Dnnl.ARG_DIFF_DST, Dnnl.ARG_WORKSPACE, Dnnl.ARG_DIFF_SRC}
                    : new int[] {Dnnl.ARG_DIFF_DST, Dnnl.ARG_DIFF_SRC};
        }
        List<Integer> out = new ArrayList<>(List.of(Dnnl.ARG_SRC));
        if (call.inputs().size() > 1) {
            out.add(Dnnl.ARG_WEIGHTS);
        }
        if (call.inputs().size() > 2) {
            out.add(Dnnl.ARG_BIAS);
        }
        for (int i = 0; i < call.postOps().size(); i++) {
            if (call.postOps().get(i) instanceof PostOp.Binary) {
                out.add(Dnnl.ARG_POST_OP_BASE * (i + 1) | Dnnl.ARG_SRC_1);
            }
        }
        if (call.secondOutput().isPresent()) {
            out.add(Dnnl.ARG_WORKSPACE);
        }
        out.add(Dnnl.ARG_DST);
        return out.stream().mapToInt(Integer::intValue).toArray();
    }

    /**
     * Moves to the next implementation; false if there is none, and then this one is no longer of
     * use.
     */
    boolean next() {
        do {
            if (!Dnnl.primitiveDescNextImpl(handle)) {
                return false;
            }
        } while (!hasExpectedWorkspace());
        return true;
    }

    /**
     * False for an implementation whose workspace is not what {@link LibraryCall.Pooling} says: it
     * is the implementation's to choose, and to be found out only here.
     */
    private boolean hasExpectedWorkspace() {
        for (int i = 0; i < args.length - 1; i++) {
            if (args[i] == Dnnl.ARG_WORKSPACE) {
                int beside = call instanceof LibraryCall.PoolingBackward ? 0 : args.length - 1;
                Optional<BufferType> found = MemoryDesc.read(memoryDesc(i));
                Optional<BufferType> like = MemoryDesc.read(memoryDesc(beside));
                return found.isPresent()
                        && like.isPresent()
                        && found.get().dtype() == operands(call).get(i).dtype()
                        && found.get().layout().equals(like.get().layout());
            }
        }
        return true;
    }

    /** oneDNN's name of the implementation: {@code brgconv:avx512_core}. */
    String implementation() {
        return Dnnl.primitiveDescImplementation(handle);
    }

    /** What stands behind an implementation, best first. */
    enum Quality {
        /** Code generated for these layouts. */
        DIRECT,
        /**
         * Generated code for other layouts, with copies before and after that each execution
         * repeats.
         */
        COPYING,
        /** Plain C++ loops, ten to a hundred times slower. */
        REFERENCE
    }

    Quality quality() {
        String name = implementation();
        if (name.startsWith("ref")) {
            return Quality.REFERENCE;
        }
        boolean window =
                call instanceof LibraryCall.Convolution
                        || call instanceof LibraryCall.Deconvolution
                        || call instanceof LibraryCall.ConvolutionBackwardData
                        || call instanceof LibraryCall.ConvolutionBackwardWeights;
        // jit_uni_ncsp transposes around another convolution, gemm unfolds the image into a matrix.
        return window && (name.contains("ncsp") || name.contains("gemm"))
                ? Quality.COPYING
                : Quality.DIRECT;
    }

    /** The call with the layouts that this implementation wants; empty if one of them is opaque. */
    Optional<LibraryCall> resolved() {
        List<BufferType> types = new ArrayList<>();
        for (int i = 0; i < args.length; i++) {
            BufferType asked = operands(call).get(i);
            Optional<BufferType> found =
                    asked.layout().isAny() ? MemoryDesc.read(memoryDesc(i)) : Optional.of(asked);
            if (found.isEmpty()) {
                return Optional.empty();
            }
            types.add(found.get());
        }
        int inputs = call.inputs().size();
        List<PostOp> postOps = new ArrayList<>();
        int next = inputs;
        for (PostOp p : call.postOps()) {
            postOps.add(
                    p instanceof PostOp.Binary b
                            ? new PostOp.Binary(b.algorithm(), types.get(next++))
                            : p);
        }
        return Optional.of(call.with(types.subList(0, inputs), types.getLast(), postOps));
    }

    long scratchpadBytes() {
        long md = Dnnl.primitiveDescMemory(handle, Dnnl.QUERY_SCRATCHPAD_MD, 0);
        return md == 0 ? 0 : Dnnl.memoryDescSize(md);
    }

    int[] args() {
        return args;
    }

    /** The memory descriptor of an operand, which lives as long as this. */
    long memoryDesc(int operand) {
        return Dnnl.primitiveDescMemory(handle, QUERY_EXEC_ARG_MD, args[operand]);
    }

    long scratchpadDesc() {
        return Dnnl.primitiveDescMemory(handle, Dnnl.QUERY_SCRATCHPAD_MD, 0);
    }

    long handle() {
        return handle;
    }

    @Override
    public void close() {
        if (handle != 0) {
            Dnnl.primitiveDescDestroy(handle);
            handle = 0;
            destroy(hint);
        }
    }

    /** Descriptors that live while a primitive descriptor is being made. */
    private static final class Descs implements AutoCloseable {
        private final List<MemoryDesc> made = new ArrayList<>();

        long add(BufferType type) {
            MemoryDesc md = MemoryDesc.of(type);
            made.add(md);
            return md.handle();
        }

        long add(Optional<BufferType> type) {
            return type.isPresent() ? add(type.get()) : 0;
        }

        @Override
        public void close() {
            made.forEach(MemoryDesc::close);
        }
    }

    private static final class Attributes implements AutoCloseable {
        private final long handle = Dnnl.attrCreate();

        Attributes(LibraryCall call, Descs mds) {
            long ops = Dnnl.postOpsCreate();
            try {
                for (PostOp p : call.postOps()) {
                    switch (p) {
                        case PostOp.Eltwise e ->
                                Dnnl.postOpsAppendEltwise(ops, e.algorithm(), e.alpha(), e.beta());
                        case PostOp.Sum s -> Dnnl.postOpsAppendSum(ops, s.scale());
                        case PostOp.Binary b ->
                                Dnnl.postOpsAppendBinary(ops, b.algorithm(), mds.add(b.operand()));
                    }
                }
                Dnnl.attrSetPostOps(handle, ops);
                Dnnl.attrSetScratchpadUser(handle);
                if (call.math() == MathMode.BFLOAT16) {
                    Dnnl.attrSetFpmathMode(handle, 1);
                }
            } catch (RuntimeException e) {
                Dnnl.attrDestroy(handle);
                throw e;
            } finally {
                Dnnl.postOpsDestroy(ops);
            }
        }

        long handle() {
            return handle;
        }

        @Override
        public void close() {
            Dnnl.attrDestroy(handle);
        }
    }
}
