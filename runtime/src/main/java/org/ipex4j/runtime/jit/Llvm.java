package org.ipex4j.runtime.jit;

import static org.ipex4j.runtime.natives.Native.INT;
import static org.ipex4j.runtime.natives.Native.LONG;
import static org.ipex4j.runtime.natives.Native.POINTER;
import static org.ipex4j.runtime.natives.Native.rethrow;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.ipex4j.runtime.natives.Native;
import org.ipex4j.runtime.natives.NativeLibraries;
import org.slf4j.LoggerFactory;

/**
 * The part of LLVM's C API (LLVM 20) that compiles text to an object file. Pointers are longs;
 * names are LLVM's. Touching this class loads the library.
 */
final class Llvm {
    static final int RETURN_STATUS = 2;
    static final int OPTIMIZE_AGGRESSIVE = 3;
    static final int RELOCATION_PIC = 2;
    static final int CODE_MODEL_SMALL = 3;
    static final int ASSEMBLY_FILE = 0;
    static final int OBJECT_FILE = 1;

    private static final SymbolLookup LLVM = NativeLibraries.llvm();

    static final MethodHandle CONTEXT_CREATE = Native.function(LLVM, "LLVMContextCreate", LONG);
    static final MethodHandle CONTEXT_DISPOSE = Native.procedure(LLVM, "LLVMContextDispose", LONG);
    static final MethodHandle BUFFER_COPY =
            Native.function(
                    LLVM,
                    "LLVMCreateMemoryBufferWithMemoryRangeCopy",
                    LONG,
                    POINTER,
                    LONG,
                    POINTER);
    static final MethodHandle BUFFER_START =
            Native.function(LLVM, "LLVMGetBufferStart", LONG, LONG);
    static final MethodHandle BUFFER_SIZE = Native.function(LLVM, "LLVMGetBufferSize", LONG, LONG);
    static final MethodHandle BUFFER_DISPOSE =
            Native.procedure(LLVM, "LLVMDisposeMemoryBuffer", LONG);
    static final MethodHandle PARSE_IR =
            Native.function(LLVM, "LLVMParseIRInContext", INT, LONG, LONG, POINTER, POINTER);
    static final MethodHandle VERIFY =
            Native.function(LLVM, "LLVMVerifyModule", INT, LONG, INT, POINTER);
    static final MethodHandle MODULE_DISPOSE = Native.procedure(LLVM, "LLVMDisposeModule", LONG);
    static final MethodHandle SET_TARGET = Native.procedure(LLVM, "LLVMSetTarget", LONG, LONG);
    static final MethodHandle SET_DATA_LAYOUT =
            Native.procedure(LLVM, "LLVMSetModuleDataLayout", LONG, LONG);
    static final MethodHandle PRINT_MODULE =
            Native.function(LLVM, "LLVMPrintModuleToString", LONG, LONG);
    static final MethodHandle MESSAGE_DISPOSE = Native.procedure(LLVM, "LLVMDisposeMessage", LONG);
    static final MethodHandle DEFAULT_TRIPLE =
            Native.function(LLVM, "LLVMGetDefaultTargetTriple", LONG);
    static final MethodHandle TARGET_FROM_TRIPLE =
            Native.function(LLVM, "LLVMGetTargetFromTriple", INT, LONG, POINTER, POINTER);
    static final MethodHandle CREATE_MACHINE =
            Native.function(
                    LLVM,
                    "LLVMCreateTargetMachine",
                    LONG,
                    LONG,
                    LONG,
                    POINTER,
                    POINTER,
                    INT,
                    INT,
                    INT);
    static final MethodHandle MACHINE_DISPOSE =
            Native.procedure(LLVM, "LLVMDisposeTargetMachine", LONG);
    static final MethodHandle MACHINE_DATA_LAYOUT =
            Native.function(LLVM, "LLVMCreateTargetDataLayout", LONG, LONG);
    static final MethodHandle DATA_LAYOUT_DISPOSE =
            Native.procedure(LLVM, "LLVMDisposeTargetData", LONG);
    static final MethodHandle EMIT =
            Native.function(
                    LLVM,
                    "LLVMTargetMachineEmitToMemoryBuffer",
                    INT,
                    LONG,
                    LONG,
                    INT,
                    POINTER,
                    POINTER);
    static final MethodHandle PASS_OPTIONS_CREATE =
            Native.function(LLVM, "LLVMCreatePassBuilderOptions", LONG);
    static final MethodHandle PASS_OPTIONS_DISPOSE =
            Native.procedure(LLVM, "LLVMDisposePassBuilderOptions", LONG);
    static final MethodHandle RUN_PASSES =
            Native.function(LLVM, "LLVMRunPasses", LONG, LONG, POINTER, LONG, LONG);
    static final MethodHandle ERROR_MESSAGE =
            Native.function(LLVM, "LLVMGetErrorMessage", LONG, LONG);
    static final MethodHandle ERROR_MESSAGE_DISPOSE =
            Native.procedure(LLVM, "LLVMDisposeErrorMessage", LONG);

    /** Who hears of an error after which LLVM would end the process; set by compiling threads. */
    static final ThreadLocal<Consumer<String>> ON_FATAL_ERROR = new ThreadLocal<>();

    static {
        for (String part :
                new String[] {"TargetInfo", "Target", "TargetMC", "AsmPrinter", "AsmParser"}) {
            run(Native.procedure(LLVM, "LLVMInitializeX86" + part));
        }
        installFatalErrorHandler();
    }

    private Llvm() {}

    private static void run(MethodHandle procedure) {
        try {
            procedure.invoke();
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    /**
     * LLVM answers code that its back end cannot handle by ending the process, unless a handler
     * does not return. Ours tells the waiting caller and then never returns: one thread is lost,
     * not the JVM.
     */
    private static void installFatalErrorHandler() {
        try {
            MethodHandle target =
                    MethodHandles.lookup()
                            .findStatic(
                                    Llvm.class,
                                    "fatalError",
                                    MethodType.methodType(void.class, MemorySegment.class));
            MemorySegment stub =
                    Linker.nativeLinker()
                            .upcallStub(target, FunctionDescriptor.ofVoid(POINTER), Arena.global());
            Native.procedure(LLVM, "LLVMInstallFatalErrorHandler", POINTER).invokeExact(stub);
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }

    @SuppressWarnings("UnusedMethod") // called by LLVM, through the stub above
    private static void fatalError(MemorySegment reason) {
        String text = Native.string(reason.address());
        Consumer<String> listener = ON_FATAL_ERROR.get();
        if (listener == null) {
            LoggerFactory.getLogger(Llvm.class).error("LLVM: {}", text);
            return;
        }
        listener.accept(text);
        while (true) {
            LockSupport.park();
        }
    }

    /** The text at an address, which is then freed. */
    static String takeMessage(long message) {
        if (message == 0) {
            return "";
        }
        String text = Native.string(message);
        try {
            MESSAGE_DISPOSE.invokeExact(message);
        } catch (Throwable t) {
            throw rethrow(t);
        }
        return text;
    }

    /**
     * Calls a function without arguments that returns text to be freed, {@code LLVMGetHostCPUName}.
     */
    static String text(String function) {
        try {
            return takeMessage((long) Native.function(LLVM, function, LONG).invokeExact());
        } catch (Throwable t) {
            throw rethrow(t);
        }
    }
}
