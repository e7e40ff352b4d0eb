package org.ipex4j.runtime.jit;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.ipex4j.ir.plan.CodeUnit;
import org.ipex4j.runtime.natives.Native;

/** Hand-written kernels for tests of the JIT. */
final class Kernels {
    private static final MethodHandle CALL =
            Linker.nativeLinker()
                    .downcallHandle(
                            FunctionDescriptor.ofVoid(Native.LONG, Native.LONG, Native.LONG));

    private Kernels() {}

    /**
     * {@code c[i] = expf(a[i]) + b[i] * k} for {@code i < n}; {@code params = {n}}; the range is
     * split among the threads of a parallel region. Needs a constant pool entry, a libm call and
     * OpenMP.
     */
    static CodeUnit add(String symbol, String k) {
        return new CodeUnit(
                symbol,
                """
                declare void @GOMP_parallel(ptr, ptr, i32, i32)
                declare i32 @omp_get_thread_num()
                declare i32 @omp_get_num_threads()
                declare float @expf(float)

                define internal void @body(ptr %%context) {
                entry:
                  %%buffers = load ptr, ptr %%context
                  %%p1 = getelementptr i8, ptr %%context, i64 8
                  %%n = load i64, ptr %%p1
                  %%id32 = call i32 @omp_get_thread_num()
                  %%count32 = call i32 @omp_get_num_threads()
                  %%id = sext i32 %%id32 to i64
                  %%count = sext i32 %%count32 to i64
                  %%begin0 = mul i64 %%n, %%id
                  %%begin = sdiv i64 %%begin0, %%count
                  %%next = add i64 %%id, 1
                  %%end0 = mul i64 %%n, %%next
                  %%end = sdiv i64 %%end0, %%count
                  %%a = load ptr, ptr %%buffers
                  %%bp = getelementptr ptr, ptr %%buffers, i64 1
                  %%b = load ptr, ptr %%bp
                  %%cp = getelementptr ptr, ptr %%buffers, i64 2
                  %%c = load ptr, ptr %%cp
                  br label %%head
                head:
                  %%i = phi i64 [ %%begin, %%entry ], [ %%i2, %%loop ]
                  %%more = icmp slt i64 %%i, %%end
                  br i1 %%more, label %%loop, label %%exit
                loop:
                  %%ai = getelementptr float, ptr %%a, i64 %%i
                  %%x = load float, ptr %%ai
                  %%bi = getelementptr float, ptr %%b, i64 %%i
                  %%y = load float, ptr %%bi
                  %%e = call float @expf(float %%x)
                  %%yk = fmul float %%y, %s
                  %%s = fadd float %%e, %%yk
                  %%ci = getelementptr float, ptr %%c, i64 %%i
                  store float %%s, ptr %%ci
                  %%i2 = add i64 %%i, 1
                  br label %%head
                exit:
                  ret void
                }

                define void @%s(ptr %%buffers, ptr %%params, i64 %%threads) {
                  %%context = alloca [2 x i64]
                  store ptr %%buffers, ptr %%context
                  %%n = load i64, ptr %%params
                  %%p1 = getelementptr i8, ptr %%context, i64 8
                  store i64 %%n, ptr %%p1
                  %%t = trunc i64 %%threads to i32
                  call void @GOMP_parallel(ptr @body, ptr %%context, i32 %%t, i32 0)
                  ret void
                }
                """
                        .formatted(k, symbol));
    }

    /** A kernel that LLVM vectorises: {@code b[i] = fma(a[i], k, k)}. */
    static CodeUnit scale(String symbol, String k) {
        return new CodeUnit(
                symbol,
                """
                define void @%s(ptr %%buffers, ptr %%params, i64 %%threads) {
                entry:
                  %%a = load ptr, ptr %%buffers, !alias.scope !2
                  %%bp = getelementptr ptr, ptr %%buffers, i64 1
                  %%b = load ptr, ptr %%bp
                  %%n = load i64, ptr %%params
                  br label %%head
                head:
                  %%i = phi i64 [ 0, %%entry ], [ %%i2, %%loop ]
                  %%more = icmp slt i64 %%i, %%n
                  br i1 %%more, label %%loop, label %%exit
                loop:
                  %%ai = getelementptr float, ptr %%a, i64 %%i
                  %%x = load float, ptr %%ai
                  %%s = call float @llvm.fma.f32(float %%x, float %s, float %s)
                  %%bi = getelementptr float, ptr %%b, i64 %%i
                  store float %%s, ptr %%bi
                  %%i2 = add i64 %%i, 1
                  br label %%head
                exit:
                  ret void
                }
                declare float @llvm.fma.f32(float, float, float)
                !0 = distinct !{!0}
                !1 = distinct !{!1, !0}
                !2 = !{!1}
                """
                        .formatted(symbol, k, k));
    }

    static void call(long address, MemorySegment buffers, MemorySegment params, int threads) {
        try {
            CALL.invokeExact(
                    MemorySegment.ofAddress(address),
                    buffers.address(),
                    params.address(),
                    (long) threads);
        } catch (Throwable t) {
            throw Native.rethrow(t);
        }
    }
}
