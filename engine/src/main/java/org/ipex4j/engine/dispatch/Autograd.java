package org.ipex4j.engine.dispatch;

import java.util.Arrays;
import java.util.List;
import org.ipex4j.compiler.autodiff.Derivatives;
import org.ipex4j.engine.autograd.Tape;
import org.ipex4j.engine.ndarray.IpexNDArray;
import org.ipex4j.engine.ndarray.IpexNDManager;
import org.ipex4j.ir.op.Arg;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;
import org.ipex4j.runtime.Tensor;

/**
 * The layer above {@link Eager}: while a gradient collector records, ops that read an array whose
 * gradient is wanted go on the tape, with what their backward reads.
 */
final class Autograd {
    private static final Op DETACH = OpCatalog.get("aten.detach");

    private Autograd() {}

    static IpexNDArray[] call(Op op, Args<IpexNDArray> args, IpexNDManager target) {
        Tape tape = Tape.recording();
        boolean[] needs = tape == null || Derivatives.isZero(op) ? null : needs(tape, args);
        IpexNDArray[] results =
                needs == null
                        ? Eager.call(op, args, target)
                        : record(op, args, target, needs, null);
        if (op != DETACH) {
            linkViews(args, results);
        }
        return results;
    }

    /** Which tensor operands need a gradient; null if none does. */
    private static boolean[] needs(Tape tape, Args<IpexNDArray> args) {
        List<IpexNDArray> operands = args.allTensors();
        boolean[] needs = null;
        for (int i = 0; i < operands.size(); i++) {
            if (tape.tracks(operands.get(i))) {
                needs = needs == null ? new boolean[operands.size()] : needs;
                needs[i] = true;
            }
        }
        return needs;
    }

    private static IpexNDArray[] record(
            Op op,
            Args<IpexNDArray> args,
            IpexNDManager target,
            boolean[] needs,
            Tensor overwritten) {
        try (Lifted.Call call = Lifted.call(op, args.map(IpexNDArray::tensor))) {
            boolean[] wanted = call.scalar() == null ? needs : Arrays.copyOf(needs, 2);
            Formula formula = Formula.of(call.op(), call.args(), wanted);
            Tensor[] all = formula.run(call.args());
            int results = all.length - formula.extras();
            OpBackward backward = new OpBackward(formula, call.args(), all, results, overwritten);
            boolean recorded = false;
            try {
                IpexNDArray[] arrays = Eager.attach(Arrays.copyOf(all, results), target);
                if (formula.flows()) {
                    IpexNDArray[] outputs = arrays.clone();
                    for (int i = 0; i < results; i++) {
                        if (!formula.flowsThrough(i, all[i])) {
                            outputs[i] = null;
                        }
                    }
                    Tape.record(inputs(args, wanted), outputs, op.name(), backward);
                    recorded = true;
                }
                return arrays;
            } finally {
                if (!recorded) {
                    backward.close();
                }
            }
        }
    }

    /** The operands that need a gradient in their places; null in the others. */
    private static IpexNDArray[] inputs(Args<IpexNDArray> args, boolean[] needs) {
        IpexNDArray[] inputs = new IpexNDArray[needs.length];
        List<IpexNDArray> operands = args.allTensors();
        for (int i = 0; i < operands.size(); i++) {
            inputs[i] = needs[i] ? operands.get(i) : null;
        }
        return inputs;
    }

    /** Notes whose memory results share, so that in-place writes reach all of an array's views. */
    private static void linkViews(Args<IpexNDArray> args, IpexNDArray[] results) {
        if (args.values().isEmpty()
                || !(args.values().getFirst()
                        instanceof Arg.Tensor<IpexNDArray>(IpexNDArray self))) {
            return;
        }
        for (IpexNDArray result : results) {
            if (result.tensor().sharesStorage(self.tensor())) {
                result.linkView(self);
            }
        }
    }

    static void callInto(Op op, Args<IpexNDArray> args, IpexNDArray out) {
        Tape tape = Tape.recording();
        boolean[] needs = tape == null ? null : needs(tape, args);
        if (tape == null || (needs == null && !tape.involves(out))) {
            Eager.callInto(op, args, out);
            return;
        }
        tape.checkWritable(op.name(), out);
        // The new numbers are arrays of their own, which are then copied: histories are those of
        // ordinary ops.
        try (IpexNDManager scope = IpexNDManager.system().newSubManager()) {
            IpexNDArray value;
            if (isCopy(op, args, out)) {
                value = args.tensor("self");
            } else if (needs == null || Derivatives.isZero(op)) {
                value = Eager.call(op, args, scope)[0];
            } else {
                value = record(op, args, scope, needs, out.tensor())[0];
            }
            if (!value.type().equals(out.type())) {
                Eager.checkFits(op, value.type(), out.type());
                value = call(Eager.TO_COPY, toType(value, out), scope)[0];
            }
            Eager.callInto(Eager.TO_COPY, toType(value, out), out);
            tape.written(out, value);
        }
    }

    private static boolean isCopy(Op op, Args<IpexNDArray> args, IpexNDArray out) {
        return op == Eager.TO_COPY && args.tensor("self").type().equals(out.type());
    }

    private static Args<IpexNDArray> toType(IpexNDArray value, IpexNDArray like) {
        return Args.of(Eager.TO_COPY.schema(), value, like.type().dtype());
    }
}
