package org.ipex4j.engine.dispatch;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Scalar;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.Arg;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;
import org.ipex4j.runtime.Tensor;

/**
 * Turns the number of an op's {@code .Scalar} overload into a tensor without dimensions, so that
 * code compiled for one number serves all. Only where both overloads compute the same: FP32 and
 * FP64 arrays.
 */
final class Lifted {
    private static final Map<Op, Op> TENSOR_OVERLOAD =
            Map.ofEntries(
                    pair("aten.add"),
                    pair("aten.sub"),
                    pair("aten.mul"),
                    pair("aten.div"),
                    pair("aten.eq"),
                    pair("aten.ne"),
                    pair("aten.gt"),
                    pair("aten.ge"),
                    pair("aten.lt"),
                    pair("aten.le"));

    private Lifted() {}

    private static Map.Entry<Op, Op> pair(String name) {
        return Map.entry(OpCatalog.get(name + ".Scalar"), OpCatalog.get(name + ".Tensor"));
    }

    /**
     * The call to make instead of the given one; itself where that needs no change.
     *
     * @param scalar the number as a tensor, which {@code args} hold; null where there is none
     */
    record Call(Op op, Args<Tensor> args, Tensor scalar) implements AutoCloseable {
        @Override
        public void close() {
            if (scalar != null) {
                scalar.close();
            }
        }
    }

    static Call call(Op op, Args<Tensor> args) {
        Op lifted = TENSOR_OVERLOAD.get(op);
        if (lifted != null
                && args.values().getFirst() instanceof Arg.Tensor<Tensor>(Tensor self)
                && (self.dtype() == DType.FLOAT32 || self.dtype() == DType.FLOAT64)
                && args.values().get(1) instanceof Arg.Number<Tensor>(Scalar number)) {
            Tensor scalar = scalar(number, self.dtype());
            List<Arg<Tensor>> values = new ArrayList<>(args.values());
            values.set(1, new Arg.Tensor<>(scalar));
            return new Call(lifted, new Args<>(lifted.schema(), values), scalar);
        }
        return new Call(op, args, null);
    }

    /** Runs an op by compiled code; into {@code out}, or with fresh results where that is null. */
    static Tensor[] run(Op op, Args<Tensor> args, Tensor out) {
        try (Call call = call(op, args)) {
            return Eager.compiled(call.op(), call.args(), out);
        }
    }

    private static Tensor scalar(Scalar number, DType type) {
        Tensor t = Tensor.empty(new TensorType(type, Sizes.SCALAR));
        if (type == DType.FLOAT32) {
            t.segment().set(ValueLayout.JAVA_FLOAT_UNALIGNED, 0, (float) number.toDouble());
        } else {
            t.segment().set(ValueLayout.JAVA_DOUBLE_UNALIGNED, 0, number.toDouble());
        }
        return t;
    }
}
