package org.ipex4j.engine.dispatch;

import org.ipex4j.engine.ndarray.IpexNDArray;
import org.ipex4j.engine.ndarray.IpexNDManager;
import org.ipex4j.engine.ndarray.Payload;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;

/**
 * The one way ops run: a stack of layers, each of which handles a call or hands it on. From the top:
 * tracing, then eager. (Autocast and autograd stand above them.)
 */
public final class Dispatcher {
    private Dispatcher() {}

    /**
     * Runs or records an op.
     *
     * @param target the manager that results are attached to
     * @return one array per result of the op
     */
    public static IpexNDArray[] call(Op op, Args<IpexNDArray> args, IpexNDManager target) {
        Tracer tracer = tracer(args, target);
        if (tracer != null) {
            return tracer.record(op, args, target);
        }
        throw new UnsupportedOperationException(op + ": eager execution");
    }

    /** Runs or records an op whose only result is written into {@code out}, of the result's sizes. */
    public static void callInto(Op op, Args<IpexNDArray> args, IpexNDArray out) {
        Tracer tracer = tracer(args, out.getManager());
        if (tracer == null && out.payload() instanceof Payload.Traced t) {
            tracer = t.tracer();
        }
        if (tracer != null) {
            tracer.write(out, tracer.record(op, args, out.getManager())[0]);
            return;
        }
        throw new UnsupportedOperationException(op + ": eager execution");
    }

    private static Tracer tracer(Args<IpexNDArray> args, IpexNDManager target) {
        if (target.tracer() != null) {
            return target.tracer();
        }
        for (IpexNDArray a : args.allTensors()) {
            if (a.payload() instanceof Payload.Traced t) {
                return t.tracer();
            }
        }
        return null;
    }
}
