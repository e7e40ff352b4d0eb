package org.ipex4j.compiler.loop.emit;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeSet;
import org.ipex4j.compiler.loop.expr.Expr;
import org.ipex4j.compiler.loop.schedule.Schedule;
import org.ipex4j.ir.plan.CodeUnit;
import org.ipex4j.ir.plan.Target;

/**
 * Writes the module of a kernel: its nests, the parallel region around them, and the functions they
 * use.
 */
public final class KernelEmitter {
    private static final String PLACEHOLDER = "KERNEL_SYMBOL";

    /** A kernel's code and the numbers it reads. */
    public record Emitted(CodeUnit unit, long[] params) {}

    private KernelEmitter() {}

    /**
     * Emits a kernel.
     *
     * @param contract whether multiply-adds may be fused
     */
    public static Emitted emit(List<Schedule> schedules, Target target, boolean contract) {
        MathFunctions math = new MathFunctions(target.has("avx512f") && target.vectorBytes() == 64);
        Bfloat16 bfloat16 = new Bfloat16(target.has("avx512_bf16") && target.vectorBytes() == 64);
        Values values = new Values(contract, math, bfloat16);
        Params params = new Params();
        StringBuilder nests = new StringBuilder();
        StringBuilder calls = new StringBuilder();
        for (int i = 0; i < schedules.size(); i++) {
            Schedule s = schedules.get(i);
            int width = target.lanes(ElementEmitter.widest(s.nest().expressions()));
            nests.append(new NestEmitter(s, i, params, values, width, unroll(s)).emit("nest" + i))
                    .append('\n');
            calls.append("  call void @nest")
                    .append(i)
                    .append("(ptr %ctx, i64 %thread, i64 %threads)\n");
        }
        String text = module(nests.toString(), calls.toString(), values, math, bfloat16, target);
        String symbol = "ipex_" + hash(text + target.cpu() + target.features());
        return new Emitted(
                new CodeUnit(symbol, text.replace(PLACEHOLDER, symbol)), params.toArray());
    }

    /**
     * Independent vectors per turn of the vector loop: as many as hide latency without spilling.
     */
    private static int unroll(Schedule s) {
        double cost = 0;
        for (Expr e : s.nest().expressions()) {
            cost += e.op().cost();
        }
        cost += s.nest().stores().size();
        boolean gathers =
                s.vector() != null
                        && s.addresses().values().stream()
                                .anyMatch(a -> Math.abs(a.strides()[s.vector().id()]) > 1);
        return gathers ? 1 : cost <= 12 ? 4 : cost <= 100 ? 2 : 1;
    }

    private static String module(
            String nests,
            String calls,
            Values values,
            MathFunctions math,
            Bfloat16 bfloat16,
            Target target) {
        StringBuilder out = new StringBuilder();
        out.append("@ipex.zero = internal constant i64 0, align 8\n\n");
        out.append("define i64 @")
                .append(PLACEHOLDER)
                .append("(ptr %buffers, ptr %params, i64 %threads) #0 {\n");
        out.append(
                """
                entry:
                  %ctx = alloca { ptr, ptr, i64 }, align 8
                  store ptr %buffers, ptr %ctx
                  %pp = getelementptr ptr, ptr %ctx, i64 1
                  store ptr %params, ptr %pp
                  %sp = getelementptr i64, ptr %ctx, i64 2
                  store i64 0, ptr %sp
                  %many = icmp ugt i64 %threads, 1
                  br i1 %many, label %parallel, label %serial
                parallel:
                  %n = trunc i64 %threads to i32
                  call void @GOMP_parallel(ptr @region, ptr %ctx, i32 %n, i32 0)
                  br label %done
                serial:
                  call void @share(ptr %ctx, i64 0, i64 1)
                  br label %done
                done:
                  %status = load atomic i64, ptr %sp monotonic, align 8
                  ret i64 %status
                }

                define internal void @region(ptr %ctx) #0 {
                  %t = call i32 @omp_get_thread_num()
                  %n = call i32 @omp_get_num_threads()
                  %thread = zext i32 %t to i64
                  %threads = zext i32 %n to i64
                  call void @share(ptr %ctx, i64 %thread, i64 %threads)
                  ret void
                }

                define internal void @share(ptr %ctx, i64 %thread, i64 %threads) noinline #0 {
                """);
        out.append(calls).append("  ret void\n}\n\n").append(nests);
        TreeSet<String> declarations = new TreeSet<>(values.declarations());
        declarations.addAll(math.declarations());
        declarations.addAll(bfloat16.declarations());
        for (String functions : List.of(math.text(), bfloat16.text())) {
            if (!functions.isEmpty()) {
                out.append(functions).append('\n');
            }
        }
        declarations.add("declare void @GOMP_parallel(ptr, ptr, i32, i32)");
        declarations.add("declare i32 @omp_get_thread_num()");
        declarations.add("declare i32 @omp_get_num_threads()");
        declarations.forEach(d -> out.append(d).append('\n'));
        out.append("\nattributes #0 = { nounwind");
        if (target.vectorBytes() == 64) {
            out.append(" \"prefer-vector-width\"=\"512\" \"min-legal-vector-width\"=\"512\"");
        }
        return out.append(" }\n!0 = !{}\n").toString();
    }

    private static String hash(String text) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 12);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Bytes read and written by the loops of a schedule, for choosing the number of threads. */
    public static double bytes(Schedule s) {
        double bytes = 0;
        for (var e : s.addresses().entrySet()) {
            double n = 1;
            for (int l = 0; l < s.loops().size(); l++) {
                n *= e.getValue().strides()[l] != 0 ? s.loops().get(l).size() : 1;
            }
            bytes += n * e.getValue().stored().byteSize();
        }
        return bytes;
    }
}
