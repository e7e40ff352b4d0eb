package org.ipex4j.engine.dispatch;

import org.ipex4j.compiler.Compiler;
import org.ipex4j.runtime.Runtime;
import org.ipex4j.runtime.Tensor;
import org.ipex4j.runtime.exec.Executable;

/** Compiles one-op graphs for this machine. */
final class CompiledOps {
    private CompiledOps() {}

    static OpCache.Loaded load(Eager.OneOp op) {
        Runtime runtime = Runtime.instance();
        Compiler compiler = new Compiler(runtime.target(), runtime.oracle());
        Executable executable = Executable.load(compiler.compile(op.graph(), op.options()));
        return new OpCache.Loaded() {
            @Override
            public Tensor[] run(Tensor[] inputs, Tensor[] outs) {
                return executable.run(inputs, outs);
            }

            @Override
            public void close() {
                executable.close();
            }
        };
    }
}
