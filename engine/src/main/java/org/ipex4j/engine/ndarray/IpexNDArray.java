package org.ipex4j.engine.ndarray;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.internal.NDArrayEx;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.concurrent.atomic.AtomicLong;
import org.ipex4j.engine.IpexEngine;
import org.ipex4j.engine.autograd.AutogradMeta;
import org.ipex4j.engine.dispatch.Tracer;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.runtime.Tensor;

/**
 * The array of the IPEX engine: numbers in memory, or a value of a graph that is being captured.
 * Results of its methods belong to its manager. Use after {@code close} throws {@link
 * IllegalStateException}.
 *
 * <p>The methods of {@link NDArray} are in the interfaces it implements, by role.
 */
public final class IpexNDArray
        implements Elementwise,
                Reductions,
                Views,
                Products,
                Ordering,
                Indexing,
                HostAccess,
                Unsupported {
    private static final AtomicLong NEXT_ID = new AtomicLong();

    private final String uid = "ipex-" + NEXT_ID.incrementAndGet();
    private volatile TensorType type;
    private volatile Payload payload;
    private volatile IpexNDManager manager;
    private Shape shape;
    private String name;

    /** What autograd knows of this array; null where that is nothing. */
    private volatile AutogradMeta autograd;

    /** The FP32 numbers behind an array that Ipex.optimize has cast; null for any other. */
    private volatile MasterWeight master;

    private IpexNDArrayEx extension;

    @SuppressWarnings("this-escape") // DJL's managers hold the array from its creation
    private IpexNDArray(IpexNDManager manager, Payload payload, TensorType type) {
        this.manager = manager;
        this.payload = payload;
        this.type = type;
        manager.attachInternal(uid, this);
        NDScope.register(this);
    }

    /**
     * An array that owns {@code tensor} and closes it; the tensor is closed if the manager takes no
     * array.
     */
    public static IpexNDArray of(IpexNDManager manager, Tensor tensor) {
        try {
            return new IpexNDArray(manager, new Payload.Concrete(tensor), tensor.type());
        } catch (IllegalStateException e) {
            tensor.close();
            throw e;
        }
    }

    /** An array that stands for a value of a graph. */
    public static IpexNDArray traced(IpexNDManager manager, Tracer tracer, Value value) {
        return new IpexNDArray(manager, new Payload.Traced(tracer, value), value.type());
    }

    /** What this array stands for. */
    public Payload payload() {
        Payload p = payload;
        if (p == null) {
            throw closed();
        }
        return p;
    }

    private IllegalStateException closed() {
        String label = name == null ? uid : name + " (" + uid + ")";
        return new IllegalStateException(
                "array "
                        + label
                        + " of shape "
                        + getShape()
                        + " was closed, or its manager "
                        + manager.getName()
                        + " was");
    }

    /**
     * Makes this array stand for something else of the same type; the old payload is not closed.
     */
    public void rebind(Payload replacement) {
        payload();
        payload = replacement;
    }

    public boolean isTraced() {
        return payload() instanceof Payload.Traced;
    }

    /** The numbers; a traced array breaks the graph. */
    public Tensor tensor() {
        return tensor("reading the numbers");
    }

    /**
     * The numbers; a traced array breaks the graph.
     *
     * @param method the method that needs them, for the message of the break
     */
    public Tensor tensor(String method) {
        return switch (payload()) {
            case Payload.Concrete(Tensor t) -> t;
            case Payload.Traced(Tracer tracer, Value v) -> tracer.materialize(method, this);
        };
    }

    /**
     * What is behind the numbers of an array that {@code Ipex.optimize} has cast; null for any
     * other. Convolutions and linear layers take inputs of any floating type with such a weight.
     */
    public MasterWeight master() {
        return master;
    }

    /** Marks an array as a cast of FP32 numbers that another one holds. */
    public void markCast() {
        master = MasterWeight.rounded();
    }

    /**
     * Casts this array itself, as {@code param.data = …} does in PyTorch: its numbers become those
     * of a type of 16 bits. Whether a gradient is wanted stays; a gradient is dropped.
     *
     * @param lower BF16, or without a master weight FP16
     * @throws IllegalArgumentException if this is no FP32 array in memory
     */
    public void lower(DType lower, MasterWeight.Form form) {
        if (isTraced()) {
            throw new IllegalArgumentException("a traced array cannot be cast itself");
        }
        MasterWeight.Lowered made = MasterWeight.lower(tensor(), lower, form);
        become(made.low(), made.master());
    }

    /** Undoes {@link #lower}: the array holds the FP32 numbers again. */
    public void raise() {
        MasterWeight known = master;
        if (known != null) {
            become(known.full(tensor()), null);
            known.close();
        }
    }

    private void become(Tensor tensor, MasterWeight behind) {
        Payload old = payload();
        AutogradMeta before = autograd;
        payload = new Payload.Concrete(tensor);
        type = tensor.type();
        master = behind;
        autograd = null;
        if (before != null) {
            setRequiresGradient(before.requiresGradient());
            before.close();
        }
        closePayload(old);
    }

    /**
     * The FP32 numbers of an array that {@code Ipex.optimize} has cast, exact where a master weight
     * is kept, as a new array; of any other array another handle of its own numbers.
     */
    public IpexNDArray full(IpexNDManager owner) {
        MasterWeight known = master;
        return of(owner, known == null ? tensor().alias() : known.full(tensor()));
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
        return manager;
    }

    @Override
    public String getName() {
        return name;
    }

    @Override
    public void setName(String name) {
        this.name = name;
    }

    @Override
    public String getUid() {
        return uid;
    }

    @Override
    public DataType getDataType() {
        return DataTypes.toDjl(type.dtype());
    }

    @Override
    public Device getDevice() {
        return Device.cpu();
    }

    @Override
    public Shape getShape() {
        if (shape == null) {
            shape = DataTypes.toShape(type.sizes());
        }
        return shape;
    }

    @Override
    public boolean isScalar() {
        return type.rank() == 0;
    }

    @Override
    public NDArray toDevice(Device device, boolean copy) {
        IpexEngine.cpu(device);
        return copy ? duplicate() : this;
    }

    /** What autograd knows of this array; null where that is nothing. */
    public AutogradMeta autograd() {
        return autograd;
    }

    /** What autograd knows of this array. */
    public AutogradMeta autogradMeta() {
        AutogradMeta known = autograd;
        if (known == null) {
            known =
                    payload() instanceof Payload.Concrete(Tensor t)
                            ? AutogradMeta.of(t)
                            : AutogradMeta.of(type);
            autograd = known;
        }
        return known;
    }

    /** Notes that this array's elements are those of a part of another one. */
    public void linkView(IpexNDArray viewed) {
        autograd = AutogradMeta.view(autograd, tensor(), viewed.autogradMeta());
    }

    /**
     * Makes gradient collectors compute a gradient for this array, or no longer. One computed by
     * ops that the open collector has recorded gets its gradient while it passes.
     *
     * @throws IllegalArgumentException if a gradient is wanted of integers or booleans
     */
    @Override
    public void setRequiresGradient(boolean requiresGrad) {
        payload();
        if (requiresGrad || autograd != null) {
            autogradMeta().setRequiresGradient(requiresGrad);
        }
    }

    @Override
    public boolean hasGradient() {
        AutogradMeta known = autograd;
        return known != null && known.requiresGradient();
    }

    /**
     * What collectors have added up since the last one was opened: zeros if nothing came. A new
     * array of this array's manager over the same memory; closing it does not lose the gradient.
     */
    @Override
    public IpexNDArray getGradient() {
        payload();
        if (!hasGradient()) {
            throw new IllegalStateException(
                    "NDArray.getGradient: the array of shape "
                            + getShape()
                            + " requires none; call setRequiresGradient(true) first");
        }
        return of(manager, autograd.gradient());
    }

    @Override
    public NDArrayEx getNDArrayInternal() {
        if (extension == null) {
            extension = new IpexNDArrayEx(this);
        }
        return extension;
    }

    /**
     * Takes over the numbers of {@code replaced}, which must have the same type, and closes it.
     *
     * @throws IllegalArgumentException if shapes or types differ
     */
    @Override
    public void intern(NDArray replaced) {
        IpexNDArray other = manager.from(replaced);
        if (!other.type.equals(type)) {
            throw new IllegalArgumentException(
                    "NDArray.intern: expected " + type + ", got " + other.type);
        }
        Payload old = payload();
        if (master != null) {
            master.replaced();
        }
        payload = other.payload();
        other.payload = null;
        other.manager.detachInternal(other.uid);
        closePayload(old);
        AutogradMeta before = autograd;
        autograd = other.autograd;
        other.autograd = null;
        if (before != null) {
            autogradMeta().inherit(before);
        }
    }

    @Override
    public void attach(NDManager manager) {
        IpexNDManager target = IpexNDManager.of(manager);
        payload();
        detach();
        this.manager = target;
        target.attachInternal(uid, this);
    }

    @Override
    public void returnResource(NDManager manager) {
        IpexNDManager target = IpexNDManager.of(manager);
        detach();
        this.manager = target;
        target.attachUncappedInternal(uid, this);
    }

    @Override
    public void tempAttach(NDManager manager) {
        IpexNDManager target = IpexNDManager.of(manager);
        payload();
        NDManager original = this.manager;
        detach();
        this.manager = target;
        target.tempAttachInternal(original, uid, this);
    }

    @Override
    public void detach() {
        manager.detachInternal(uid);
        manager = IpexNDManager.system();
    }

    @Override
    public boolean isReleased() {
        return payload == null;
    }

    @Override
    public void close() {
        Payload p;
        synchronized (this) {
            p = payload;
            payload = null;
        }
        if (p != null) {
            closePayload(p);
            AutogradMeta known = autograd;
            if (known != null) {
                known.close();
            }
            MasterWeight behind = master;
            if (behind != null) {
                behind.close();
            }
            manager.detachInternal(uid);
        }
    }

    private static void closePayload(Payload p) {
        if (p instanceof Payload.Concrete(Tensor t)) {
            t.close();
        }
    }

    /** Content equality, as DJL's engines define it; a traced array equals itself only. */
    @Override
    public boolean equals(Object obj) {
        if (this == obj) {
            return true;
        }
        if (!(obj instanceof NDArray other) || isReleased() || other.isReleased() || isTraced()) {
            return false;
        }
        if (other instanceof IpexNDArray a && a.isTraced()) {
            return false;
        }
        return contentEquals(other);
    }

    /** Of the shape alone, which never changes: numbers and type may. */
    @Override
    public int hashCode() {
        return type.sizes().hashCode();
    }

    @Override
    public String toString() {
        return switch (payload) {
            case null -> "This array is already closed";
            case Payload.Traced(Tracer tracer, Value v) -> "ND: traced " + v + " " + type;
            case Payload.Concrete c -> toDebugString();
        };
    }
}
