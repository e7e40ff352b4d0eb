package org.ipex4j.formats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.ipex4j.ir.Sizes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WeightFileTest {
    @TempDir Path dir;

    static Path fixture(String name) throws URISyntaxException {
        return Path.of(WeightFileTest.class.getResource("/fixtures/" + name).toURI());
    }

    static float[] floats(StoredTensor t) {
        return t.contiguous().toArray(ValueLayout.JAVA_FLOAT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"state.pth", "legacy.pth", "state.safetensors"})
    void readsWhatPythonWrote(String name) throws Exception {
        Map<String, StoredTensor> t = WeightFile.open(fixture(name)).tensors();
        assertThat(floats(t.get("weight"))).containsExactly(0, 1, 2, 3, 4, 5);
        assertThat(t.get("weight").sizes()).isEqualTo(Sizes.of(2, 3));
        assertThat(floats(t.get("bias"))).containsExactly(-1, 2);
        assertThat(t.get("view").sizes()).isEqualTo(Sizes.of(2, 4));
        assertThat(floats(t.get("view"))).containsExactly(1, 7, 13, 19, 2, 8, 14, 20);
        assertThat(t.get("half").contiguous().toArray(ValueLayout.JAVA_SHORT))
                .containsExactly((short) 0x3e00, (short) 0xc080, (short) 0x7bff);
        assertThat(t.get("brain").contiguous().toArray(ValueLayout.JAVA_SHORT))
                .containsExactly((short) 0x3fc0, (short) 0xc010, (short) 0x7f62);
        assertThat(t.get("long").contiguous().toArray(ValueLayout.JAVA_LONG))
                .containsExactly(1, -2, 1L << 60, 3);
        assertThat(t.get("bool").contiguous().toArray(ValueLayout.JAVA_BYTE))
                .containsExactly(1, 0, 1);
        assertThat(t.get("empty").sizes()).isEqualTo(Sizes.of(0, 3));
        assertThat(t.get("empty").contiguous().byteSize()).isZero();
        assertThat(t.get("scalar").sizes()).isEqualTo(Sizes.SCALAR);
        assertThat(t.get("scalar").contiguous().toArray(ValueLayout.JAVA_DOUBLE))
                .containsExactly(3.25);
        assertThat(t.get("bytes").contiguous().toArray(ValueLayout.JAVA_BYTE))
                .containsExactly(0, -1);
    }

    @Test
    void tensorsStayReadableWhenTheirMemoryWasGivenBack() throws Exception {
        for (String name : List.of("state.safetensors", "state.pth")) {
            WeightFile file = WeightFile.open(fixture(name));
            float[] before = floats(file.tensors().get("base"));
            file.unload();
            assertThat(floats(file.tensors().get("base"))).isEqualTo(before).isNotEmpty();
        }
    }

    @Test
    void widensTypesThatArraysLack() throws Exception {
        WeightFile file = WeightFile.open(fixture("state.safetensors"));
        Map<String, StoredTensor> t = file.tensors();
        assertThat(floats(t.get("f8a"))).containsExactly(0, 1, -1.5f, 448, Float.NaN, 0x1p-9f);
        assertThat(floats(t.get("f8b")))
                .containsExactly(0, 1, -1.5f, 57344, Float.POSITIVE_INFINITY, 0x1p-16f);
        assertThat(t.get("u16").contiguous().toArray(ValueLayout.JAVA_INT))
                .containsExactly(0, 65535);
        assertThat(t.get("u32").contiguous().toArray(ValueLayout.JAVA_LONG))
                .containsExactly(0, 4294967295L);
        assertThat(file.metadata()).containsEntry("format", "pt");
    }

    @Test
    void storedBytesServeAsTheArrayWhereAligned() throws Exception {
        StoredTensor t = WeightFile.open(fixture("state.pth")).tensors().get("base");
        assertThat(t.isZeroCopy()).isTrue();
        assertThat(t.contiguous().address()).isEqualTo(t.data().address());
    }

    @Test
    void opensACheckpointThatWrapsAStateDict() throws Exception {
        assertThat(WeightFile.open(fixture("checkpoint.pth")).tensors()).containsOnlyKeys("p");
    }

    @ParameterizedTest
    @ValueSource(strings = {"evil.pth", "module.pth"})
    void refusesToNameWhatIsNotOnTheList(String name) {
        assertThatThrownBy(() -> WeightFile.open(fixture(name)))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining(name)
                .hasMessageContaining("nothing was run")
                .hasMessageMatching(
                        "(?s).*(posix\\.system|torch\\.nn\\.modules\\.linear\\.Linear).*");
    }

    @ParameterizedTest
    @ValueSource(strings = {"state.pth", "legacy.pth", "state.safetensors"})
    void everyTruncationIsAClearError(String name) throws Exception {
        byte[] whole = Files.readAllBytes(fixture(name));
        Path cut = dir.resolve("cut");
        for (int length = 0; length < whole.length; length += 1 + length / 97) {
            Files.write(cut, Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> readAll(cut))
                    .as("%d of %d bytes", length, whole.length)
                    .isInstanceOf(FormatException.class)
                    .hasMessageContaining("cut");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"state.pth", "legacy.pth", "state.safetensors"})
    void noDamageDoesMoreThanAFormatException(String name) throws Exception {
        byte[] whole = Files.readAllBytes(fixture(name));
        Random random = new Random(7);
        Path broken = dir.resolve("broken");
        int refused = 0;
        for (int i = 0; i < 1500; i++) {
            byte[] copy = whole.clone();
            for (int k = 0; k <= random.nextInt(4); k++) {
                copy[random.nextInt(copy.length)] = (byte) random.nextInt();
            }
            Files.write(broken, copy);
            try {
                readAll(broken);
            } catch (FormatException e) {
                refused++;
            }
        }
        assertThat(refused).isPositive();
    }

    private static void readAll(Path file) throws IOException {
        for (StoredTensor t : WeightFile.open(file).tensors().values()) {
            if (t.sizes().numel() < 1 << 20) {
                t.contiguous();
            }
        }
    }

    @Test
    void writesWhatItReads() throws Exception {
        Path file = dir.resolve("w.safetensors");
        Map<String, Safetensors.Item> items = new LinkedHashMap<>();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 1, 2, 3, 4, 5, 6);
            items.put("a.b", new Safetensors.Item(ElementType.F32, Sizes.of(2, 3), data));
            items.put(
                    "none", new Safetensors.Item(ElementType.I64, Sizes.of(0), MemorySegment.NULL));
            Safetensors.write(file, items, Map.of("k", "v"));
        }
        WeightFile read = WeightFile.open(file);
        assertThat(floats(read.tensors().get("a.b"))).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(read.tensors()).containsOnlyKeys("a.b", "none");
        assertThat(read.metadata()).containsEntry("k", "v");
        assertThat(Files.list(dir)).containsExactly(file);
    }

    @Test
    void headersThatLieAreRefused() throws Exception {
        refused(
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}",
                4,
                "takes 8 bytes, data_offsets give 4");
        refused(
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
                8,
                "after a hole");
        refused(
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],"
                        + "\"data_offsets\":[2,6]}}",
                6,
                "inside the tensor before it");
        refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 2, "truncated");
        refused(
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
                5,
                "end at byte 4 of 5");
        refused(
                "{\"a\":{\"dtype\":\"F33\",\"shape\":[1],\"data_offsets\":[0,4]}}",
                4,
                "unknown dtype");
        refused(
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}",
                4,
                "out of range");
        refused(
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,4]}}",
                4,
                "out of range");
        refused(
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"a\":{}}",
                4,
                "Duplicate");
        refused("[1]     ", 0, "not a JSON object");
    }

    private void refused(String header, int dataBytes, String message) throws IOException {
        Path file = dir.resolve("lie.safetensors");
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer b =
                ByteBuffer.allocate(8 + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        b.putLong(json.length).put(json);
        Files.write(file, b.array());
        assertThatThrownBy(() -> WeightFile.open(file))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining(message);
    }
}
