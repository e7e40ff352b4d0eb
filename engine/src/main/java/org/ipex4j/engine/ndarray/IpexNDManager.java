package org.ipex4j.engine.ndarray;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.util.PairList;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import org.ipex4j.engine.IpexEngine;
import org.ipex4j.engine.dispatch.Dispatcher;
import org.ipex4j.engine.dispatch.Tracer;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Scalar;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;
import org.ipex4j.runtime.Tensor;

/**
 * Owns arrays: closing a manager closes its sub-managers and arrays. A manager with a {@link
 * Tracer} is a tracing manager: ops whose results go to it, or to a manager below it, are recorded
 * instead of run.
 */
public class IpexNDManager extends BaseNDManager {
    private static final SystemManager SYSTEM = new SystemManager();

    private final Tracer tracer;

    private IpexNDManager(NDManager parent, Device device, Tracer tracer) {
        super(parent, IpexEngine.cpu(device));
        this.tracer = tracer;
    }

    /** The root of all managers; never closed. */
    public static IpexNDManager system() {
        return SYSTEM;
    }

    /** A sub-manager of {@code parent} that records ops with {@code tracer}. */
    public static IpexNDManager tracing(IpexNDManager parent, Tracer tracer) {
        return parent.child(tracer);
    }

    /** The manager as one of this engine's. */
    public static IpexNDManager of(NDManager manager) {
        if (manager instanceof IpexNDManager m) {
            return m;
        }
        throw new IllegalArgumentException(
                "an array of the IPEX engine cannot be attached to "
                        + manager
                        + " of another engine");
    }

    /** The tracer, or null where ops run at once. */
    public Tracer tracer() {
        return tracer;
    }

    private IpexNDManager child(Tracer childTracer) {
        IpexNDManager child = new IpexNDManager(this, getDevice(), childTracer);
        attachUncappedInternal(child.uid, child);
        return child;
    }

    @Override
    public IpexNDManager newSubManager(Device device) {
        IpexEngine.cpu(device);
        return child(tracer);
    }

    @Override
    public IpexNDManager newSubManager() {
        return child(tracer);
    }

    @Override
    public synchronized void attachUncappedInternal(String resourceId, AutoCloseable resource) {
        if (!isOpen()) {
            throw new IllegalStateException(
                    "manager " + getName() + " was closed: it takes no arrays any more");
        }
        super.attachUncappedInternal(resourceId, resource);
    }

    @Override
    public Engine getEngine() {
        return IpexEngine.instance();
    }

    @Override
    public ByteBuffer allocateDirect(int capacity) {
        return ByteBuffer.allocateDirect(capacity).order(ByteOrder.nativeOrder());
    }

    @Override
    public IpexNDArray from(NDArray array) {
        if (array == null || array instanceof IpexNDArray) {
            return (IpexNDArray) array;
        }
        IpexNDArray copy = create(array.toByteBuffer(), array.getShape(), array.getDataType());
        copy.setName(array.getName());
        return copy;
    }

    /** An array, of undefined contents while nothing is traced, else of zeros. */
    @Override
    public IpexNDArray create(Shape shape, DataType dataType) {
        return tracer != null ? zeros(shape, dataType) : adopt(Tensor.empty(type(shape, dataType)));
    }

    @Override
    public IpexNDArray create(Buffer data, Shape shape, DataType dataType) {
        TensorType type = type(shape, dataType);
        validateBuffer(data, dataType, Math.toIntExact(type.numel()));
        MemorySegment source = Buffers.segment(data, type.dtype());
        return filled(type, t -> MemorySegment.copy(source, 0, t.segment(), 0, type.byteSize()));
    }

    private static TensorType type(Shape shape, DataType dataType) {
        return new TensorType(DataTypes.toIr(dataType), DataTypes.toSizes(shape));
    }

    /** Fills a new dense tensor on the host. */
    interface Filler {
        void fill(Tensor tensor);
    }

    /** An array whose numbers come from the host: a constant while tracing. */
    IpexNDArray filled(TensorType type, Filler filler) {
        Tensor tensor = Tensor.empty(type);
        try {
            filler.fill(tensor);
        } catch (RuntimeException e) {
            tensor.close();
            throw e;
        }
        return adopt(tensor);
    }

    /** An array of this manager that owns the tensor. */
    private IpexNDArray adopt(Tensor tensor) {
        return tracer != null ? tracer.constant(tensor, this) : IpexNDArray.of(this, tensor);
    }

    /** An FP64 array of the given numbers. */
    IpexNDArray ofDoubles(double[] values, Sizes sizes) {
        MemorySegment source = MemorySegment.ofArray(values);
        TensorType type = new TensorType(DType.FLOAT64, sizes);
        return filled(type, t -> MemorySegment.copy(source, 0, t.segment(), 0, type.byteSize()));
    }

    /** A scalar of the number's Java type. */
    IpexNDArray scalar(Number n) {
        return full(Sizes.SCALAR, Numbers.toScalar(n), DataTypes.toIr(Numbers.typeOf(n)));
    }

    private IpexNDArray full(Sizes sizes, Scalar value, DType dtype) {
        if (tracer != null) {
            return call("aten.full", sizes.toArray(), value, dtype);
        }
        return filled(new TensorType(dtype, sizes), t -> Fill.value(t, value));
    }

    private IpexNDArray call(String op, Object... args) {
        Op found = OpCatalog.get(op);
        return Dispatcher.call(found, Args.of(found.schema(), args), this)[0];
    }

    @Override
    public IpexNDArray zeros(Shape shape, DataType dataType) {
        return full(DataTypes.toSizes(shape), Scalar.of(0L), DataTypes.toIr(dataType));
    }

    @Override
    public IpexNDArray ones(Shape shape, DataType dataType) {
        return full(DataTypes.toSizes(shape), Scalar.of(1L), DataTypes.toIr(dataType));
    }

    @Override
    public IpexNDArray full(Shape shape, float value, DataType dataType) {
        return full(DataTypes.toSizes(shape), Scalar.of((double) value), DataTypes.toIr(dataType));
    }

    /** Exact for all integers, unlike DJL's own, which goes through {@code float}. */
    @Override
    public IpexNDArray full(Shape shape, int value) {
        return full(DataTypes.toSizes(shape), Scalar.of((long) value), DType.INT32);
    }

    @Override
    public IpexNDArray arange(int start, int stop, int step, DataType dataType) {
        return range(start, stop, step, dataType);
    }

    @Override
    public IpexNDArray arange(float start, float stop, float step, DataType dataType) {
        return range(start, stop, step, dataType);
    }

    /**
     * Numbers from {@code start}, without {@code stop}; empty if {@code step} leads away from it.
     */
    private IpexNDArray range(double start, double stop, double step, DataType dataType) {
        if (step == 0 || Double.isNaN(start + stop + step)) {
            throw new IllegalArgumentException(
                    "NDManager.arange: step must not be 0, got start "
                            + start
                            + ", stop "
                            + stop
                            + ", step "
                            + step);
        }
        long count = (long) Math.max(0, Math.ceil((stop - start) / step));
        TensorType type = new TensorType(DataTypes.toIr(dataType), Sizes.of(count));
        return filled(type, t -> Fill.each(t, i -> start + i * step));
    }

    @Override
    public IpexNDArray eye(int rows, int cols, int k, DataType dataType) {
        TensorType type = TensorType.of(DataTypes.toIr(dataType), rows, cols);
        return filled(type, t -> Fill.each(t, i -> i % cols - i / cols == k ? 1 : 0));
    }

    @Override
    public IpexNDArray linspace(float start, float stop, int num, boolean endpoint) {
        if (num < 0) {
            throw new IllegalArgumentException(
                    "NDManager.linspace: number of samples must not be negative, got " + num);
        }
        int steps = Math.max(1, endpoint ? num - 1 : num);
        double step = ((double) stop - start) / steps;
        TensorType type = TensorType.of(DType.FLOAT32, num);
        // The far half is counted from the end, so that the last number is exactly stop.
        return filled(
                type,
                t ->
                        Fill.each(
                                t,
                                i -> i * 2 < steps ? start + i * step : stop - (steps - i) * step));
    }

    @Override
    public NDArray randomInteger(long low, long high, Shape shape, DataType dataType) {
        if (high <= low) {
            throw new IllegalArgumentException(
                    "NDManager.randomInteger: high " + high + " must exceed low " + low);
        }
        return random("randomInteger", type(shape, dataType), new RandomSource.Integers(low, high));
    }

    @Override
    public NDArray randomUniform(float low, float high, Shape shape, DataType dataType) {
        if (!(high >= low)) {
            throw new IllegalArgumentException(
                    "NDManager.randomUniform: high " + high + " is less than low " + low);
        }
        TensorType type = type(shape, dataType);
        if (tracer != null && tracer.holdsRandom() && type.dtype().isFloating()) {
            return tracedUniform(low, high, type);
        }
        return random("randomUniform", type, RandomSource.Uniform.of(type.dtype(), low, high));
    }

    @Override
    public NDArray randomNormal(float loc, float scale, Shape shape, DataType dataType) {
        return random(
                "randomNormal",
                type(shape, dataType),
                new RandomSource.Normal(loc, scale, Double.POSITIVE_INFINITY));
    }

    /** A normal distribution whose numbers beyond two standard deviations are drawn again. */
    @Override
    public NDArray truncatedNormal(float loc, float scale, Shape shape, DataType dataType) {
        return random(
                "truncatedNormal", type(shape, dataType), new RandomSource.Normal(loc, scale, 2));
    }

    /** What the graph draws at each run is what the generator would give here. */
    private IpexNDArray tracedUniform(float low, float high, TensorType type) {
        long[] size = type.sizes().toArray();
        if (low == 0 && high == 1) {
            return traced("aten.rand", size, type.dtype());
        }
        // The op takes its sizes and type from a tensor.
        IpexNDArray like = traced("aten.full", size, 0.0, type.dtype());
        return like.call("aten.uniform", like, (double) low, (double) high);
    }

    private IpexNDArray traced(String name, Object... args) {
        Op op = OpCatalog.get(name);
        return Dispatcher.call(op, Args.of(op.schema(), args), this)[0];
    }

    private IpexNDArray random(
            String method, TensorType type, RandomSource.Distribution distribution) {
        note(method);
        return filled(type, t -> RandomSource.fill(t, distribution));
    }

    /** Tells a tracer that numbers are drawn on the host. */
    private void note(String method) {
        if (tracer != null) {
            tracer.impure("NDManager." + method);
        }
    }

    @Override
    public NDArray randomPermutation(long n) {
        note("randomPermutation");
        long[] order = RandomSource.permutation(Math.toIntExact(n));
        return create(java.nio.LongBuffer.wrap(order), new Shape(n), DataType.INT64);
    }

    /** Counts of {@code n} draws from the probabilities in the last axis. */
    @Override
    public NDArray randomMultinomial(int n, NDArray pValues) {
        note("randomMultinomial");
        return Sampling.multinomial(this, n, from(pValues), new Shape());
    }

    @Override
    public NDArray randomMultinomial(int n, NDArray pValues, Shape shape) {
        note("randomMultinomial");
        return Sampling.multinomial(this, n, from(pValues), shape);
    }

    @Override
    public NDArray sampleNormal(NDArray mu, NDArray sigma) {
        return sampleNormal(mu, sigma, new Shape());
    }

    @Override
    public NDArray sampleNormal(NDArray mu, NDArray sigma, Shape shape) {
        note("sampleNormal");
        return Sampling.perElement(
                this, "sampleNormal", from(mu), from(sigma), shape, Sampling::normal);
    }

    @Override
    public NDArray samplePoisson(NDArray lam) {
        return samplePoisson(lam, new Shape());
    }

    @Override
    public NDArray samplePoisson(NDArray lam, Shape shape) {
        note("samplePoisson");
        return Sampling.perElement(
                this, "samplePoisson", from(lam), from(lam), shape, Sampling::poisson);
    }

    @Override
    public NDArray sampleGamma(NDArray alpha, NDArray beta) {
        return sampleGamma(alpha, beta, new Shape());
    }

    @Override
    public NDArray sampleGamma(NDArray alpha, NDArray beta, Shape shape) {
        note("sampleGamma");
        return Sampling.perElement(
                this, "sampleGamma", from(alpha), from(beta), shape, Sampling::gamma);
    }

    @Override
    public NDArray create(String[] data, Charset charset, Shape shape) {
        throw unsupported("create(String[])", "it has no string arrays");
    }

    @Override
    public NDArray createCSR(Buffer data, long[] indptr, long[] indices, Shape shape) {
        throw unsupported("createCSR", "it has no sparse arrays");
    }

    @Override
    public NDArray createRowSparse(Buffer data, Shape dataShape, long[] indices, Shape shape) {
        throw unsupported("createRowSparse", "it has no sparse arrays");
    }

    @Override
    public NDArray createCoo(Buffer data, long[][] indices, Shape shape) {
        throw unsupported("createCoo", "it has no sparse arrays");
    }

    @Override
    public void invoke(
            String operation, NDArray[] src, NDArray[] dest, PairList<String, ?> params) {
        throw unsupported("invoke", "ops are called through NDArray's methods");
    }

    @Override
    public NDList invoke(String operation, NDList src, PairList<String, ?> params) {
        throw unsupported("invoke", "ops are called through NDArray's methods");
    }

    private static UnsupportedOperationException unsupported(String method, String reason) {
        return new UnsupportedOperationException(
                "NDManager." + method + " is not supported by the IPEX engine: " + reason);
    }

    /** Arrays in DJL's NDList encoding, or of a NumPy {@code .npz} file. */
    @Override
    public NDList load(Path path) {
        try (InputStream in = Files.newInputStream(path)) {
            return NDList.decode(this, in);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read arrays from " + path, e);
        }
    }

    /**
     * The root holds nothing: base managers and detached arrays live as long as their users hold
     * them, and the storage's cleaner frees what is dropped unclosed.
     */
    private static final class SystemManager extends IpexNDManager
            implements NDManager.SystemNDManager {
        SystemManager() {
            super(null, null, null);
            setName("system");
        }

        @Override
        public void attachInternal(String resourceId, AutoCloseable... resources) {}

        @Override
        public void attachUncappedInternal(String resourceId, AutoCloseable resource) {}

        @Override
        public void detachInternal(String resourceId) {}
    }
}
