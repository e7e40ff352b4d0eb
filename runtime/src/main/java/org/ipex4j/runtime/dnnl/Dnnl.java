package org.ipex4j.runtime.dnnl;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.List;
import org.ipex4j.ir.DType;
import org.ipex4j.runtime.natives.NativeLibraries;

/**
 * The part of oneDNN's C API (3.13, {@code oneapi/dnnl/dnnl.h}) that the runtime uses, by hand and
 * without interpretation: names are the C names without the {@code dnnl_} prefix, handles and
 * pointers are addresses. Every status other than success becomes a {@link DnnlException}.
 */
final class Dnnl {
    /** {@code DNNL_MAX_NDIMS}. */
    static final int MAX_DIMS = 12;

    static final int SUCCESS = 0;
    static final int UNIMPLEMENTED = 3;
    static final int LAST_IMPL_REACHED = 4;

    static final int FORMAT_ANY = 1;
    static final int FORMAT_BLOCKED = 2;

    static final int FORWARD_TRAINING = 64;
    static final int FORWARD_INFERENCE = 96;

    static final int ARG_SRC = 1;
    static final int ARG_DST = 17;
    static final int ARG_WEIGHTS = 33;
    static final int ARG_BIAS = 41;
    static final int ARG_WORKSPACE = 64;
    static final int ARG_SCRATCHPAD = 80;
    static final int ARG_DIFF_SRC = 129;
    static final int ARG_DIFF_DST = 145;
    static final int ARG_DIFF_WEIGHTS = 161;
    static final int ARG_SRC_1 = 2;
    static final int ARG_POST_OP_BASE = 32768;

    static final int QUERY_IMPL_INFO = 8;
    static final int QUERY_STRIDES = 14;
    static final int QUERY_SRC_MD = 129;
    static final int QUERY_WEIGHTS_MD = 131;
    static final int QUERY_DST_MD = 133;
    static final int QUERY_WORKSPACE_MD = 135;
    static final int QUERY_SCRATCHPAD_MD = 136;
    static final int QUERY_NDIMS = 256;
    static final int QUERY_DIMS = 257;
    static final int QUERY_DATA_TYPE = 258;
    static final int QUERY_OFFSET = 259;
    static final int QUERY_PADDED_DIMS = 260;
    static final int QUERY_FORMAT_KIND = 262;
    static final int QUERY_INNER_NBLKS = 263;
    static final int QUERY_INNER_BLKS = 264;
    static final int QUERY_INNER_IDXS = 265;

    private static final List<String> ELTWISE =
            List.of(
                    "relu",
                    "tanh",
                    "elu",
                    "square",
                    "abs",
                    "sqrt",
                    "linear",
                    "soft_relu",
                    "hardsigmoid",
                    "logistic",
                    "exp",
                    "gelu_tanh",
                    "swish",
                    "log",
                    "clip",
                    "clip_v2",
                    "pow",
                    "gelu_erf",
                    "round",
                    "mish",
                    "hardswish");
    private static final List<String> BINARY =
            List.of("add", "mul", "max", "min", "div", "sub", "ge", "gt", "le", "lt", "eq", "ne");

    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup LIBRARY = NativeLibraries.dnnl();

    private static final MethodHandle VERSION = bind("version", JAVA_LONG);
    private static final MethodHandle STATUS2STR = bind("status2str", JAVA_LONG, JAVA_INT);
    private static final MethodHandle ENGINE_CREATE =
            bind("engine_create", JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG);
    private static final MethodHandle STREAM_CREATE =
            bind("stream_create", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
    private static final MethodHandle STREAM_DESTROY = bind("stream_destroy", JAVA_INT, JAVA_LONG);
    private static final MethodHandle SET_CACHE_CAPACITY =
            bind("set_primitive_cache_capacity", JAVA_INT, JAVA_INT);
    private static final MethodHandle TAG2STR = bind("fmt_tag2str", JAVA_LONG, JAVA_INT);
    private static final MethodHandle EFFECTIVE_ISA = bind("get_effective_cpu_isa", JAVA_INT);
    private static final MethodHandle ISA2STR = bind("cpu_isa2str", JAVA_LONG, JAVA_INT);

    private static final MethodHandle MD_CREATE_WITH_STRIDES =
            bind(
                    "memory_desc_create_with_strides",
                    JAVA_INT,
                    JAVA_LONG,
                    JAVA_INT,
                    JAVA_LONG,
                    JAVA_INT,
                    JAVA_LONG);
    private static final MethodHandle MD_CREATE_WITH_TAG =
            bind(
                    "memory_desc_create_with_tag",
                    JAVA_INT,
                    JAVA_LONG,
                    JAVA_INT,
                    JAVA_LONG,
                    JAVA_INT,
                    JAVA_INT);
    private static final MethodHandle MD_CREATE_WITH_BLOB =
            bind("memory_desc_create_with_blob", JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle MD_GET_BLOB =
            bind("memory_desc_get_blob", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle MD_QUERY =
            bind("memory_desc_query", JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG);
    private static final MethodHandle MD_EQUAL =
            bind("memory_desc_equal", JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle MD_SIZE = bind("memory_desc_get_size", JAVA_LONG, JAVA_LONG);
    private static final MethodHandle MD_DESTROY = bind("memory_desc_destroy", JAVA_INT, JAVA_LONG);

    private static final MethodHandle MEMORY_CREATE =
            bind("memory_create", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle MEMORY_SET_HANDLE =
            LINKER.downcallHandle(
                    symbol("memory_set_data_handle"),
                    FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG),
                    Linker.Option.critical(false)); // a few nanoseconds: stores one pointer
    private static final MethodHandle MEMORY_DESTROY = bind("memory_destroy", JAVA_INT, JAVA_LONG);

    private static final MethodHandle POST_OPS_CREATE =
            bind("post_ops_create", JAVA_INT, JAVA_LONG);
    private static final MethodHandle POST_OPS_DESTROY =
            bind("post_ops_destroy", JAVA_INT, JAVA_LONG);
    private static final MethodHandle POST_OPS_ELTWISE =
            bind("post_ops_append_eltwise", JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_FLOAT, JAVA_FLOAT);
    private static final MethodHandle POST_OPS_SUM =
            bind("post_ops_append_sum", JAVA_INT, JAVA_LONG, JAVA_FLOAT, JAVA_INT, JAVA_INT);
    private static final MethodHandle POST_OPS_BINARY =
            bind("post_ops_append_binary", JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG);
    private static final MethodHandle ATTR_CREATE =
            bind("primitive_attr_create", JAVA_INT, JAVA_LONG);
    private static final MethodHandle ATTR_DESTROY =
            bind("primitive_attr_destroy", JAVA_INT, JAVA_LONG);
    private static final MethodHandle ATTR_POST_OPS =
            bind("primitive_attr_set_post_ops", JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle ATTR_SCRATCHPAD =
            bind("primitive_attr_set_scratchpad_mode", JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle ATTR_FPMATH =
            bind("primitive_attr_set_fpmath_mode", JAVA_INT, JAVA_LONG, JAVA_INT);

    private static final MethodHandle PD_NEXT_IMPL =
            bind("primitive_desc_next_impl", JAVA_INT, JAVA_LONG);
    private static final MethodHandle PD_DESTROY =
            bind("primitive_desc_destroy", JAVA_INT, JAVA_LONG);
    private static final MethodHandle PD_QUERY =
            bind("primitive_desc_query", JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle PD_QUERY_MD =
            bind("primitive_desc_query_md", JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT);
    private static final MethodHandle PRIMITIVE_CREATE =
            bind("primitive_create", JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle PRIMITIVE_EXECUTE =
            bind("primitive_execute", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG);
    private static final MethodHandle PRIMITIVE_DESTROY =
            bind("primitive_destroy", JAVA_INT, JAVA_LONG);

    private static final long ENGINE = createEngine();

    private Dnnl() {}

    private static MemorySegment symbol(String name) {
        return LIBRARY.find("dnnl_" + name)
                .orElseThrow(() -> new UnsatisfiedLinkError("oneDNN has no function dnnl_" + name));
    }

    static MethodHandle bind(String name, MemoryLayout result, MemoryLayout... arguments) {
        return LINKER.downcallHandle(symbol(name), FunctionDescriptor.of(result, arguments));
    }

    private static long createEngine() {
        // Primitives are kept in our own bounded cache; a second one would keep evicted ones alive.
        check(
                "dnnl_set_primitive_cache_capacity",
                status(() -> (int) SET_CACHE_CAPACITY.invokeExact(0)));
        return handle("dnnl_engine_create", out -> (int) ENGINE_CREATE.invokeExact(out, 1, 0L));
    }

    /** The CPU engine of the process. */
    static long engine() {
        return ENGINE;
    }

    /** Version and git hash: {@code 3.13.0 (abc…)}. */
    static String version() {
        try {
            MemorySegment v = MemorySegment.ofAddress((long) VERSION.invokeExact()).reinterpret(24);
            return v.get(JAVA_INT, 0)
                    + "."
                    + v.get(JAVA_INT, 4)
                    + "."
                    + v.get(JAVA_INT, 8)
                    + " ("
                    + string(v.get(JAVA_LONG, 16))
                    + ")";
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /** The instruction set oneDNN generates code for: {@code cpu_isa_avx512_core_bf16}. */
    static String isa() {
        try {
            return string((long) ISA2STR.invokeExact((int) EFFECTIVE_ISA.invokeExact()));
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static long streamCreate() {
        return handle("dnnl_stream_create", out -> (int) STREAM_CREATE.invokeExact(out, ENGINE, 1));
    }

    static void streamDestroy(long stream) {
        check("dnnl_stream_destroy", status(() -> (int) STREAM_DESTROY.invokeExact(stream)));
    }

    static long memoryDescCreateWithStrides(long[] dims, DType type, long[] strides) {
        try (Arena arena = Arena.ofConfined()) {
            long d = dims(arena, dims);
            long s = dims(arena, strides);
            int t = dataType(type);
            return handle(
                    "dnnl_memory_desc_create_with_strides",
                    out -> (int) MD_CREATE_WITH_STRIDES.invokeExact(out, dims.length, d, t, s));
        }
    }

    static long memoryDescCreateWithTag(long[] dims, DType type, int tag) {
        try (Arena arena = Arena.ofConfined()) {
            long d = dims(arena, dims);
            int t = dataType(type);
            return handle(
                    "dnnl_memory_desc_create_with_tag",
                    out -> (int) MD_CREATE_WITH_TAG.invokeExact(out, dims.length, d, t, tag));
        }
    }

    static long memoryDescCreateWithBlob(MemorySegment blob) {
        return handle(
                "dnnl_memory_desc_create_with_blob",
                out -> (int) MD_CREATE_WITH_BLOB.invokeExact(out, blob.address()));
    }

    static MemorySegment memoryDescGetBlob(Arena arena, long desc) {
        MemorySegment size = arena.allocate(JAVA_LONG);
        check(
                "dnnl_memory_desc_get_blob",
                status(() -> (int) MD_GET_BLOB.invokeExact(0L, size.address(), desc)));
        MemorySegment blob = arena.allocate(size.get(JAVA_LONG, 0), 16);
        check(
                "dnnl_memory_desc_get_blob",
                status(() -> (int) MD_GET_BLOB.invokeExact(blob.address(), size.address(), desc)));
        return blob;
    }

    static int memoryDescQueryInt(long desc, int what) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(JAVA_LONG);
            check(
                    "dnnl_memory_desc_query",
                    status(() -> (int) MD_QUERY.invokeExact(desc, what, out.address())));
            return out.get(JAVA_INT, 0);
        }
    }

    static long memoryDescQueryLong(long desc, int what) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(JAVA_LONG);
            check(
                    "dnnl_memory_desc_query",
                    status(() -> (int) MD_QUERY.invokeExact(desc, what, out.address())));
            return out.get(JAVA_LONG, 0);
        }
    }

    /** A vector of {@code n} values that the descriptor holds. */
    static long[] memoryDescQueryDims(long desc, int what, int n) {
        return n == 0
                ? new long[0]
                : MemorySegment.ofAddress(memoryDescQueryLong(desc, what))
                        .reinterpret(8L * n)
                        .toArray(JAVA_LONG);
    }

    static boolean memoryDescEqual(long a, long b) {
        return status(() -> (int) MD_EQUAL.invokeExact(a, b)) != 0;
    }

    static long memoryDescSize(long desc) {
        try {
            return (long) MD_SIZE.invokeExact(desc);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static void memoryDescDestroy(long desc) {
        check("dnnl_memory_desc_destroy", status(() -> (int) MD_DESTROY.invokeExact(desc)));
    }

    /** A memory object without memory; {@link #memorySetHandle} gives it some. */
    static long memoryCreate(long desc) {
        return handle(
                "dnnl_memory_create",
                out -> (int) MEMORY_CREATE.invokeExact(out, desc, ENGINE, 0L));
    }

    static void memorySetHandle(long memory, long address) {
        int status;
        try {
            status = (int) MEMORY_SET_HANDLE.invokeExact(memory, address);
        } catch (Throwable t) {
            throw unexpected(t);
        }
        if (status != SUCCESS) {
            throw new DnnlException("dnnl_memory_set_data_handle", status);
        }
    }

    static void memoryDestroy(long memory) {
        check("dnnl_memory_destroy", status(() -> (int) MEMORY_DESTROY.invokeExact(memory)));
    }

    static long postOpsCreate() {
        return handle("dnnl_post_ops_create", out -> (int) POST_OPS_CREATE.invokeExact(out));
    }

    static void postOpsDestroy(long postOps) {
        check("dnnl_post_ops_destroy", status(() -> (int) POST_OPS_DESTROY.invokeExact(postOps)));
    }

    static void postOpsAppendEltwise(long postOps, String algorithm, float alpha, float beta) {
        int kind = eltwise(algorithm);
        check(
                "dnnl_post_ops_append_eltwise",
                status(() -> (int) POST_OPS_ELTWISE.invokeExact(postOps, kind, alpha, beta)));
    }

    static void postOpsAppendSum(long postOps, float scale) {
        check(
                "dnnl_post_ops_append_sum",
                status(() -> (int) POST_OPS_SUM.invokeExact(postOps, scale, 0, 0)));
    }

    static void postOpsAppendBinary(long postOps, String algorithm, long desc) {
        int kind = binary(algorithm);
        check(
                "dnnl_post_ops_append_binary",
                status(() -> (int) POST_OPS_BINARY.invokeExact(postOps, kind, desc)));
    }

    static long attrCreate() {
        return handle("dnnl_primitive_attr_create", out -> (int) ATTR_CREATE.invokeExact(out));
    }

    static void attrDestroy(long attr) {
        check("dnnl_primitive_attr_destroy", status(() -> (int) ATTR_DESTROY.invokeExact(attr)));
    }

    static void attrSetPostOps(long attr, long postOps) {
        check(
                "dnnl_primitive_attr_set_post_ops",
                status(() -> (int) ATTR_POST_OPS.invokeExact(attr, postOps)));
    }

    /**
     * {@code user}: the caller gives the scratchpad at each execution, so that primitives are
     * reentrant.
     */
    static void attrSetScratchpadUser(long attr) {
        check(
                "dnnl_primitive_attr_set_scratchpad_mode",
                status(() -> (int) ATTR_SCRATCHPAD.invokeExact(attr, 1)));
    }

    /** 0 strict, 1 bf16, 2 f16, 3 any, 4 tf32. */
    static void attrSetFpmathMode(long attr, int mode) {
        check(
                "dnnl_primitive_attr_set_fpmath_mode",
                status(() -> (int) ATTR_FPMATH.invokeExact(attr, mode)));
    }

    /** Moves to the next implementation; false after the last. */
    static boolean primitiveDescNextImpl(long desc) {
        int status = status(() -> (int) PD_NEXT_IMPL.invokeExact(desc));
        if (status == LAST_IMPL_REACHED) {
            return false;
        }
        check("dnnl_primitive_desc_next_impl", status);
        return true;
    }

    static String primitiveDescImplementation(long desc) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(JAVA_LONG);
            check(
                    "dnnl_primitive_desc_query",
                    status(
                            () ->
                                    (int)
                                            PD_QUERY.invokeExact(
                                                    desc, QUERY_IMPL_INFO, 0, out.address())));
            return string(out.get(JAVA_LONG, 0));
        }
    }

    /** The memory descriptor of an operand; owned by the primitive descriptor; 0 if it has none. */
    static long primitiveDescMemory(long desc, int what, int index) {
        try {
            return (long) PD_QUERY_MD.invokeExact(desc, what, index);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static void primitiveDescDestroy(long desc) {
        check("dnnl_primitive_desc_destroy", status(() -> (int) PD_DESTROY.invokeExact(desc)));
    }

    static long primitiveCreate(long desc) {
        return handle(
                "dnnl_primitive_create", out -> (int) PRIMITIVE_CREATE.invokeExact(out, desc));
    }

    /** Runs a primitive on {@code count} {@code dnnl_exec_arg_t} structures; returns the status. */
    static int primitiveExecute(long primitive, long stream, int count, long args) {
        try {
            return (int) PRIMITIVE_EXECUTE.invokeExact(primitive, stream, count, args);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static void primitiveDestroy(long primitive) {
        check(
                "dnnl_primitive_destroy",
                status(() -> (int) PRIMITIVE_DESTROY.invokeExact(primitive)));
    }

    static String statusName(int status) {
        try {
            return string((long) STATUS2STR.invokeExact(status));
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /** Whether oneDNN has this element type. */
    static boolean hasType(DType type) {
        return type != DType.INT16;
    }

    /** The name of a {@code dnnl_format_tag_t}: {@code aBcd16b}. */
    static String tagName(int tag) {
        try {
            return string((long) TAG2STR.invokeExact(tag));
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int dataType(DType type) {
        return switch (type) {
            case FLOAT16 -> 1;
            case BFLOAT16 -> 2;
            case FLOAT32 -> 3;
            case INT32 -> 4;
            case INT8 -> 5;
            case UINT8 -> 6;
            case FLOAT64 -> 7;
            case BOOL -> 8;
            case INT64 -> 16;
            case INT16 -> throw new IllegalArgumentException("oneDNN has no element type " + type);
        };
    }

    static DType dtype(int dataType) {
        return switch (dataType) {
            case 1 -> DType.FLOAT16;
            case 2 -> DType.BFLOAT16;
            case 3 -> DType.FLOAT32;
            case 4 -> DType.INT32;
            case 5 -> DType.INT8;
            case 6 -> DType.UINT8;
            case 7 -> DType.FLOAT64;
            case 8 -> DType.BOOL;
            case 16 -> DType.INT64;
            default ->
                    throw new IllegalArgumentException(
                            "no element type for oneDNN's data type " + dataType);
        };
    }

    static int pooling(String algorithm) {
        return switch (algorithm) {
            case "max" -> 0x1ff;
            case "avg_include_padding" -> 0x2ff;
            case "avg_exclude_padding" -> 0x3ff;
            default ->
                    throw new IllegalArgumentException(
                            "unknown pooling algorithm '" + algorithm + "'");
        };
    }

    private static int eltwise(String algorithm) {
        int i = ELTWISE.indexOf(algorithm);
        if (i < 0) {
            throw new IllegalArgumentException(
                    "unknown eltwise algorithm '" + algorithm + "', known: " + ELTWISE);
        }
        return 0x20 + i;
    }

    private static int binary(String algorithm) {
        int i = BINARY.indexOf(algorithm);
        if (i < 0) {
            throw new IllegalArgumentException(
                    "unknown binary algorithm '" + algorithm + "', known: " + BINARY);
        }
        return 0x1fff0 + i;
    }

    /** A {@code dnnl_dims_t}. */
    static long dims(Arena arena, long[] values) {
        MemorySegment s = arena.allocate(8L * MAX_DIMS, 8);
        MemorySegment.copy(values, 0, s, JAVA_LONG, 0, values.length);
        return s.address();
    }

    private static String string(long address) {
        return address == 0
                ? ""
                : MemorySegment.ofAddress(address).reinterpret(Long.MAX_VALUE).getString(0);
    }

    static void check(String call, int status) {
        if (status != SUCCESS) {
            throw new DnnlException(call, status);
        }
    }

    /** A C call that returns a status, or any other int. */
    interface Call {
        int run() throws Throwable;
    }

    /** A C call that stores a handle at the address given. */
    private interface Maker {
        int run(long out) throws Throwable;
    }

    static int status(Call call) {
        try {
            return call.run();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    private static long handle(String name, Maker maker) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(JAVA_LONG);
            check(name, status(() -> maker.run(out.address())));
            return out.get(JAVA_LONG, 0);
        }
    }

    private static RuntimeException unexpected(Throwable t) {
        return switch (t) {
            case Error e -> throw e;
            case RuntimeException e -> e;
            default -> new IllegalStateException("downcall into oneDNN failed", t);
        };
    }
}
