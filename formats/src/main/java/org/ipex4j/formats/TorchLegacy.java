package org.ipex4j.formats;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@code torch.save} wrote before PyTorch 1.6: pickles of a magic number, a protocol version,
 * facts of the system and the object; then the list of storage keys, and each storage as a 64-bit
 * element count and its bytes.
 */
final class TorchLegacy {
    private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
    private static final ValueLayout.OfLong COUNT =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /**
     * Pickles come first; storages after them may be larger than an array, so they are not read
     * with them.
     */
    private static final long MAX_PICKLES = 256L << 20;

    private TorchLegacy() {}

    static WeightFile read(Path path, MemorySegment file) throws IOException {
        byte[] head =
                file.asSlice(0, Math.min(file.byteSize(), MAX_PICKLES))
                        .toArray(ValueLayout.JAVA_BYTE);
        Unpickler magic = new Unpickler(path, head, id -> refuse(path));
        Object number = magic.load();
        if (!MAGIC.equals(number)) {
            throw new FormatException(
                    path, "is a pickle, but not one of torch.save (its magic number is missing)");
        }
        Unpickler version = magic.next(id -> refuse(path));
        Object protocol = version.load();
        if (!Long.valueOf(1001).equals(protocol)) {
            throw new FormatException(path, "has protocol version " + protocol + ", expected 1001");
        }
        Unpickler system = version.next(id -> refuse(path));
        if (system.load() instanceof Map<?, ?> facts
                && Boolean.FALSE.equals(facts.get("little_endian"))) {
            throw new FormatException(path, "was written on a big-endian machine");
        }
        // Two passes over the object: the first learns which storages there are, the second, once
        // their
        // bytes are found, makes tensors of them.
        Map<String, TorchStorage.Id> ids = new HashMap<>();
        Unpickler first =
                system.next(
                                id -> {
                                    TorchStorage.Id s = TorchStorage.Id.of(path, id);
                                    ids.put(s.key(), s);
                                    return new TorchStorage(s, MemorySegment.NULL);
                                })
                        .withoutTensors();
        first.load();
        Unpickler keys = first.next(id -> refuse(path));
        if (!(keys.load() instanceof List<?> list)) {
            throw new FormatException(path, "the list of storages is missing");
        }
        Map<String, TorchStorage> storages = new HashMap<>();
        long at = keys.position();
        for (Object key : list) {
            TorchStorage.Id id = ids.get(key);
            if (id == null) {
                throw new FormatException(
                        path, "lists storage '" + key + "', which no tensor uses");
            }
            if (at > file.byteSize() - 8) {
                throw new FormatException(path, "ends before storage '" + key + "'");
            }
            long numel = file.get(COUNT, at);
            long bytes = numel * id.type().byteSize();
            if (numel != id.numel()
                    || numel < 0
                    || numel > (file.byteSize() - at - 8) / id.type().byteSize()) {
                throw new FormatException(
                        path,
                        "storage '"
                                + key
                                + "' at byte "
                                + at
                                + " has "
                                + numel
                                + " elements, expected "
                                + id.numel()
                                + "; the file has "
                                + file.byteSize()
                                + " bytes");
            }
            storages.put(id.key(), new TorchStorage(id, file.asSlice(at + 8, bytes)));
            at += 8 + bytes;
        }
        Object top =
                system.next(
                                id -> {
                                    TorchStorage.Id s = TorchStorage.Id.of(path, id);
                                    TorchStorage found = storages.get(s.key());
                                    if (found == null) {
                                        throw new FormatException(
                                                path, "storage '" + s.key() + "' is missing");
                                    }
                                    return found.as(path, s);
                                })
                        .load();
        return new WeightFile(
                path, WeightFile.Format.TORCH_LEGACY, StateDicts.tensors(path, top), Map.of());
    }

    private static Object refuse(Path path) throws FormatException {
        throw new FormatException(path, "refers to a storage where none may be");
    }
}
