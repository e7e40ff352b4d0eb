package org.ipex4j.ir.op;

import java.util.List;
import org.ipex4j.ir.TensorType;

/** Floating-point operations of one call, for planning and for {@code explain}. */
@FunctionalInterface
public interface CostRule {
    double flops(Args<TensorType> args, List<TensorType> results);
}
