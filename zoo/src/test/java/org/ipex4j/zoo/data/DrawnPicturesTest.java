package org.ipex4j.zoo.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DrawnPicturesTest {
    @TempDir Path dir;

    @Test
    void filesAreOfThePublishedForm() throws IOException {
        Path root = DrawnPictures.write(dir, 203, 11, 1);
        long bytes = 0;
        for (String name : CifarFiles.TRAIN) {
            bytes += Files.size(root.resolve(name));
        }
        assertThat(bytes).isEqualTo(203L * CifarFiles.RECORD);
        assertThat(CifarFiles.open(root, CifarFiles.TEST).size()).isEqualTo(11);
        CifarFiles train = CifarFiles.open(root, CifarFiles.TRAIN);
        assertThat(train.classNames()).isEqualTo(DrawnPictures.CLASSES);
        int[] counts = new int[CifarFiles.CLASSES];
        for (int i = 0; i < train.size(); i++) {
            counts[train.label(i)]++;
        }
        for (int count : counts) {
            assertThat(count).isGreaterThan(5);
        }
    }

    @Test
    void theSeedDecidesAndTheSizesDoNot() throws IOException {
        byte[] few =
                Files.readAllBytes(DrawnPictures.write(dir, 10, 3, 1).resolve("test_batch.bin"));
        byte[] more =
                Files.readAllBytes(DrawnPictures.write(dir, 15, 5, 1).resolve("test_batch.bin"));
        byte[] other =
                Files.readAllBytes(DrawnPictures.write(dir, 10, 3, 2).resolve("test_batch.bin"));
        assertThat(more).startsWith(few);
        assertThat(other).hasSameSizeAs(few).isNotEqualTo(few);
        byte[] training = Files.readAllBytes(dir.resolve("drawn-v2-10-3-1/data_batch_1.bin"));
        assertThat(Arrays.mismatch(training, few)).as("held-out pictures are others").isLessThan(9);
    }

    @Test
    void whatIsThereIsNotDrawnAgainAndNothingIsLeftBeside() throws IOException {
        Path root = DrawnPictures.write(dir, 10, 3, 1);
        FileTime past = FileTime.fromMillis(1_000_000);
        Files.setLastModifiedTime(root.resolve("test_batch.bin"), past);
        assertThat(DrawnPictures.write(dir, 10, 3, 1)).isEqualTo(root);
        assertThat(Files.getLastModifiedTime(root.resolve("test_batch.bin"))).isEqualTo(past);
        try (var entries = Files.list(dir)) {
            assertThat(entries.toList()).isEqualTo(List.of(root));
        }
    }

    @Test
    void aFailureLeavesNothing() {
        Path wanted = dir.resolve("wanted");
        assertThatThrownBy(
                        () ->
                                StagedDirectory.create(
                                        wanted,
                                        staging -> {
                                            Files.writeString(staging.resolve("half"), "x");
                                            throw new IOException("disk full");
                                        }))
                .hasMessage("disk full");
        assertThat(dir).isEmptyDirectory();
    }

    @Test
    void tooFewAreRefused() {
        assertThatThrownBy(() -> DrawnPictures.write(dir, 4, 1, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("4");
    }
}
