package org.ipex4j.runtime.jit;

import static org.ipex4j.runtime.natives.Native.LONG;
import static org.ipex4j.runtime.natives.Native.rethrow;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.ipex4j.ir.plan.CodeUnit;
import org.ipex4j.runtime.natives.Native;

/**
 * Compiles LLVM text to position-independent object files for one processor, optimised by {@code
 * default<O3>}. An instance serves one thread.
 */
final class LlvmCompiler implements AutoCloseable {
    private static final Pattern LOCATION = Pattern.compile(":(\\d+):\\d+: error:");
    private static final int LINES_AROUND = 3;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment passes = arena.allocateFrom("default<O3>");
    private final MemorySegment out = arena.allocate(LONG);
    private final MemorySegment message = arena.allocate(LONG);
    private final long context;
    private final long triple;
    private final long machine;
    private final long dataLayout;

    /** What one compilation gives. */
    record Output(byte[] object, String optimized, String assembly) {}

    LlvmCompiler(String cpu, String features) {
        try {
            triple = (long) Llvm.DEFAULT_TRIPLE.invokeExact();
            if ((int) Llvm.TARGET_FROM_TRIPLE.invokeExact(triple, out, message) != 0) {
                throw new JitException("LLVM has no target: " + takeMessage());
            }
            machine =
                    (long)
                            Llvm.CREATE_MACHINE.invokeExact(
                                    out.get(LONG, 0),
                                    triple,
                                    arena.allocateFrom(cpu),
                                    arena.allocateFrom(features),
                                    Llvm.OPTIMIZE_AGGRESSIVE,
                                    Llvm.RELOCATION_PIC,
                                    Llvm.CODE_MODEL_SMALL);
            if (machine == 0) {
                throw new JitException("LLVM cannot make a machine for " + cpu);
            }
            dataLayout = (long) Llvm.MACHINE_DATA_LAYOUT.invokeExact(machine);
            context = (long) Llvm.CONTEXT_CREATE.invokeExact();
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    /** The object file of a unit. */
    byte[] compile(CodeUnit unit) {
        return compile(unit, false).object();
    }

    /**
     * Compiles a unit.
     *
     * @param listing whether to give the optimised LLVM text and the assembly too (null otherwise)
     * @throws JitException with LLVM's message if the text is wrong
     */
    Output compile(CodeUnit unit, boolean listing) {
        try {
            long module = parse(unit);
            try {
                optimize(module, unit);
                String optimized =
                        listing
                                ? Llvm.takeMessage((long) Llvm.PRINT_MODULE.invokeExact(module))
                                : null;
                // Emission changes the module, so that the assembly is made from a second copy.
                byte[] object = emit(module, Llvm.OBJECT_FILE, unit);
                return new Output(object, optimized, listing ? assembly(unit) : null);
            } finally {
                Llvm.MODULE_DISPOSE.invokeExact(module);
            }
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    private String assembly(CodeUnit unit) throws Throwable {
        long module = parse(unit);
        try {
            optimize(module, unit);
            return new String(emit(module, Llvm.ASSEMBLY_FILE, unit), StandardCharsets.UTF_8);
        } finally {
            Llvm.MODULE_DISPOSE.invokeExact(module);
        }
    }

    private long parse(CodeUnit unit) throws Throwable {
        byte[] text = unit.llvm().getBytes(StandardCharsets.UTF_8);
        try (Arena local = Arena.ofConfined()) {
            MemorySegment copy = local.allocateFrom(ValueLayout.JAVA_BYTE, text);
            long buffer =
                    (long)
                            Llvm.BUFFER_COPY.invokeExact(
                                    copy, (long) text.length, local.allocateFrom(unit.symbol()));
            message.set(LONG, 0, 0);
            int failed = (int) Llvm.PARSE_IR.invokeExact(context, buffer, out, message);
            if (failed != 0) {
                throw new JitException(describe(unit, takeMessage()));
            }
            long module = out.get(LONG, 0);
            message.set(LONG, 0, 0);
            int invalid = (int) Llvm.VERIFY.invokeExact(module, Llvm.RETURN_STATUS, message);
            String reason = takeMessage();
            if (invalid != 0) {
                Llvm.MODULE_DISPOSE.invokeExact(module);
                throw new JitException(describe(unit, reason));
            }
            Llvm.SET_TARGET.invokeExact(module, triple);
            Llvm.SET_DATA_LAYOUT.invokeExact(module, dataLayout);
            return module;
        }
    }

    private void optimize(long module, CodeUnit unit) throws Throwable {
        long options = (long) Llvm.PASS_OPTIONS_CREATE.invokeExact();
        try {
            long error = (long) Llvm.RUN_PASSES.invokeExact(module, passes, machine, options);
            if (error != 0) {
                long text = (long) Llvm.ERROR_MESSAGE.invokeExact(error);
                String reason = Native.string(text);
                Llvm.ERROR_MESSAGE_DISPOSE.invokeExact(text);
                throw new JitException("LLVM cannot optimise " + unit.symbol() + ": " + reason);
            }
        } finally {
            Llvm.PASS_OPTIONS_DISPOSE.invokeExact(options);
        }
    }

    private byte[] emit(long module, int fileType, CodeUnit unit) throws Throwable {
        message.set(LONG, 0, 0);
        if ((int) Llvm.EMIT.invokeExact(machine, module, fileType, message, out) != 0) {
            throw new JitException(
                    "LLVM cannot emit code for " + unit.symbol() + ": " + takeMessage());
        }
        long buffer = out.get(LONG, 0);
        try {
            long start = (long) Llvm.BUFFER_START.invokeExact(buffer);
            long size = (long) Llvm.BUFFER_SIZE.invokeExact(buffer);
            return Native.memory(start, size).toArray(ValueLayout.JAVA_BYTE);
        } finally {
            Llvm.BUFFER_DISPOSE.invokeExact(buffer);
        }
    }

    private String takeMessage() {
        return Llvm.takeMessage(message.get(LONG, 0)).strip();
    }

    /** LLVM's message with the numbered lines around the place it names. */
    private static String describe(CodeUnit unit, String reason) {
        StringBuilder text =
                new StringBuilder("LLVM refuses ")
                        .append(unit.symbol())
                        .append(": ")
                        .append(reason);
        String[] lines = unit.llvm().split("\n", -1);
        Matcher m = LOCATION.matcher(reason);
        int first = 1;
        int last = lines.length;
        if (m.find()) {
            int line = Integer.parseInt(m.group(1));
            first = Math.max(1, line - LINES_AROUND);
            last = Math.min(lines.length, line + LINES_AROUND);
        }
        for (int i = first; i <= last; i++) {
            text.append(String.format("%n%5d  %s", i, lines[i - 1]));
        }
        return text.toString();
    }

    @Override
    public void close() {
        try {
            Llvm.CONTEXT_DISPOSE.invokeExact(context);
            Llvm.DATA_LAYOUT_DISPOSE.invokeExact(dataLayout);
            Llvm.MACHINE_DISPOSE.invokeExact(machine);
            Llvm.MESSAGE_DISPOSE.invokeExact(triple);
        } catch (Throwable t) {
            throw rethrow(t);
        } finally {
            arena.close();
        }
    }
}
