package org.ipex4j.compiler.autodiff;

import java.util.List;
import java.util.Map;
import org.ipex4j.compiler.decompose.Decomposition;
import org.ipex4j.compiler.decompose.Emitter;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;

/**
 * Forms that composite ops take before they are differentiated, where the form for the forward
 * alone does not tell what backward must know.
 */
final class Composites {
    /** By the op's name. */
    static final Map<String, Decomposition> FORMS =
            Map.of(
                    "aten.max_pool1d", Composites::maxPool1d,
                    "aten.max_pool2d", (a, e) -> withIndices(a, e, 2),
                    "aten.max_pool3d", (a, e) -> withIndices(a, e, 3),
                    "aten.avg_pool1d", Composites::avgPool1d,
                    "aten.adaptive_avg_pool1d", Composites::adaptiveAvgPool1d,
                    "aten.adaptive_avg_pool2d",
                            (a, e) -> e.callAll("aten._adaptive_avg_pool2d", all(a)),
                    "aten.adaptive_avg_pool3d",
                            (a, e) -> e.callAll("aten._adaptive_avg_pool3d", all(a)));

    private Composites() {}

    private static Object[] all(Args<Value> a) {
        return a.values().toArray();
    }

    private static List<Value> withIndices(Args<Value> a, Emitter e, int n) {
        return e.callAll("aten.max_pool" + n + "d_with_indices", all(a)).subList(0, 1);
    }

    private static List<Value> maxPool1d(Args<Value> a, Emitter e) {
        Value pooled =
                e.callAll(
                                "aten.max_pool2d_with_indices",
                                e.unsqueeze(a.tensor("self"), -2),
                                line(a, "kernel_size", 1),
                                line(a, "stride", 1),
                                line(a, "padding", 0),
                                line(a, "dilation", 1),
                                a.bool("ceil_mode"))
                        .getFirst();
        return List.of(e.squeeze(pooled, -2));
    }

    private static List<Value> avgPool1d(Args<Value> a, Emitter e) {
        Value pooled =
                e.call(
                        "aten.avg_pool2d",
                        e.unsqueeze(a.tensor("self"), -2),
                        line(a, "kernel_size", 1),
                        line(a, "stride", 1),
                        line(a, "padding", 0),
                        a.bool("ceil_mode"),
                        a.bool("count_include_pad"),
                        null);
        return List.of(e.squeeze(pooled, -2));
    }

    private static List<Value> adaptiveAvgPool1d(Args<Value> a, Emitter e) {
        Value pooled =
                e.call(
                        "aten._adaptive_avg_pool2d",
                        e.unsqueeze(a.tensor("self"), -2),
                        line(a, "output_size", 1));
        return List.of(e.squeeze(pooled, -2));
    }

    /** An argument of a one-dimensional pool, for windows of one row. */
    private static long[] line(Args<Value> a, String name, long first) {
        long[] given = a.integers(name);
        return given.length == 0 ? given : new long[] {first, given[0]};
    }
}
