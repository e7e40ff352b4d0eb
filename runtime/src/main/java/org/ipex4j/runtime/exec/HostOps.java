package org.ipex4j.runtime.exec;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Set;
import org.ipex4j.ir.plan.Operand;
import org.ipex4j.ir.plan.Step;

/**
 * The ops that plans run in Java, by name; see {@link Step.Host}. They work on the memory of plain
 * contiguous operands of any dtype.
 */
public final class HostOps {
    /** One op: reads and writes the operands of a step, of which results come last. */
    @FunctionalInterface
    interface Body {
        void run(Step.Host step, MemorySegment[] operands);
    }

    private static final Map<String, Body> OPS =
            Map.ofEntries(
                    Map.entry("aten.sort", Sorting::sort),
                    Map.entry("aten.sort.stable", Sorting::sort),
                    Map.entry("aten.argsort", Sorting::argsort),
                    Map.entry("aten.topk", Sorting::topk),
                    Map.entry("aten.scatter.src", Scattering::scatter),
                    Map.entry("aten.scatter.value", Scattering::scatter),
                    Map.entry("aten.scatter_add", Scattering::scatterAdd),
                    Map.entry("aten.index_put", IndexWriting::indexPut),
                    Map.entry("aten.put", IndexWriting::put),
                    Map.entry("aten.index_add", IndexWriting::indexAdd),
                    Map.entry("aten.index_copy", IndexWriting::indexCopy),
                    Map.entry("aten.index_fill.int_Scalar", IndexWriting::indexFill));

    private HostOps() {}

    /** Names of the ops, for the compiler's tables and the coverage page. */
    public static Set<String> names() {
        return OPS.keySet();
    }

    /** The op of a step, whose operands are checked. */
    static Body find(Step.Host step) {
        Body body = OPS.get(step.op().name());
        if (body == null) {
            throw new IllegalArgumentException(
                    "step '"
                            + step.label()
                            + "': the runtime has no "
                            + step.op().name()
                            + "; it has "
                            + OPS.keySet().stream().sorted().toList());
        }
        for (Operand o : step.operands()) {
            if (!o.type().layout().isContiguous(o.type().sizes())) {
                throw new IllegalArgumentException(
                        "step '"
                                + step.label()
                                + "': "
                                + step.op().name()
                                + " needs contiguous operands, got "
                                + o.type());
            }
        }
        return body;
    }
}
