package org.ipex4j.runtime.jit;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A relocatable ELF file for x86-64, as LLVM emits it: the sections that are loaded, symbols and
 * relocations. Format: System V ABI, AMD64 supplement.
 */
final class ElfObject {
    static final int UNDEFINED_SECTION = 0;

    private static final int X86_64 = 62;
    private static final int RELOCATABLE = 1;
    private static final int SECTION_PROGBITS = 1;
    private static final int SECTION_SYMTAB = 2;
    private static final int SECTION_RELA = 4;
    private static final int SECTION_NOBITS = 8;
    private static final long FLAG_WRITE = 1;
    private static final long FLAG_ALLOC = 2;
    private static final long FLAG_EXECUTE = 4;

    /** A section; {@code loaded} says whether its contents belong in memory. */
    record Section(
            String name,
            int type,
            long flags,
            int offset,
            int size,
            int alignment,
            int info,
            boolean loaded) {
        boolean executable() {
            return (flags & FLAG_EXECUTE) != 0;
        }

        boolean writable() {
            return (flags & FLAG_WRITE) != 0;
        }

        boolean zeroed() {
            return type == SECTION_NOBITS;
        }
    }

    /**
     * A symbol: defined at an offset into a section, or undefined; {@code global} ones are seen by
     * other files.
     */
    record Symbol(String name, int section, long value, boolean global) {}

    /** A place to patch: section and offset into it, what with, and how. */
    record Relocation(int section, int offset, int type, int symbol, long addend) {}

    private final ByteBuffer file;
    private final List<Section> sections = new ArrayList<>();
    private final List<Symbol> symbols = new ArrayList<>();
    private final List<Relocation> relocations = new ArrayList<>();

    /**
     * Reads a file.
     *
     * @throws JitException if it is not such a file, or refers outside itself
     */
    ElfObject(byte[] bytes) {
        file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        try {
            read();
        } catch (IndexOutOfBoundsException | IllegalArgumentException | ArithmeticException e) {
            throw new JitException("malformed object file of " + bytes.length + " bytes", e);
        }
    }

    List<Section> sections() {
        return sections;
    }

    List<Symbol> symbols() {
        return symbols;
    }

    List<Relocation> relocations() {
        return relocations;
    }

    /** The bytes of a section. */
    ByteBuffer contents(Section s) {
        return file.slice(s.offset(), s.size()).order(ByteOrder.LITTLE_ENDIAN);
    }

    private void read() {
        if (file.getInt(0) != 0x464c457f || file.get(4) != 2 || file.get(5) != 1) {
            throw new IllegalArgumentException("not a 64-bit little-endian ELF file");
        }
        if (file.getShort(16) != RELOCATABLE || file.getShort(18) != X86_64) {
            throw new IllegalArgumentException("not a relocatable file for x86-64");
        }
        int headers = Math.toIntExact(file.getLong(40));
        int headerSize = file.getShort(58) & 0xffff;
        int count = file.getShort(60) & 0xffff;
        int names = headers + (file.getShort(62) & 0xffff) * headerSize;
        int nameTable = Math.toIntExact(file.getLong(names + 24));
        for (int i = 0; i < count; i++) {
            sections.add(section(headers + i * headerSize, nameTable));
        }
        for (int i = 0; i < count; i++) {
            int header = headers + i * headerSize;
            Section s = sections.get(i);
            if (s.type() == SECTION_SYMTAB) {
                readSymbols(s, sections.get(file.getInt(header + 40)));
            } else if (s.type() == SECTION_RELA && sections.get(s.info()).loaded()) {
                readRelocations(s);
            }
        }
    }

    private Section section(int header, int nameTable) {
        String name = string(nameTable + file.getInt(header));
        int type = file.getInt(header + 4);
        long flags = file.getLong(header + 8);
        // Kernels neither throw nor are unwound through: exception tables stay behind.
        boolean loaded =
                (flags & FLAG_ALLOC) != 0
                        && (type == SECTION_PROGBITS || type == SECTION_NOBITS)
                        && !name.equals(".eh_frame");
        return new Section(
                name,
                type,
                flags,
                Math.toIntExact(file.getLong(header + 24)),
                Math.toIntExact(file.getLong(header + 32)),
                (int) Math.max(1, file.getLong(header + 48)),
                file.getInt(header + 44),
                loaded);
    }

    private void readSymbols(Section table, Section strings) {
        for (int at = table.offset(); at < table.offset() + table.size(); at += 24) {
            boolean global = (file.get(at + 4) & 0xf0) != 0;
            symbols.add(
                    new Symbol(
                            string(strings.offset() + file.getInt(at)),
                            file.getShort(at + 6) & 0xffff,
                            file.getLong(at + 8),
                            global));
        }
    }

    private void readRelocations(Section table) {
        for (int at = table.offset(); at < table.offset() + table.size(); at += 24) {
            long info = file.getLong(at + 8);
            relocations.add(
                    new Relocation(
                            table.info(),
                            Math.toIntExact(file.getLong(at)),
                            (int) info,
                            (int) (info >>> 32),
                            file.getLong(at + 16)));
        }
    }

    private String string(int at) {
        int end = at;
        while (file.get(end) != 0) {
            end++;
        }
        byte[] bytes = new byte[end - at];
        file.get(at, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
