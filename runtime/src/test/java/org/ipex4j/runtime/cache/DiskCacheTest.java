package org.ipex4j.runtime.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.ipex4j.runtime.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskCacheTest {
    @TempDir Path dir;

    private static byte[] bytes(String s) {
        return s.getBytes(StandardCharsets.UTF_8);
    }

    private List<Path> files() throws IOException {
        try (var walk = Files.walk(dir)) {
            return walk.filter(Files::isRegularFile).toList();
        }
    }

    @Test
    void givesBackWhatWasPut() {
        DiskCache cache = new DiskCache(dir, 1 << 20);
        assertThat(cache.get("tuning", "k")).isEmpty();
        cache.put("tuning", "k", bytes("one"));
        cache.put("object", "k", new byte[0]);
        assertThat(cache.get("tuning", "k")).contains(bytes("one"));
        assertThat(cache.get("object", "k")).contains(new byte[0]);
        cache.put("tuning", "k", bytes("two"));
        assertThat(new DiskCache(dir, 1 << 20).get("tuning", "k")).contains(bytes("two"));
        cache.remove("tuning", "k");
        assertThat(cache.get("tuning", "k")).isEmpty();
        cache.remove("tuning", "k");
    }

    @Test
    void everyFlippedBitAndEveryCutIsNoticed() throws IOException {
        DiskCache cache = new DiskCache(dir, 1 << 20);
        cache.put("k", "key", bytes("some value"));
        Path file = files().getFirst();
        byte[] good = Files.readAllBytes(file);
        for (int i = 0; i < good.length; i++) {
            byte[] bad = good.clone();
            bad[i] ^= (byte) (1 << (i % 8));
            Files.write(file, bad);
            assertThat(cache.get("k", "key")).as("flip at %d", i).isEmpty();
            assertThat(file).doesNotExist();
            Files.write(file, java.util.Arrays.copyOf(good, i));
            assertThat(cache.get("k", "key")).as("cut at %d", i).isEmpty();
        }
        Files.write(file, good);
        assertThat(cache.get("k", "key")).contains(bytes("some value"));
    }

    @Test
    void anEntryOfAnotherKeyIsNotTaken() throws IOException {
        DiskCache cache = new DiskCache(dir, 1 << 20);
        cache.put("k", "first", bytes("1"));
        Path first = files().getFirst();
        byte[] content = Files.readAllBytes(first);
        cache.put("k", "second", bytes("2"));
        Path second = files().stream().filter(p -> !p.equals(first)).findFirst().orElseThrow();
        Files.write(second, content);
        assertThat(cache.get("k", "second")).isEmpty();
        assertThat(cache.get("k", "first")).contains(bytes("1"));
    }

    @Test
    void staysBelowItsBoundAndKeepsWhatWasUsedLast() throws IOException {
        DiskCache cache = new DiskCache(dir, 100_000);
        for (int i = 0; i < 90; i++) {
            cache.put("k", "old" + i, new byte[1000]);
        }
        for (Path p : files()) {
            Files.setLastModifiedTime(p, FileTime.from(Instant.now().minus(Duration.ofDays(3))));
        }
        assertThat(cache.get("k", "old55")).isPresent();
        for (int i = 0; i < 20; i++) {
            cache.put("k", "new" + i, new byte[1000]);
        }
        assertThat(cache.get("k", "old55")).isPresent();
        assertThat(cache.get("k", "new0")).isPresent();
        long left = 0;
        for (int i = 0; i < 90; i++) {
            left += cache.get("k", "old" + i).isPresent() ? 1 : 0;
        }
        assertThat(left).isBetween(50L, 80L);
        for (int i = 0; i < 300; i++) {
            cache.put("k", "key" + i, new byte[1000]);
        }
        long total = 0;
        for (Path p : files()) {
            total += Files.size(p);
        }
        assertThat(total).isBetween(50_000L, 110_000L);
        assertThat(cache.get("k", "key299")).isPresent();
    }

    @Test
    void aDirectoryThatCannotBeWrittenIsOnlySlow() throws IOException {
        Path file = Files.writeString(dir.resolve("file"), "in the way");
        DiskCache cache = new DiskCache(file, 1 << 20);
        cache.put("k", "key", bytes("x"));
        assertThat(cache.get("k", "key")).isEmpty();
    }

    /** Puts and gets random keys; a value is derived from its key, so that a mixed-up one shows. */
    public static final class Child {
        public static void main(String[] args) {
            DiskCache cache = new DiskCache(Path.of(args[0]), 100_000);
            Random random = new Random(Long.parseLong(args[1]));
            int hits = 0;
            for (int i = 0; i < 400; i++) {
                String key = "key" + random.nextInt(30);
                byte[] expected = new byte[2_000 + key.hashCode() % 1000];
                java.util.Arrays.fill(expected, (byte) key.hashCode());
                var found = cache.get("k", key);
                if (found.isPresent()) {
                    hits++;
                    if (!java.util.Arrays.equals(found.get(), expected)) {
                        throw new IllegalStateException("wrong value for " + key);
                    }
                }
                cache.put("k", key, expected);
            }
            System.out.println("hits " + hits);
        }
    }

    @Test
    void processesShareIt() throws Exception {
        List<Process> children = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            children.add(
                    ChildJvm.start(Child.class, List.of(), dir.toString(), Integer.toString(i)));
        }
        for (Process p : children) {
            String output = ChildJvm.finish(p);
            assertThat(output)
                    .contains("hits ")
                    .doesNotContain("hits 0")
                    .doesNotContain("ignoring");
        }
        assertThat(files()).noneMatch(p -> p.toString().endsWith(".part"));
    }
}
