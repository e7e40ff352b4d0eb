package org.ipex4j.formats;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * What {@code torch.save} writes since PyTorch 1.6: a zip archive with {@code data.pkl}, and one
 * entry {@code data/KEY} per storage, stored without compression.
 */
final class TorchZip {
    private TorchZip() {}

    static WeightFile read(Path path, MemorySegment file) throws IOException {
        Map<String, MemorySegment> entries = ZipDirectory.read(path, file);
        String pickle = null;
        for (String name : entries.keySet()) {
            if (name.equals("data.pkl") || name.endsWith("/data.pkl")) {
                if (pickle != null) {
                    throw new FormatException(path, "holds both " + pickle + " and " + name);
                }
                pickle = name;
            }
        }
        if (pickle == null) {
            throw new FormatException(
                    path, "is a zip archive without data.pkl: not written by torch.save");
        }
        String root = pickle.substring(0, pickle.length() - "data.pkl".length());
        requireLittleEndian(path, entries.get(root + "byteorder"));
        Map<String, TorchStorage> storages = new HashMap<>();
        Object top =
                new Unpickler(
                                path,
                                entries.get(pickle).toArray(ValueLayout.JAVA_BYTE),
                                id -> {
                                    TorchStorage.Id storage = TorchStorage.Id.of(path, id);
                                    TorchStorage known = storages.get(storage.key());
                                    if (known == null) {
                                        MemorySegment bytes =
                                                entries.get(root + "data/" + storage.key());
                                        if (bytes == null) {
                                            throw new FormatException(
                                                    path,
                                                    "names storage '"
                                                            + storage.key()
                                                            + "', but has no entry "
                                                            + root
                                                            + "data/"
                                                            + storage.key());
                                        }
                                        known = new TorchStorage(storage, bytes);
                                        storages.put(storage.key(), known);
                                    }
                                    return known.as(path, storage);
                                })
                        .load();
        return new WeightFile(
                path, WeightFile.Format.TORCH_ZIP, StateDicts.tensors(path, top), Map.of());
    }

    private static void requireLittleEndian(Path path, MemorySegment entry) throws FormatException {
        if (entry != null) {
            String order =
                    new String(entry.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.US_ASCII)
                            .strip();
            if (!order.equals("little")) {
                throw new FormatException(
                        path, "was written with byte order '" + order + "', expected 'little'");
            }
        }
    }
}
