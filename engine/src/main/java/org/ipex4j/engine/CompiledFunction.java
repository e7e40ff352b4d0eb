package org.ipex4j.engine;

import java.util.List;
import java.util.Map;
import org.ipex4j.runtime.Tensor;

/** A graph that a {@link Backend} made ready to run. Threads may run it at the same time. */
public interface CompiledFunction extends AutoCloseable {
    /**
     * Runs the graph.
     *
     * @param inputs one row-major tensor per graph input, in order, of the type the graph says;
     *     they stay the caller's
     * @return one tensor per graph output, the caller's to close; may share storage with an input
     */
    Tensor[] run(Tensor[] inputs);

    /** What was made of the graph. */
    default Report report() {
        return Report.EMPTY;
    }

    @Override
    void close();

    /**
     * An account of a compiled graph for {@link Ipex#explain}.
     *
     * @param kernels generated kernels: what is fused in each
     * @param libraryCalls library calls with implementation and layouts
     * @param prologues what is computed from parameters once
     * @param bytes predicted bytes that one run must move
     * @param flops predicted floating-point operations of one run
     * @param stageSeconds compile time by stage, in order
     */
    record Report(
            List<String> kernels,
            List<String> libraryCalls,
            List<String> prologues,
            double bytes,
            double flops,
            Map<String, Double> stageSeconds) {
        public static final Report EMPTY =
                new Report(List.of(), List.of(), List.of(), 0, 0, Map.of());
    }
}
