package org.ipex4j.compiler.loop;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.ipex4j.compiler.CompileOptions.FloatMode;
import org.ipex4j.compiler.loop.emit.KernelEmitter;
import org.ipex4j.compiler.loop.lower.CannotFuse;
import org.ipex4j.compiler.loop.lower.ProgramBuilder;
import org.ipex4j.compiler.loop.nest.Nest;
import org.ipex4j.compiler.loop.schedule.Schedule;
import org.ipex4j.compiler.loop.schedule.Scheduler;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.plan.BufferType;
import org.ipex4j.ir.plan.Target;

/** Turns a group of nodes into one kernel for given layouts. */
public final class LoopCompiler {
    /** Functions that kernels call and the JIT must resolve: OpenMP's and libm's. */
    public static final List<String> EXTERNAL_SYMBOLS = externalSymbols();

    /**
     * Seconds of one thread's work below which a second thread does not pay: several region starts.
     */
    private static final double GRAIN_SECONDS = 5e-6;

    private static final double BYTES_PER_SECOND = 15e9;
    private static final double VECTOR_INSTRUCTIONS_PER_SECOND = 4e9;

    private LoopCompiler() {}

    /**
     * Compiles a group.
     *
     * @param layouts memory types of the group's inputs and outputs
     * @throws IllegalArgumentException if an op has no lowering or a layout cannot be read; names
     *     the op
     */
    public static LoopKernel compile(
            LoopGroup group, Map<Value, BufferType> layouts, Target target, FloatMode mode) {
        for (Node n : group.nodes()) {
            if (!LoopLowerings.supports(n.op())) {
                throw new IllegalArgumentException(
                        n.op() + " has no loop lowering" + n.source().suffix());
            }
        }
        List<Value> buffers = new ArrayList<>(group.inputs());
        buffers.addAll(group.outputs());
        for (Value v : buffers) {
            if (layouts.get(v) == null) {
                throw new IllegalArgumentException("no layout for " + v + " of " + group.nodes());
            }
        }
        List<Schedule> schedules = schedule(group, layouts, buffers, target);
        double seconds = 0;
        for (Schedule s : schedules) {
            seconds +=
                    KernelEmitter.bytes(s) / BYTES_PER_SECOND
                            + s.cost() / VECTOR_INSTRUCTIONS_PER_SECOND;
        }
        int threads =
                (int)
                        Math.clamp(
                                (long) (seconds / GRAIN_SECONDS), 1, Math.max(1, target.threads()));
        KernelEmitter.Emitted e =
                KernelEmitter.emit(schedules, target, mode == FloatMode.FAST_REDUCTIONS);
        return new LoopKernel(e.unit(), buffers, e.params(), threads, 0);
    }

    private static List<Schedule> schedule(
            LoopGroup group, Map<Value, BufferType> layouts, List<Value> buffers, Target target) {
        try {
            List<Nest> nests = ProgramBuilder.build(group.nodes(), group.outputs(), List.of());
            List<Map<Integer, Integer>> splits =
                    nests.stream().map(n -> Scheduler.splits(n, layouts)).toList();
            if (splits.stream().anyMatch(s -> !s.isEmpty())) {
                nests = ProgramBuilder.build(group.nodes(), group.outputs(), splits);
            }
            return nests.stream()
                    .map(n -> Scheduler.schedule(n, layouts, buffers, target))
                    .toList();
        } catch (CannotFuse e) {
            throw new IllegalArgumentException(
                    "cannot compile " + group.nodes() + " as one kernel: " + e.getMessage(), e);
        }
    }

    private static List<String> externalSymbols() {
        List<String> out =
                new ArrayList<>(
                        List.of("GOMP_parallel", "omp_get_thread_num", "omp_get_num_threads"));
        for (String f :
                new String[] {
                    "exp",
                    "exp2",
                    "expm1",
                    "log",
                    "log2",
                    "log10",
                    "log1p",
                    "sin",
                    "cos",
                    "tan",
                    "asin",
                    "acos",
                    "atan",
                    "sinh",
                    "cosh",
                    "tanh",
                    "asinh",
                    "acosh",
                    "atanh",
                    "erf",
                    "erfc",
                    "lgamma",
                    "tgamma",
                    "pow",
                    "atan2",
                    "hypot",
                    "fmod",
                    "nextafter",
                    "floor",
                    "ceil",
                    "trunc",
                    "roundeven",
                    "rint"
                }) {
            out.add(f);
            out.add(f + "f");
        }
        out.addAll(List.of("memcpy", "memset", "memmove"));
        return List.copyOf(out);
    }
}
