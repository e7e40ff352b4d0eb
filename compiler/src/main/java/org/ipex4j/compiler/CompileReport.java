package org.ipex4j.compiler;

import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.ipex4j.ir.plan.CompiledGraph;
import org.ipex4j.ir.plan.Plan;
import org.ipex4j.ir.plan.Step;

/**
 * What a compilation did, for {@code explain} and for logs.
 *
 * @param compiled the result
 * @param stages in the order they ran
 * @param groups what each generated kernel of the main plan fuses
 * @param libraryCalls the main plan's library calls
 * @param reorders how many of them only change a layout
 */
public record CompileReport(
        CompiledGraph compiled,
        List<Stage> stages,
        List<FusedGroup> groups,
        List<LibraryUse> libraryCalls,
        int reorders) {

    /**
     * One stage of the compilation.
     *
     * @param text its result in text form, made when asked for
     * @param nanos time it took
     */
    public record Stage(String name, Supplier<String> text, long nanos) {}

    /**
     * Ops that became one kernel.
     *
     * @param ops full names in order
     */
    public record FusedGroup(
            String label, List<String> ops, String symbol, double flops, double bytes) {}

    /**
     * One library call.
     *
     * @param layouts of source, other inputs and result, as text
     * @param postOps absorbed, by oneDNN's names
     */
    public record LibraryUse(
            String label,
            String kind,
            String implementation,
            List<String> layouts,
            List<String> postOps,
            double flops,
            double bytes) {}

    /** Predicted floating-point operations of one call. */
    public double flops() {
        return total(Step.Work::flops);
    }

    /** Predicted bytes read and written by one call. */
    public double bytes() {
        return total(Step.Work::bytes);
    }

    private double total(java.util.function.ToDoubleFunction<Step.Work> part) {
        return compiled.main().steps().stream()
                .mapToDouble(s -> part.applyAsDouble(s.work()))
                .sum();
    }

    /** Some lines for people. */
    public String summary() {
        Plan main = compiled.main();
        StringBuilder out = new StringBuilder();
        out.append(
                String.format(
                        Locale.ROOT,
                        "%d library calls (%d reorders), %d kernels, %d prologues; %.2f GFLOP, %.1f MB moved, %.1f MB working memory%n",
                        libraryCalls.size(),
                        reorders,
                        groups.size(),
                        compiled.prologues().size(),
                        flops() / 1e9,
                        bytes() / 1e6,
                        main.arenaBytes() / 1e6));
        for (Stage s : stages) {
            out.append(String.format(Locale.ROOT, "  %-18s %8.2f ms%n", s.name(), s.nanos() / 1e6));
        }
        for (Step s : main.steps()) {
            out.append("  ").append(s.label());
            if (s instanceof Step.Library l) {
                out.append("  [").append(l.implementation()).append(']');
            }
            out.append('\n');
        }
        return out.toString();
    }
}
