package org.ipex4j.engine.dispatch;

import java.util.List;
import org.ipex4j.engine.ndarray.IpexNDArray;
import org.ipex4j.engine.ndarray.IpexNDManager;
import org.ipex4j.engine.ndarray.Payload;
import org.ipex4j.ir.op.Arg;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;

/**
 * The one way ops run: a stack of layers, each of which handles a call or hands it on. From the
 * top: {@link Autocasting}, {@link CastInputs}, tracing, {@link Autograd}, {@link Eager}.
 */
public final class Dispatcher {
    private Dispatcher() {}

    /**
     * Runs or records an op.
     *
     * @param target the manager that results are attached to
     * @return one array per result of the op
     * @throws IllegalArgumentException if the arguments do not fit the op; the message begins with
     *     its name
     * @throws IllegalStateException if an argument or the manager is closed
     */
    public static IpexNDArray[] call(Op op, Args<IpexNDArray> args, IpexNDManager target) {
        AutocastScope scope = AutocastScope.casting();
        CastPolicy policy = scope == null ? null : CastPolicies.of(op, args);
        return policy == null
                ? run(op, args, target)
                : Autocasting.call(scope, policy, op, args, target);
    }

    /**
     * Runs or records an op in the types of its operands, whatever autocast says: for calls that
     * have been through it, and those that were recorded.
     *
     * @param target the manager that results are attached to
     * @return one array per result of the op
     */
    public static IpexNDArray[] run(Op op, Args<IpexNDArray> args, IpexNDManager target) {
        if (CastInputs.needed(op, args)) {
            return CastInputs.call(op, args, target);
        }
        Tracer tracer = tracer(args, target);
        if (tracer != null) {
            return tracer.record(op, args, target);
        }
        IpexNDArray[] results = Autograd.call(op, args, target);
        OpWatch.ran(op, args, results);
        return results;
    }

    /**
     * Runs or records an op whose only result is written into {@code out}: converted to its type,
     * through its strides, and seen by all views of the same storage. Autocast leaves such calls
     * alone, as in PyTorch.
     *
     * @throws IllegalArgumentException also if the result has other sizes than {@code out}, or a
     *     type of a higher category (a floating result does not go into an integer array)
     */
    public static void callInto(Op op, Args<IpexNDArray> args, IpexNDArray out) {
        Tracer tracer = tracer(args, out.getManager());
        if (tracer == null && out.payload() instanceof Payload.Traced t) {
            tracer = t.tracer();
        }
        if (tracer == null) {
            Autograd.callInto(op, args, out);
            OpWatch.ran(op, args, out);
            return;
        }
        IpexNDArray value = tracer.record(op, args, out.getManager())[0];
        IpexNDArray typed = value;
        if (!value.type().equals(out.type())) {
            Eager.checkFits(op, value.type(), out.type());
            typed =
                    tracer.record(
                                    Eager.TO_COPY,
                                    Args.of(Eager.TO_COPY.schema(), value, out.type().dtype()),
                                    out.getManager())[0];
            value.close();
        }
        tracer.write(out, typed);
        typed.close(); // out may be of a manager that lives on
    }

    /** The tracer that records a call; null if it runs at once. */
    static Tracer tracer(Args<IpexNDArray> args, IpexNDManager target) {
        if (target.tracer() != null) {
            return target.tracer();
        }
        for (Arg<IpexNDArray> arg : args.values()) {
            if (arg instanceof Arg.Tensor<IpexNDArray>(IpexNDArray a)) {
                if (a.payload() instanceof Payload.Traced t) {
                    return t.tracer();
                }
            } else if (arg instanceof Arg.Tensors<IpexNDArray>(List<IpexNDArray> list)) {
                for (IpexNDArray a : list) {
                    if (a != null && a.payload() instanceof Payload.Traced t) {
                        return t.tracer();
                    }
                }
            }
        }
        return null;
    }
}
