package org.ipex4j.runtime.jit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.ipex4j.ir.plan.CodeUnit;
import org.ipex4j.ir.plan.Target;
import org.ipex4j.runtime.cache.DiskCache;
import org.ipex4j.runtime.log.Logs;
import org.ipex4j.runtime.natives.NativeLibraries;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns code units into addresses. Each symbol is compiled once per process, and its object file is
 * kept on disk under a key of its text, LLVM's version, the processor and its features. Units that
 * are in neither are compiled on a few threads at once. Code stays in memory until the process
 * ends.
 *
 * <p>With {@code IPEX_LOGS=code} the LLVM text and the assembly of each new unit are logged, or
 * written into the directory {@code ai.djl.ipex.dump_dir} as {@code <symbol>.ll}, {@code .opt.ll}
 * and {@code .s}.
 */
public final class Jit {
    private static final Logger logger = LoggerFactory.getLogger(Jit.class);
    private static final String KIND = "object";

    /** Changes with what is done to the text besides its version: passes, relocation model. */
    private static final String PIPELINE = "default<O3> pic small 1";

    /** LLVM recurses deeply on large functions. */
    private static final long STACK_BYTES = 16L << 20;

    private final Target target;
    private final DiskCache cache;
    private final String keyPrefix;
    private final Map<String, Unit> units = new ConcurrentHashMap<>();
    private final AtomicInteger compiled = new AtomicInteger();
    private final AtomicInteger cached = new AtomicInteger();

    /** A symbol that is linked or being linked. */
    private record Unit(String llvm, CompletableFuture<Long> address) {}

    /**
     * Counters of what was done.
     *
     * @param compiled units compiled by LLVM
     * @param cached units whose object was found on disk
     */
    public record Statistics(int compiled, int cached) {}

    /** A compiler for one processor that keeps its objects in a disk cache. */
    public Jit(Target target, DiskCache cache) {
        this.target = target;
        this.cache = cache;
        this.keyPrefix =
                "llvm "
                        + NativeLibraries.llvmVersion()
                        + "\n"
                        + PIPELINE
                        + "\n"
                        + target.cpu()
                        + "\n"
                        + target.features()
                        + "\n";
    }

    /**
     * The addresses of the units' symbols, compiling what is new.
     *
     * @throws JitException if a unit's text is wrong, calls what does not exist, or repeats a
     *     symbol with another text
     */
    public Map<String, Long> link(List<CodeUnit> request) {
        List<CodeUnit> mine = new ArrayList<>();
        Map<String, Unit> wanted = new LinkedHashMap<>();
        for (CodeUnit unit : request) {
            Unit fresh = new Unit(unit.llvm(), new CompletableFuture<>());
            Unit known = units.putIfAbsent(unit.symbol(), fresh);
            if (known == null) {
                mine.add(unit);
            } else if (!known.llvm().equals(unit.llvm())) {
                failAll(mine, new JitException("another unit of the same request is wrong"));
                throw new JitException(
                        "symbol " + unit.symbol() + " stands for two different texts");
            }
            wanted.put(unit.symbol(), known == null ? fresh : known);
        }
        if (!mine.isEmpty()) {
            linkNew(mine);
        }
        Map<String, Long> out = new LinkedHashMap<>();
        wanted.forEach((symbol, unit) -> out.put(symbol, await(symbol, unit)));
        return out;
    }

    public Statistics statistics() {
        return new Statistics(compiled.get(), cached.get());
    }

    /** The assembly that LLVM makes of a unit for this processor. */
    public String assembly(CodeUnit unit) {
        return onCompilerThreads(
                        List.of(unit), (compiler, u) -> compiler.compile(u, true).assembly())
                .getFirst();
    }

    /** The unit's LLVM text after optimisation. */
    public String optimized(CodeUnit unit) {
        return onCompilerThreads(
                        List.of(unit), (compiler, u) -> compiler.compile(u, true).optimized())
                .getFirst();
    }

    private static long await(String symbol, Unit unit) {
        try {
            return unit.address().join();
        } catch (CompletionException e) {
            // Another thread's compilation of the same symbol failed: tell it with this thread's
            // stack.
            throw new JitException(
                    "cannot link " + symbol + ": " + e.getCause().getMessage(), e.getCause());
        }
    }

    private void linkNew(List<CodeUnit> mine) {
        try {
            long start = System.nanoTime();
            Map<String, Long> defined = CodeLoader.load(objects(mine), Externals::address);
            for (CodeUnit unit : mine) {
                Long address = defined.get(unit.symbol());
                if (address == null) {
                    throw new JitException(
                            "the code of unit " + unit.symbol() + " does not define that symbol");
                }
                units.get(unit.symbol()).address().complete(address);
            }
            logger.debug(
                    "linked {} kernels in {} us", mine.size(), (System.nanoTime() - start) / 1000);
        } catch (RuntimeException | Error e) {
            failAll(mine, e);
            throw e;
        }
    }

    /** Lets waiting threads go, and later requests try again. */
    private void failAll(List<CodeUnit> mine, Throwable reason) {
        for (CodeUnit unit : mine) {
            Unit failed = units.remove(unit.symbol());
            failed.address().completeExceptionally(reason);
        }
    }

    private List<ElfObject> objects(List<CodeUnit> mine) {
        ElfObject[] out = new ElfObject[mine.size()];
        List<Integer> missing = new ArrayList<>();
        for (int i = 0; i < out.length; i++) {
            Optional<byte[]> known = cache.get(KIND, key(mine.get(i)));
            if (known.isPresent()) {
                out[i] = parse(mine.get(i), known.get());
            }
            if (out[i] == null) {
                missing.add(i);
            }
        }
        cached.addAndGet(out.length - missing.size());
        if (!missing.isEmpty()) {
            List<CodeUnit> rest = missing.stream().map(mine::get).toList();
            List<byte[]> made = onCompilerThreads(rest, LlvmCompiler::compile);
            compiled.addAndGet(made.size());
            for (int k = 0; k < made.size(); k++) {
                out[missing.get(k)] = new ElfObject(made.get(k));
                cache.put(KIND, key(rest.get(k)), made.get(k));
            }
        }
        if (Logs.CODE.enabled()) {
            dump(mine);
        }
        return List.of(out);
    }

    private ElfObject parse(CodeUnit unit, byte[] bytes) {
        try {
            return new ElfObject(bytes);
        } catch (JitException e) {
            logger.warn("ignoring the cached object of {}", unit.symbol(), e);
            cache.remove(KIND, key(unit));
            return null;
        }
    }

    private String key(CodeUnit unit) {
        return keyPrefix + unit.symbol() + "\n" + DiskCache.hash(unit.llvm());
    }

    private interface Work<T> {
        T apply(LlvmCompiler compiler, CodeUnit unit);
    }

    /** Runs compilations on threads of their own (LLVM wants a deep stack), results in order. */
    private <T> List<T> onCompilerThreads(List<CodeUnit> work, Work<T> what) {
        NativeLibraries.llvm(); // First, as a class that failed to initialise does not say why.
        int threads = Math.min(work.size(), java.lang.Runtime.getRuntime().availableProcessors());
        List<CompletableFuture<T>> results =
                work.stream().map(u -> new CompletableFuture<T>()).toList();
        ConcurrentLinkedQueue<Integer> queue = new ConcurrentLinkedQueue<>();
        for (int i = 0; i < work.size(); i++) {
            queue.add(i);
        }
        for (int t = 0; t < threads; t++) {
            Thread.ofPlatform()
                    .name("ipex-compiler-" + t)
                    .daemon()
                    .stackSize(STACK_BYTES)
                    .start(() -> compileAll(work, what, queue, results));
        }
        RuntimeException failure = null;
        List<T> out = new ArrayList<>();
        for (CompletableFuture<T> r : results) {
            try {
                out.add(r.join());
            } catch (CompletionException e) {
                JitException error =
                        e.getCause() instanceof JitException j
                                ? new JitException(j.getMessage(), j)
                                : new JitException(
                                        "compilation failed: " + e.getCause(), e.getCause());
                if (failure == null) {
                    failure = error;
                } else {
                    failure.addSuppressed(error);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
        return out;
    }

    private <T> void compileAll(
            List<CodeUnit> work,
            Work<T> what,
            ConcurrentLinkedQueue<Integer> queue,
            List<CompletableFuture<T>> results) {
        Integer next = null;
        try (LlvmCompiler compiler = new LlvmCompiler(target.cpu(), target.features())) {
            while ((next = queue.poll()) != null) {
                int i = next;
                CodeUnit unit = work.get(i);
                Llvm.ON_FATAL_ERROR.set(
                        reason -> {
                            // This thread will not come back; the units it would have taken fail
                            // with it.
                            JitException error =
                                    new JitException(
                                            "LLVM cannot compile " + unit.symbol() + ": " + reason);
                            results.get(i).completeExceptionally(error);
                            for (Integer j; (j = queue.poll()) != null; ) {
                                results.get(j).completeExceptionally(error);
                            }
                        });
                try {
                    results.get(i).complete(what.apply(compiler, unit));
                } catch (JitException e) {
                    results.get(i).completeExceptionally(e);
                }
            }
        } catch (Throwable t) {
            // Without this, whoever waits for the results would wait for ever.
            if (next != null) {
                results.get(next).completeExceptionally(t);
            }
            for (Integer j; (j = queue.poll()) != null; ) {
                results.get(j).completeExceptionally(t);
            }
            logger.debug("compiler thread failed", t);
        }
    }

    private void dump(List<CodeUnit> mine) {
        String dir = System.getProperty("ai.djl.ipex.dump_dir");
        List<LlvmCompiler.Output> listings =
                onCompilerThreads(mine, (compiler, unit) -> compiler.compile(unit, true));
        for (int i = 0; i < mine.size(); i++) {
            CodeUnit unit = mine.get(i);
            LlvmCompiler.Output listing = listings.get(i);
            if (dir == null) {
                Logs.CODE.log(
                        unit.symbol() + "\n" + unit.llvm() + "\n; assembly\n" + listing.assembly());
                continue;
            }
            try {
                Path base = Files.createDirectories(Path.of(dir));
                Files.writeString(base.resolve(unit.symbol() + ".ll"), unit.llvm());
                Files.writeString(base.resolve(unit.symbol() + ".opt.ll"), listing.optimized());
                Files.writeString(base.resolve(unit.symbol() + ".s"), listing.assembly());
                Logs.CODE.log("wrote " + base.resolve(unit.symbol()) + "{.ll,.opt.ll,.s}");
            } catch (IOException e) {
                logger.warn(
                        "cannot write the code of {} into {}: {}",
                        unit.symbol(),
                        dir,
                        e.toString());
            }
        }
    }
}
