package org.ipex4j.engine.plan;

import org.ipex4j.engine.CompiledFunction;
import org.ipex4j.runtime.Tensor;
import org.ipex4j.runtime.exec.Executable;

/** A compiled graph in memory. */
public record Loaded(Executable executable, CompiledFunction.Report report)
        implements CompiledFunction {
    @Override
    public Tensor[] run(Tensor[] inputs) {
        return executable.run(inputs, null);
    }

    @Override
    public void close() {
        executable.close();
    }
}
