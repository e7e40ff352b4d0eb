package org.ipex4j.engine.dispatch;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.ipex4j.engine.ndarray.IpexNDArray;
import org.ipex4j.engine.ndarray.IpexNDManager;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.op.Arg;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;

/**
 * Convolutions and linear layers whose parameters {@code Ipex.optimize} has cast compute in the
 * weight's type: input and bias follow. So an optimized model runs by itself; under {@code
 * Autocast} its inputs have been cast already. FP64 is left alone, and refused by the op.
 */
final class CastInputs {
    private static final Set<Op> OPS =
            Set.of(OpCatalog.get("aten.convolution"), OpCatalog.get("aten.linear"));
    private static final Op TO_COPY = OpCatalog.get("aten._to_copy");

    private CastInputs() {}

    /** Whether something must be cast before the call. */
    static boolean needed(Op op, Args<IpexNDArray> args) {
        if (!OPS.contains(op) || !isCast(args, "weight") && !isCast(args, "bias")) {
            return false;
        }
        DType type = args.tensor("weight").type().dtype();
        for (IpexNDArray a : args.allTensors()) {
            if (follows(a, type)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isCast(Args<IpexNDArray> args, String name) {
        return !args.isNone(name) && args.tensor(name).master() != null;
    }

    private static boolean follows(IpexNDArray a, DType type) {
        DType given = a.type().dtype();
        return given != type && given.isFloating() && given != DType.FLOAT64;
    }

    /** The call with everything cast. */
    static IpexNDArray[] call(Op op, Args<IpexNDArray> args, IpexNDManager target) {
        DType type = args.tensor("weight").type().dtype();
        List<IpexNDArray> made = new ArrayList<>();
        List<Arg<IpexNDArray>> values = new ArrayList<>(args.values());
        try {
            for (int i = 0; i < values.size(); i++) {
                if (values.get(i) instanceof Arg.Tensor<IpexNDArray>(IpexNDArray a)
                        && follows(a, type)) {
                    IpexNDArray cast =
                            Dispatcher.run(TO_COPY, Args.of(TO_COPY.schema(), a, type), target)[0];
                    made.add(cast);
                    values.set(i, new Arg.Tensor<>(cast));
                }
            }
            return Dispatcher.run(op, new Args<>(op.schema(), values), target);
        } finally {
            made.forEach(IpexNDArray::close);
        }
    }
}
