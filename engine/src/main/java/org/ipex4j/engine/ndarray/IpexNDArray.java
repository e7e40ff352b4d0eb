package org.ipex4j.engine.ndarray;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrayAdapter;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.internal.NDArrayEx;
import ai.djl.ndarray.types.DataType;
import java.nio.ByteBuffer;
import org.ipex4j.engine.dispatch.Dispatcher;
import org.ipex4j.engine.dispatch.Tracer;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;
import org.ipex4j.runtime.Tensor;

/** The array of the IPEX engine: numbers in memory, or a value of a graph that is being captured. */
public final class IpexNDArray extends NDArrayAdapter {
    private Payload payload;
    private TensorType type;

    private IpexNDArray(IpexNDManager manager, Payload payload, TensorType type) {
        super(manager, null, DataTypes.toShape(type.sizes()), DataTypes.toDjl(type.dtype()), NDManager.nextUid());
        this.payload = payload;
        this.type = type;
        manager.attachInternal(uid, this);
        NDScope.register(this);
    }

    /** An array that owns {@code tensor} and closes it. */
    public static IpexNDArray of(IpexNDManager manager, Tensor tensor) {
        return new IpexNDArray(manager, new Payload.Concrete(tensor), new TensorType(tensor.dtype(), tensor.sizes()));
    }

    /** An array that stands for a value of a graph. */
    public static IpexNDArray traced(IpexNDManager manager, Tracer tracer, Value value) {
        return new IpexNDArray(manager, new Payload.Traced(tracer, value), value.type());
    }

    /** What this array stands for. */
    public Payload payload() {
        if (payload == null) {
            throw new IllegalStateException("array " + getName() + " is closed");
        }
        return payload;
    }

    /** Makes this array stand for something else of the same type; the old payload is not closed. */
    public void rebind(Payload replacement) {
        payload();
        payload = replacement;
    }

    public boolean isTraced() {
        return payload() instanceof Payload.Traced;
    }

    /** The numbers; a traced array breaks the graph. */
    public Tensor tensor() {
        return switch (payload()) {
            case Payload.Concrete(Tensor t) -> t;
            case Payload.Traced(Tracer tracer, Value v) -> tracer.materialize("reading the numbers", this);
        };
    }

    /** Element type and sizes. */
    public TensorType type() {
        return type;
    }

    public Sizes sizes() {
        return type.sizes();
    }

    @Override
    public IpexNDManager getManager() {
        return (IpexNDManager) manager;
    }

    /** Calls an op; results are attached to this array's manager. */
    IpexNDArray call(String op, Object... args) {
        Op found = OpCatalog.get(op);
        return Dispatcher.call(found, Args.of(found.schema(), args), getManager())[0];
    }

    @Override
    public NDArray toType(DataType dataType, boolean copy) {
        throw new UnsupportedOperationException("toType");
    }

    @Override
    public ByteBuffer toByteBuffer(boolean tryDirect) {
        throw new UnsupportedOperationException("toByteBuffer");
    }

    @Override
    public NDArrayEx getNDArrayInternal() {
        throw new UnsupportedOperationException("getNDArrayInternal");
    }

    @Override
    public void intern(NDArray replaced) {
        throw new UnsupportedOperationException("intern");
    }

    @Override
    public void detach() {
        manager.detachInternal(getUid());
        manager = IpexNDManager.system();
    }

    @Override
    public void close() {
        if (payload instanceof Payload.Concrete(Tensor t)) {
            t.close();
        }
        if (payload != null) {
            payload = null;
            manager.detachInternal(uid);
        }
    }
}
