package org.ipex4j.compiler.loop;

import java.util.Set;
import java.util.TreeSet;
import org.ipex4j.compiler.loop.lower.LoweringTable;
import org.ipex4j.compiler.loop.lower.ProgramBuilder;
import org.ipex4j.ir.op.Op;

/** What the loop compiler can do. */
public final class LoopLowerings {
    private LoopLowerings() {}

    /** True if calls of the op become loops. */
    public static boolean supports(Op op) {
        return supports(op.name());
    }

    public static boolean supports(String op) {
        return LoweringTable.contains(op) || ProgramBuilder.isAssembly(op);
    }

    /** Full names of all ops that become loops. */
    public static Set<String> names() {
        Set<String> out = new TreeSet<>(LoweringTable.names());
        out.addAll(ProgramBuilder.assemblyOps());
        return out;
    }
}
