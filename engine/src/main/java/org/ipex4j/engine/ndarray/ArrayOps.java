package org.ipex4j.engine.ndarray;

import ai.djl.ndarray.NDArray;
import org.ipex4j.engine.dispatch.Dispatcher;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;

/**
 * What the groups of array methods share. {@link IpexNDArray} is one class; its methods are grouped
 * by role into package-private interfaces of default methods, all of which end in {@link
 * Dispatcher}.
 */
interface ArrayOps extends NDArray {
    @Override
    IpexNDManager getManager();

    default IpexNDArray self() {
        return (IpexNDArray) this;
    }

    /** The other array as one of this engine's. */
    default IpexNDArray own(NDArray other) {
        return getManager().from(other);
    }

    /** Calls an op with one result, attached to this array's manager. */
    default IpexNDArray call(String op, Object... args) {
        return callAll(op, args)[0];
    }

    /** Calls an op; results are attached to this array's manager. */
    default IpexNDArray[] callAll(String op, Object... args) {
        Op found = OpCatalog.get(op);
        return Dispatcher.call(found, Args.of(found.schema(), args), getManager());
    }

    /** Calls an op and writes its result into this array. */
    default IpexNDArray callInPlace(String op, Object... args) {
        Op found = OpCatalog.get(op);
        Dispatcher.callInto(found, Args.of(found.schema(), args), self());
        return self();
    }

    /** This array in another type; itself if the type is the same. */
    default IpexNDArray cast(DType type) {
        return self().type().dtype() == type ? self() : call("aten._to_copy", this, type);
    }

    /** Closes an intermediate result, unless it is this array or the result itself. */
    default IpexNDArray closing(IpexNDArray intermediate, IpexNDArray result) {
        if (intermediate != this && intermediate != result) {
            intermediate.close();
        }
        return result;
    }

    /** What no array of this engine has. */
    default UnsupportedOperationException unsupported(String method, String reason) {
        return new UnsupportedOperationException(
                "NDArray." + method + " is not supported by the IPEX engine: " + reason);
    }
}
