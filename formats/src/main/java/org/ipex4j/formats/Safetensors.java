package org.ipex4j.formats;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.ipex4j.ir.Sizes;

/**
 * The safetensors format: eight bytes of header length, a JSON header, then the tensors' bytes
 * without holes (https://huggingface.co/docs/safetensors).
 */
public final class Safetensors {
    /** The bound of the reference implementation. */
    private static final long MAX_HEADER = 100_000_000;

    private static final ValueLayout.OfLong LENGTH =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ObjectMapper JSON =
            new ObjectMapper(
                            JsonFactory.builder()
                                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(8)
                                                    .maxStringLength((int) MAX_HEADER)
                                                    .maxNameLength(65_536)
                                                    .build())
                                    .build())
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .configure(JsonParser.Feature.AUTO_CLOSE_SOURCE, true);

    private Safetensors() {}

    static WeightFile read(Path path, MemorySegment file) throws IOException {
        long headerLength = file.get(LENGTH, 0);
        if (headerLength < 2 || headerLength > MAX_HEADER || headerLength > file.byteSize() - 8) {
            throw new FormatException(
                    path,
                    "not a weight file: as safetensors its header would have "
                            + Long.toUnsignedString(headerLength)
                            + " bytes, the file has "
                            + file.byteSize());
        }
        byte[] header = file.asSlice(8, headerLength).toArray(ValueLayout.JAVA_BYTE);
        JsonNode root;
        try {
            root = JSON.readTree(header);
        } catch (JsonProcessingException e) {
            throw new FormatException(
                    path, "the safetensors header is not valid JSON: " + e.getOriginalMessage(), e);
        }
        if (!root.isObject()) {
            throw new FormatException(path, "the safetensors header is not a JSON object");
        }
        MemorySegment data = file.asSlice(8 + headerLength);
        Map<String, String> metadata = new LinkedHashMap<>();
        List<Entry> entries = new ArrayList<>();
        for (Map.Entry<String, JsonNode> field : root.properties()) {
            if (field.getKey().equals("__metadata__")) {
                for (Map.Entry<String, JsonNode> m : field.getValue().properties()) {
                    if (!m.getValue().isTextual()) {
                        throw new FormatException(
                                path, "__metadata__." + m.getKey() + " is not a string");
                    }
                    metadata.put(m.getKey(), m.getValue().textValue());
                }
            } else {
                entries.add(entry(path, field.getKey(), field.getValue(), data.byteSize()));
            }
        }
        requireNoHoles(path, entries, data.byteSize());
        Map<String, StoredTensor> tensors = new LinkedHashMap<>();
        for (Entry e : entries) {
            tensors.put(
                    e.name,
                    new StoredTensor(
                            e.name,
                            e.type,
                            e.sizes,
                            e.sizes.contiguousStrides(),
                            data.asSlice(e.begin, e.end - e.begin)));
        }
        return new WeightFile(path, WeightFile.Format.SAFETENSORS, tensors, metadata);
    }

    private record Entry(String name, ElementType type, Sizes sizes, long begin, long end) {}

    private static Entry entry(Path path, String name, JsonNode node, long dataBytes)
            throws FormatException {
        String where = "tensor '" + name + "': ";
        if (!node.isObject()
                || !node.path("dtype").isTextual()
                || !node.path("shape").isArray()
                || !node.path("data_offsets").isArray()
                || node.path("data_offsets").size() != 2) {
            throw new FormatException(
                    path, where + "expected dtype, shape and two data_offsets, found " + node);
        }
        ElementType type =
                ElementType.find(node.get("dtype").textValue())
                        .orElseThrow(
                                () ->
                                        new FormatException(
                                                path,
                                                where + "unknown dtype " + node.get("dtype")));
        long[] shape = new long[node.get("shape").size()];
        long bytes = type.byteSize();
        try {
            for (int i = 0; i < shape.length; i++) {
                shape[i] = natural(node.get("shape").get(i));
                bytes = Math.multiplyExact(bytes, shape[i]);
            }
            long begin = natural(node.get("data_offsets").get(0));
            long end = natural(node.get("data_offsets").get(1));
            if (end < begin || end > dataBytes) {
                throw new FormatException(
                        path,
                        where
                                + "lies at bytes "
                                + begin
                                + " to "
                                + end
                                + " of "
                                + dataBytes
                                + " (truncated file?)");
            }
            if (end - begin != bytes) {
                throw new FormatException(
                        path,
                        where
                                + node.get("dtype").textValue()
                                + node.get("shape")
                                + " takes "
                                + bytes
                                + " bytes, data_offsets give "
                                + (end - begin));
            }
            return new Entry(name, type, Sizes.of(shape), begin, end);
        } catch (ArithmeticException | NumberFormatException e) {
            throw new FormatException(path, where + "sizes or offsets out of range: " + node, e);
        }
    }

    private static long natural(JsonNode n) {
        if (!n.isIntegralNumber() || !n.canConvertToLong() || n.longValue() < 0) {
            throw new NumberFormatException("not a size: " + n);
        }
        return n.longValue();
    }

    private static void requireNoHoles(Path path, List<Entry> entries, long dataBytes)
            throws FormatException {
        List<Entry> sorted = new ArrayList<>(entries);
        sorted.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        long at = 0;
        for (Entry e : sorted) {
            if (e.begin != at) {
                throw new FormatException(
                        path,
                        "tensor '"
                                + e.name
                                + "' begins at byte "
                                + e.begin
                                + (e.begin < at
                                        ? ", inside the tensor before it, which ends at "
                                        : ", after a hole that begins at ")
                                + at);
            }
            at = e.end;
        }
        if (at != dataBytes) {
            throw new FormatException(path, "the tensors end at byte " + at + " of " + dataBytes);
        }
    }

    /** A tensor to write: row-major bytes of its type. */
    public record Item(ElementType type, Sizes sizes, MemorySegment data) {}

    /**
     * Writes a file, wholly or not at all ({@link AtomicFile}).
     *
     * @param metadata free text, may be empty
     */
    public static void write(Path path, Map<String, Item> tensors, Map<String, String> metadata)
            throws IOException {
        ObjectNode root = JSON.createObjectNode();
        if (!metadata.isEmpty()) {
            ObjectNode m = root.putObject("__metadata__");
            metadata.forEach(m::put);
        }
        long at = 0;
        for (Map.Entry<String, Item> e : tensors.entrySet()) {
            Item item = e.getValue();
            long bytes = Math.multiplyExact(item.sizes.numel(), (long) item.type.byteSize());
            if (item.data.byteSize() != bytes) {
                throw new IllegalArgumentException(
                        "tensor '"
                                + e.getKey()
                                + "': "
                                + item.type
                                + item.sizes
                                + " takes "
                                + bytes
                                + " bytes, got "
                                + item.data.byteSize());
            }
            ObjectNode n = root.putObject(e.getKey());
            n.put("dtype", item.type.text());
            var shape = n.putArray("shape");
            item.sizes.stream().forEach(shape::add);
            n.putArray("data_offsets").add(at).add(at + bytes);
            at += bytes;
        }
        byte[] json = JSON.writeValueAsBytes(root);
        int padded = (json.length + 7) / 8 * 8;
        AtomicFile.write(
                path,
                out -> {
                    ByteBuffer head =
                            ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN);
                    head.putLong(padded).put(json);
                    head.put(" ".repeat(padded - json.length).getBytes(StandardCharsets.US_ASCII))
                            .flip();
                    AtomicFile.writeFully(out, head);
                    for (Item item : tensors.values()) {
                        for (long done = 0; done < item.data.byteSize(); ) {
                            long chunk = Math.min(1 << 30, item.data.byteSize() - done);
                            AtomicFile.writeFully(
                                    out, item.data.asSlice(done, chunk).asByteBuffer());
                            done += chunk;
                        }
                    }
                });
    }
}
