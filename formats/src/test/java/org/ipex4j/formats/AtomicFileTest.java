package org.ipex4j.formats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
    private static final int BYTES = 1 << 20;

    @TempDir Path dir;

    /** Overwrites a file for ever, each time with bytes of one value. */
    public static final class Writer {
        private Writer() {}

        public static void main(String[] args) throws IOException {
            for (byte value = 1; ; value++) {
                write(Path.of(args[0]), value);
            }
        }
    }

    /** In pieces, so that there are many moments in which it is half written. */
    private static void write(Path path, byte value) throws IOException {
        byte[] piece = new byte[BYTES / 64];
        Arrays.fill(piece, value);
        AtomicFile.write(
                path,
                out -> {
                    for (int i = 0; i < 64; i++) {
                        AtomicFile.writeFully(out, ByteBuffer.wrap(piece));
                    }
                });
    }

    @Test
    void aKilledProcessLeavesTheOldOrTheNewFile() throws Exception {
        Path path = dir.resolve("file");
        write(path, (byte) 0);
        Random random = new Random(1);
        boolean changed = false;
        for (int i = 0; i < 4; i++) {
            Process writer =
                    new ProcessBuilder(
                                    List.of(
                                            System.getProperty("java.home") + "/bin/java",
                                            "-cp",
                                            System.getProperty("java.class.path"),
                                            Writer.class.getName(),
                                            path.toString()))
                            .inheritIO()
                            .start();
            byte before = Files.readAllBytes(path)[0];
            for (int wait = 0; wait < 2000 && Files.readAllBytes(path)[0] == before; wait++) {
                Thread.sleep(10);
            }
            Thread.sleep(random.nextInt(40));
            writer.destroyForcibly();
            assertThat(writer.waitFor(20, TimeUnit.SECONDS)).isTrue();
            byte[] bytes = Files.readAllBytes(path);
            assertThat(bytes).hasSize(BYTES);
            for (byte b : bytes) {
                if (b != bytes[0]) {
                    throw new AssertionError("a mixture of two files");
                }
            }
            changed |= bytes[0] != 0;
        }
        assertThat(changed).as("the process wrote").isTrue();
    }

    @Test
    void aFailureLeavesNothingBeside() throws IOException {
        Path path = dir.resolve("file");
        AtomicFile.Content half =
                out -> {
                    AtomicFile.writeFully(out, ByteBuffer.allocate(9));
                    throw new IOException("disk full");
                };
        assertThatThrownBy(() -> AtomicFile.write(path, half))
                .hasMessageContaining(path.toString())
                .hasMessageContaining("nothing is left of it")
                .hasMessageContaining("disk full");
        assertThat(dir).isEmptyDirectory();
        write(path, (byte) 5);
        assertThatThrownBy(() -> AtomicFile.write(path, half))
                .hasMessageContaining("what was there is unchanged");
        assertThat(Files.readAllBytes(path)).hasSize(BYTES).startsWith((byte) 5);
    }
}
