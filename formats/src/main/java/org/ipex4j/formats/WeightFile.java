package org.ipex4j.formats;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A file of named tensors: safetensors, or what {@code torch.save} writes (zip, or the older form
 * of consecutive pickles). The file is mapped, not read; reading it runs no code that it may
 * contain.
 */
public final class WeightFile {
    private final Path path;
    private final Format format;
    private final Map<String, StoredTensor> tensors;
    private final Map<String, String> metadata;

    /** Kinds of weight files. */
    public enum Format {
        SAFETENSORS,
        TORCH_ZIP,
        TORCH_LEGACY
    }

    WeightFile(
            Path path,
            Format format,
            Map<String, StoredTensor> tensors,
            Map<String, String> metadata) {
        this.path = path;
        this.format = format;
        this.tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
        this.metadata = Map.copyOf(metadata);
    }

    /**
     * Maps a file and reads its directory. The kind is told by the content, not by the name.
     *
     * @throws FormatException if the file is damaged, hostile or of an unknown kind; the message
     *     names the file, the tensor and the bytes
     */
    public static WeightFile open(Path path) throws IOException {
        MemorySegment bytes;
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            // An automatic arena: the mapping lives as long as an array that uses it.
            bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
        }
        if (bytes.byteSize() < 8) {
            throw new FormatException(
                    path, "has " + bytes.byteSize() + " bytes, too few for a weight file");
        }
        int b0 = bytes.get(ValueLayout.JAVA_BYTE, 0) & 0xff;
        int b1 = bytes.get(ValueLayout.JAVA_BYTE, 1) & 0xff;
        if (b0 == 'P' && b1 == 'K') {
            return TorchZip.read(path, bytes);
        }
        // A pickle of protocol 2 and up; as a safetensors header length it would be past any limit
        // only
        // if the third byte were wrong, so the pickle's first opcode (LONG1 of the magic number)
        // decides.
        if (b0 == 0x80 && b1 <= 5 && (bytes.get(ValueLayout.JAVA_BYTE, 2) & 0xff) == 0x8a) {
            return TorchLegacy.read(path, bytes);
        }
        return Safetensors.read(path, bytes);
    }

    public Path path() {
        return path;
    }

    public Format format() {
        return format;
    }

    /** Tensors by name, in the file's order. */
    public Map<String, StoredTensor> tensors() {
        return tensors;
    }

    /**
     * Lets the system take back the memory that reading has filled. Tensors stay readable, from the
     * file again. For who has copied what is wanted: the mapping itself goes when the garbage
     * collector finds it, which may be long after.
     */
    public void unload() {
        for (StoredTensor t : tensors.values()) {
            if (t.data().isMapped()) {
                t.data().unload();
            }
        }
    }

    /** Free text that came with the file (safetensors' {@code __metadata__}). */
    public Map<String, String> metadata() {
        return metadata;
    }
}
