package org.ipex4j.formats;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A storage of a PyTorch file: flat bytes that tensors are views of. */
record TorchStorage(Id id, MemorySegment bytes) {
    private static final Map<String, ElementType> CLASSES =
            Map.ofEntries(
                    Map.entry("torch.FloatStorage", ElementType.F32),
                    Map.entry("torch.DoubleStorage", ElementType.F64),
                    Map.entry("torch.HalfStorage", ElementType.F16),
                    Map.entry("torch.BFloat16Storage", ElementType.BF16),
                    Map.entry("torch.LongStorage", ElementType.I64),
                    Map.entry("torch.IntStorage", ElementType.I32),
                    Map.entry("torch.ShortStorage", ElementType.I16),
                    Map.entry("torch.CharStorage", ElementType.I8),
                    Map.entry("torch.ByteStorage", ElementType.U8),
                    Map.entry("torch.BoolStorage", ElementType.BOOL),
                    Map.entry("torch.storage.UntypedStorage", ElementType.U8));

    /** True for the name of a storage class. */
    static boolean isClass(String name) {
        return CLASSES.containsKey(name);
    }

    /** What a pickle says of a storage: {@code ('storage', class, key, location, numel)}. */
    record Id(ElementType type, String key, long numel) {
        static Id of(Path path, Object id) throws FormatException {
            if (id instanceof List<?> t
                    && t.size() >= 5
                    && "storage".equals(t.get(0))
                    && t.get(1) instanceof Unpickler.Global g
                    && t.get(2) instanceof String key
                    && t.get(4) instanceof Long numel
                    && CLASSES.containsKey(g.name())) {
                if (t.size() > 5 && t.get(5) != null && t.get(5) != Unpickler.NONE) {
                    throw new FormatException(
                            path,
                            "storage '"
                                    + key
                                    + "' is a view of another storage, which is not supported");
                }
                return new Id(CLASSES.get(g.name()), key, numel);
            }
            throw new FormatException(path, "the pickle refers to something other than a storage");
        }
    }

    /** This storage under the type a reference gives it, checked against the bytes there are. */
    TorchStorage as(Path path, Id reference) throws FormatException {
        long needed;
        try {
            needed = Math.multiplyExact(reference.numel, (long) reference.type.byteSize());
        } catch (ArithmeticException e) {
            throw new FormatException(
                    path,
                    "storage '" + reference.key + "' has " + reference.numel + " elements",
                    e);
        }
        if (reference.numel < 0 || needed > bytes.byteSize()) {
            throw new FormatException(
                    path,
                    "storage '"
                            + reference.key
                            + "' should hold "
                            + reference.numel
                            + " elements of "
                            + reference.type
                            + ", has "
                            + bytes.byteSize()
                            + " bytes");
        }
        return new TorchStorage(reference, bytes.asSlice(0, needed));
    }
}
