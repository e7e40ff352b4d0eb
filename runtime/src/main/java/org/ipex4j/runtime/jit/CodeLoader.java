package org.ipex4j.runtime.jit;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.ipex4j.runtime.natives.LibC;
import org.ipex4j.runtime.natives.Native;

/**
 * Places object files in memory and links them: code first, then read-only data together with a
 * table of addresses (GOT), then writable data, each in pages of their own. Functions outside are
 * reached through a jump stub, as they may lie further away than a relative call reaches. Code
 * pages are never writable and executable at once.
 *
 * <p>This little linker stands where ORC could: it lets a process that finds all its objects in the
 * cache run them without loading LLVM at all, which saves about 0.1 s and 60 MB.
 */
final class CodeLoader {
    private static final long PAGE = 4096;
    private static final int STUB_BYTES = 8;

    // Relocation types of the AMD64 supplement.
    private static final int ABSOLUTE_64 = 1;
    private static final int PC_32 = 2;
    private static final int PLT_32 = 4;
    private static final int GOT_PC_32 = 9;
    private static final int PC_64 = 24;
    private static final int GOT_PC_32_X = 41;
    private static final int REX_GOT_PC_32_X = 42;

    private final List<ElfObject> objects;
    private final ToLongFunction<String> externals;
    private final List<long[]> sectionOffsets = new ArrayList<>();
    private final Map<String, Long> defined = new HashMap<>();
    private final Map<String, Integer> stubs = new HashMap<>();
    private final Map<Long, Integer> gotSlots = new HashMap<>();

    private long cursor;
    private long stubStart;
    private long gotStart;
    private long base;
    private MemorySegment image;

    private CodeLoader(List<ElfObject> objects, ToLongFunction<String> externals) {
        this.objects = objects;
        this.externals = externals;
    }

    /**
     * Links objects among each other and to the outside.
     *
     * @param externals the address of a symbol that none of the objects defines; throws for unknown
     *     ones
     * @return the address of every global symbol they define
     */
    static Map<String, Long> load(List<ElfObject> objects, ToLongFunction<String> externals) {
        return new CodeLoader(objects, externals).load();
    }

    private Map<String, Long> load() {
        for (ElfObject o : objects) {
            sectionOffsets.add(new long[o.sections().size()]);
        }
        place(true, false);
        stubStart = align(cursor, 16);
        int undefined = 0;
        int relocations = 0;
        for (ElfObject o : objects) {
            undefined +=
                    (int)
                            o.symbols().stream()
                                    .filter(s -> s.section() == ElfObject.UNDEFINED_SECTION)
                                    .count();
            relocations += o.relocations().size();
        }
        long codeEnd = align(stubStart + (long) undefined * STUB_BYTES, PAGE);
        cursor = codeEnd;
        gotStart = cursor;
        // A slot for each stub and at most one for each relocation.
        cursor += 8L * (undefined + relocations);
        place(false, false);
        long constEnd = align(cursor, PAGE);
        cursor = constEnd;
        place(false, true);
        long end = align(Math.max(cursor, constEnd + 1), PAGE);

        base = LibC.map(end);
        if (base == 0) {
            throw new JitException("no memory for " + end + " bytes of code");
        }
        boolean done = false;
        try {
            image = Native.memory(base, end);
            define();
            fill();
            LibC.protect(base, codeEnd, LibC.PROT_READ | LibC.PROT_EXEC);
            LibC.protect(base + codeEnd, constEnd - codeEnd, LibC.PROT_READ);
            done = true;
            return defined;
        } finally {
            if (!done) {
                LibC.unmap(base, end);
            }
        }
    }

    private void place(boolean executable, boolean writable) {
        for (int i = 0; i < objects.size(); i++) {
            List<ElfObject.Section> sections = objects.get(i).sections();
            for (int j = 0; j < sections.size(); j++) {
                ElfObject.Section s = sections.get(j);
                if (s.loaded() && s.executable() == executable && s.writable() == writable) {
                    cursor = align(cursor, s.alignment());
                    sectionOffsets.get(i)[j] = cursor;
                    cursor += s.size();
                }
            }
        }
    }

    private void define() {
        for (int i = 0; i < objects.size(); i++) {
            for (ElfObject.Symbol s : objects.get(i).symbols()) {
                if (s.global() && isLoaded(i, s)) {
                    defined.put(s.name(), address(i, s));
                }
            }
        }
    }

    private boolean isLoaded(int object, ElfObject.Symbol s) {
        List<ElfObject.Section> sections = objects.get(object).sections();
        return s.section() != ElfObject.UNDEFINED_SECTION
                && s.section() < sections.size()
                && sections.get(s.section()).loaded();
    }

    private long address(int object, ElfObject.Symbol s) {
        return base + sectionOffsets.get(object)[s.section()] + s.value();
    }

    private void fill() {
        for (int i = 0; i < objects.size(); i++) {
            ElfObject o = objects.get(i);
            for (int j = 0; j < o.sections().size(); j++) {
                ElfObject.Section s = o.sections().get(j);
                if (s.loaded() && !s.zeroed()) {
                    MemorySegment.copy(
                            MemorySegment.ofBuffer(o.contents(s)),
                            JAVA_BYTE,
                            0,
                            image,
                            JAVA_BYTE,
                            sectionOffsets.get(i)[j],
                            s.size());
                }
            }
            for (ElfObject.Relocation r : o.relocations()) {
                relocate(i, r);
            }
        }
    }

    private void relocate(int object, ElfObject.Relocation r) {
        ElfObject.Symbol symbol = objects.get(object).symbols().get(r.symbol());
        long at = sectionOffsets.get(object)[r.section()] + r.offset();
        long place = base + at;
        switch (r.type()) {
            case ABSOLUTE_64 ->
                    image.set(JAVA_LONG_UNALIGNED, at, target(object, symbol) + r.addend());
            case PC_64 ->
                    image.set(JAVA_LONG_UNALIGNED, at, target(object, symbol) + r.addend() - place);
            case PC_32, PLT_32 ->
                    setRelative(at, reachable(object, symbol) + r.addend() - place, symbol);
            case GOT_PC_32, GOT_PC_32_X, REX_GOT_PC_32_X ->
                    setRelative(
                            at,
                            base + gotSlot(target(object, symbol)) + r.addend() - place,
                            symbol);
            default ->
                    throw new JitException(
                            "relocation type "
                                    + r.type()
                                    + " against '"
                                    + symbol.name()
                                    + "' is unknown");
        }
    }

    private void setRelative(long at, long distance, ElfObject.Symbol symbol) {
        if (distance != (int) distance) {
            throw new JitException("'" + symbol.name() + "' is out of reach");
        }
        image.set(JAVA_INT_UNALIGNED, at, (int) distance);
    }

    private long target(int object, ElfObject.Symbol s) {
        if (isLoaded(object, s)) {
            return address(object, s);
        }
        if (s.section() != ElfObject.UNDEFINED_SECTION) {
            throw new JitException(
                    "symbol '" + s.name() + "' lies in a section that is not loaded");
        }
        Long inBatch = defined.get(s.name());
        return inBatch != null ? inBatch : externals.applyAsLong(s.name());
    }

    /**
     * An address within the image that stands for the symbol: itself, or a stub that jumps to it.
     */
    private long reachable(int object, ElfObject.Symbol s) {
        if (isLoaded(object, s) || defined.containsKey(s.name())) {
            return target(object, s);
        }
        Integer index = stubs.get(s.name());
        if (index == null) {
            index = stubs.size();
            stubs.put(s.name(), index);
            long stub = stubStart + (long) index * STUB_BYTES;
            long slot = gotSlot(target(object, s));
            // jmp *slot(%rip)
            image.set(JAVA_BYTE, stub, (byte) 0xff);
            image.set(JAVA_BYTE, stub + 1, (byte) 0x25);
            image.set(JAVA_INT_UNALIGNED, stub + 2, Math.toIntExact(slot - (stub + 6)));
        }
        return base + stubStart + (long) index * STUB_BYTES;
    }

    private long gotSlot(long address) {
        Integer index = gotSlots.get(address);
        if (index == null) {
            index = gotSlots.size();
            gotSlots.put(address, index);
            image.set(JAVA_LONG_UNALIGNED, gotStart + 8L * index, address);
        }
        return gotStart + 8L * index;
    }

    private static long align(long value, long alignment) {
        return (value + alignment - 1) / alignment * alignment;
    }
}
