package org.ipex4j.zoo.data;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.ipex4j.engine.IpexEngine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Drawn pictures in a directory, and a manager per test. */
abstract class DataTest {
    static final int TRAIN = 53;
    static final int TEST = 7;

    @TempDir static Path shared;
    static Path root;

    NDManager manager;

    @BeforeAll
    static void draw() throws IOException {
        root = DrawnPictures.write(shared, TRAIN, TEST, 5);
    }

    @BeforeEach
    void openManager() {
        manager = IpexEngine.instance().newBaseManager();
    }

    @AfterEach
    void closeManager() {
        manager.close();
    }

    /** The record numbers of each batch of a pass. */
    static List<List<?>> pass(Iterable<Batch> batches) {
        List<List<?>> out = new ArrayList<>();
        for (Batch b : batches) {
            out.add(b.getIndices());
            b.close();
        }
        return out;
    }
}
