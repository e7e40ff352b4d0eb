package org.ipex4j.runtime.dnnl;

/**
 * A oneDNN stream on the CPU engine: executions on it happen at once, on the calling thread. Not
 * thread-safe.
 */
public final class DnnlStream implements AutoCloseable {
    private long handle = Dnnl.streamCreate();

    long handle() {
        return handle;
    }

    @Override
    public void close() {
        if (handle != 0) {
            Dnnl.streamDestroy(handle);
            handle = 0;
        }
    }
}
