package org.ipex4j.engine;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.ipex4j.ir.graph.Graph;

/**
 * What became of a forward: {@link Ipex#explain}.
 *
 * @param graphs the captured graphs in the order they run; more than one after graph breaks
 * @param breaks where and why the forward needs more than one graph
 * @param guards what a call must be to be served by these graphs
 * @param reports what the backend made of each graph
 * @param misses why graphs were captured anew before, for a block that was in use
 * @param captureSeconds time to run the forward and record it
 * @param compileSeconds time the backend took
 */
public record Explanation(
        List<Graph> graphs,
        List<GraphBreak> breaks,
        List<String> guards,
        List<CompiledFunction.Report> reports,
        List<String> misses,
        double captureSeconds,
        double compileSeconds) {

    /** Number of op calls captured. */
    public int opCount() {
        return graphs.stream().mapToInt(g -> g.nodes().size()).sum();
    }

    /** Predicted floating-point operations of one forward. */
    public double flops() {
        return reports.stream().mapToDouble(CompiledFunction.Report::flops).sum();
    }

    /** Predicted bytes that one forward must move. */
    public double bytes() {
        return reports.stream().mapToDouble(CompiledFunction.Report::bytes).sum();
    }

    @Override
    public String toString() {
        StringBuilder out = new StringBuilder();
        line(
                out,
                "Graphs: %d, graph breaks: %d, ops captured: %d",
                graphs.size(),
                breaks.size(),
                opCount());
        section(out, "Graph breaks", breaks);
        section(out, "Guards", guards);
        section(out, "Recompilations", misses);
        for (int i = 0; i < graphs.size(); i++) {
            line(out, "%nGraph %d:", i + 1);
            out.append(graphs.get(i));
            CompiledFunction.Report r = reports.get(i);
            section(out, "Library calls", r.libraryCalls());
            section(out, "Kernels", r.kernels());
            section(out, "Run once per parameter version", r.prologues());
            if (r.flops() > 0 || r.bytes() > 0) {
                line(out, "Predicted: %.3f GFLOP, %.3f MB", r.flops() / 1e9, r.bytes() / 1e6);
            }
            if (!r.stageSeconds().isEmpty()) {
                line(out, "Compile time by stage:");
                for (Map.Entry<String, Double> s : r.stageSeconds().entrySet()) {
                    line(out, "  %-20s %8.1f ms", s.getKey(), s.getValue() * 1e3);
                }
            }
        }
        line(out, "Capture %.1f ms, compile %.1f ms", captureSeconds * 1e3, compileSeconds * 1e3);
        return out.toString();
    }

    private static void section(StringBuilder out, String title, List<?> lines) {
        if (!lines.isEmpty()) {
            line(out, "%s:", title);
            lines.forEach(l -> line(out, "  %s", l));
        }
    }

    private static void line(StringBuilder out, String format, Object... args) {
        out.append(String.format(Locale.ROOT, format, args)).append('\n');
    }
}
