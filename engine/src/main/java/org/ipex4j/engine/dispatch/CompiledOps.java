package org.ipex4j.engine.dispatch;

import org.ipex4j.compiler.Compiler;
import org.ipex4j.engine.plan.Plans;
import org.ipex4j.runtime.Runtime;
import org.ipex4j.runtime.Tensor;
import org.ipex4j.runtime.exec.Executable;

/** Compiles small graphs for this machine: single ops, and the updates of optimizers. */
final class CompiledOps {
    /** Nodes of a graph that is worth a file on disk. */
    private static final int LARGE = 64;

    private CompiledOps() {}

    static OpCache.Loaded load(Eager.OneOp op) {
        Executable executable = executable(op);
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

    private static Executable executable(Eager.OneOp op) {
        if (op.graph().nodes().size() >= LARGE) {
            return Plans.load(op.graph(), op.options(), false, () -> {}).executable();
        }
        Runtime runtime = Runtime.instance();
        Compiler compiler = new Compiler(runtime.target(), runtime.oracle());
        return Executable.load(compiler.compile(op.graph(), op.options()));
    }
}
