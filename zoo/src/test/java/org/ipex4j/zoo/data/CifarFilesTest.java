package org.ipex4j.zoo.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CifarFilesTest {
    @TempDir Path dir;

    /** Two files of 3 and 2 records whose bytes tell where they come from. */
    @BeforeEach
    void write() throws IOException {
        Files.write(dir.resolve("a.bin"), records(0, 3));
        Files.write(dir.resolve("b.bin"), records(3, 2));
        Files.write(
                dir.resolve(CifarFiles.NAMES),
                List.of("a", "b", "c", "d", "e", "f", "g", "h", "i", "j", ""));
    }

    private static byte[] records(int first, int count) {
        byte[] out = new byte[count * CifarFiles.RECORD];
        for (int r = 0; r < count; r++) {
            byte[] pixels = new byte[CifarFiles.PIXELS];
            new Random(first + r).nextBytes(pixels);
            System.arraycopy(pixels, 0, out, r * CifarFiles.RECORD + 1, pixels.length);
            out[r * CifarFiles.RECORD] = (byte) ((first + r) * 2 % 10);
        }
        return out;
    }

    private CifarFiles open() throws IOException {
        return CifarFiles.open(dir, List.of("a.bin", "b.bin"));
    }

    @Test
    void recordsOfAllFilesCountOn() throws IOException {
        CifarFiles files = open();
        assertThat(files.size()).isEqualTo(5);
        assertThat(files.classNames())
                .containsExactly("a", "b", "c", "d", "e", "f", "g", "h", "i", "j");
        for (int r = 0; r < 5; r++) {
            assertThat(files.label(r)).isEqualTo(r * 2);
            byte[] expected = new byte[CifarFiles.PIXELS];
            new Random(r).nextBytes(expected);
            ByteBuffer got = ByteBuffer.allocate(CifarFiles.PIXELS + 3).position(3);
            files.copyPixels(r, got);
            assertThat(got.hasRemaining()).isFalse();
            byte[] bytes = new byte[CifarFiles.PIXELS];
            got.get(3, bytes);
            assertThat(bytes).isEqualTo(expected);
        }
        assertThatThrownBy(() -> files.label(5)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> files.label(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void theArchivesDirectoryIsFoundInside() throws IOException {
        Path root = Files.createDirectories(dir.resolve("root"));
        Path inside = Files.createDirectories(root.resolve(CifarFiles.DIRECTORY));
        for (String name : List.of("a.bin", "b.bin", CifarFiles.NAMES)) {
            Files.move(dir.resolve(name), inside.resolve(name));
        }
        assertThat(CifarFiles.open(root, List.of("a.bin", "b.bin")).size()).isEqualTo(5);
    }

    @Test
    void aFileCutShortIsNamedWithTheOffset() throws IOException {
        Files.write(dir.resolve("b.bin"), java.util.Arrays.copyOf(records(3, 2), 3073 + 17));
        assertThatThrownBy(this::open)
                .isInstanceOf(IOException.class)
                .hasMessageContaining(dir.resolve("b.bin").toString())
                .hasMessageContaining("record 1 at offset 3073 has 17 of 3073 bytes");
    }

    @Test
    void aLabelOutOfRangeIsNamedWithTheOffset() throws IOException {
        byte[] bytes = records(0, 3);
        bytes[2 * CifarFiles.RECORD] = (byte) 200;
        Files.write(dir.resolve("a.bin"), bytes);
        assertThatThrownBy(this::open)
                .isInstanceOf(IOException.class)
                .hasMessageContaining(dir.resolve("a.bin").toString())
                .hasMessageContaining("record 2 at offset 6146 has label 200, expected 0 to 9");
    }

    @Test
    void missingAndEmptyFilesAreNamed() throws IOException {
        Files.write(dir.resolve("b.bin"), new byte[0]);
        assertThatThrownBy(this::open).hasMessageContaining("b.bin").hasMessageContaining("empty");
        Files.delete(dir.resolve("b.bin"));
        assertThatThrownBy(this::open)
                .hasMessageContaining("b.bin")
                .hasMessageContaining("no such file");
    }

    @Test
    void namesOfClassesMustBeTen() throws IOException {
        Files.write(dir.resolve(CifarFiles.NAMES), List.of("cat", "dog"));
        assertThatThrownBy(this::open)
                .hasMessageContaining(CifarFiles.NAMES)
                .hasMessageContaining("names 2 classes, expected 10");
        Files.delete(dir.resolve(CifarFiles.NAMES));
        assertThatThrownBy(this::open).hasMessageContaining(CifarFiles.NAMES);
    }
}
