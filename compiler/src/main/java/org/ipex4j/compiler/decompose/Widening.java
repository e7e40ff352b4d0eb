package org.ipex4j.compiler.decompose;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;

/**
 * Composites of 16-bit floats whose intermediates must not be rounded: they are computed in f32 and
 * the results cast back, which costs nothing inside a fused kernel.
 */
final class Widening {
    private static final List<String> OPS =
            List.of(
                    "aten.native_layer_norm",
                    "aten.native_group_norm",
                    "aten.rms_norm",
                    "aten._native_batch_norm_legit_no_training",
                    "aten.native_batch_norm",
                    "aten._native_batch_norm_legit_functional",
                    "aten.adaptive_avg_pool1d",
                    "aten.adaptive_avg_pool2d",
                    "aten.adaptive_avg_pool3d",
                    "aten._adaptive_avg_pool2d",
                    "aten._adaptive_avg_pool3d",
                    "aten.native_layer_norm_backward",
                    "aten.native_group_norm_backward",
                    "aten.native_batch_norm_backward",
                    "aten.gelu_backward",
                    "aten.avg_pool2d_backward",
                    "aten.avg_pool3d_backward",
                    "aten._adaptive_avg_pool2d_backward",
                    "aten._adaptive_avg_pool3d_backward",
                    "aten.max_pool2d_with_indices_backward",
                    "aten.max_pool3d_with_indices_backward");

    private Widening() {}

    /** Wraps the rules of these ops; an op without a rule is kept, in f32. */
    static void wrapAll(Map<String, Decomposition> table) {
        for (String name : OPS) {
            Decomposition rule = table.getOrDefault(name, (a, e) -> null);
            Op op = OpCatalog.get(name);
            table.put(
                    name,
                    (a, e) -> {
                        if (a.allTensors().stream().noneMatch(Widening::isHalf)) {
                            return rule.apply(a, e);
                        }
                        List<TensorType> types = op.infer(a.map(Value::type));
                        List<Value> wide =
                                e.emit(op, a.map(v -> isHalf(v) ? e.cast(v, DType.FLOAT32) : v));
                        List<Value> out = new ArrayList<>();
                        for (int i = 0; i < types.size(); i++) {
                            out.add(e.cast(wide.get(i), types.get(i).dtype()));
                        }
                        return out;
                    });
        }
    }

    private static boolean isHalf(Value v) {
        DType t = v.type().dtype();
        return t.isFloating() && t.byteSize() == 2;
    }
}
