package org.ipex4j.engine.ndarray;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.ipex4j.engine.IpexEngine;
import org.ipex4j.engine.dispatch.Tracer;

/**
 * Owns arrays: closing a manager closes its sub-managers and arrays. A manager with a {@link Tracer} is a
 * tracing manager: ops whose results go to it, or to a manager below it, are recorded instead of run.
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
        return (IpexNDArray) create(array.toByteBuffer(), array.getShape(), array.getDataType());
    }

    private static final class SystemManager extends IpexNDManager implements NDManager.SystemNDManager {
        SystemManager() {
            super(null, null, null);
        }

        @Override
        public void attachInternal(String resourceId, AutoCloseable... resources) {}

        @Override
        public void attachUncappedInternal(String resourceId, AutoCloseable resource) {}

        @Override
        public void detachInternal(String resourceId) {}
    }
}
