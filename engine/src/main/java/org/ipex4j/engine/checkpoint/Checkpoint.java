package org.ipex4j.engine.checkpoint;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.Trainer;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.ipex4j.engine.IpexTrainer;
import org.ipex4j.engine.ndarray.RandomSource;
import org.ipex4j.engine.weights.LoadReport;
import org.ipex4j.engine.weights.StateDict;
import org.ipex4j.engine.weights.Weights;
import org.ipex4j.formats.FormatException;
import org.ipex4j.formats.Safetensors;
import org.ipex4j.formats.StoredTensor;
import org.ipex4j.formats.WeightFile;

/**
 * A training run as a file: safetensors with the parameters under {@link StateDict}'s names, so
 * that {@link Weights} and PyTorch read them, the optimizer's state as {@code
 * optimizer/<parameter>/<slot>}, the engine's random numbers, and notes of the caller's. It is
 * written wholly or not at all, and carries a checksum.
 *
 * <pre>{@code
 * Checkpoint.save(path, trainer, Map.of("step", "120"));
 * Checkpoint checkpoint = Checkpoint.open(path);
 * checkpoint.restore(trainer, new Shape(1, 3, 224, 224));
 * }</pre>
 */
public final class Checkpoint {
    private static final String KIND = "ipex4j.checkpoint";
    private static final String VERSION = "2";
    private static final String CHECKSUM = "ipex4j.crc32c";
    private static final String RANDOM_SEED = "ipex4j.random.seed";
    private static final String RANDOM_POSITION = "ipex4j.random.position";
    private static final String NOTE = "note.";

    private final WeightFile file;
    private final Weights weights;

    private Checkpoint(WeightFile file, Weights weights) {
        this.file = file;
        this.weights = weights;
    }

    /**
     * Saves a run.
     *
     * @param trainer of this engine, initialised
     * @param notes what else resuming needs
     * @throws IOException if the file cannot be written; one that was there before is unchanged
     * @throws IllegalArgumentException if the trainer is one of another engine
     */
    public static void save(Path path, Trainer trainer, Map<String, String> notes)
            throws IOException {
        IpexTrainer own = own(trainer);
        RandomSource.State random = RandomSource.state();
        try (Arena arena = Arena.ofConfined();
                NDManager scope = trainer.getManager().newSubManager()) {
            Map<String, Safetensors.Item> items = new LinkedHashMap<>();
            StateDict.of(own.getModel().getBlock())
                    .forEach((name, p) -> items.put(name, Weights.item(p.getArray(), arena)));
            own.optimizerState()
                    .state(scope)
                    .forEach(
                            (name, array) ->
                                    items.put(
                                            Weights.OPTIMIZER + name, Weights.item(array, arena)));
            Map<String, String> metadata = new LinkedHashMap<>();
            metadata.put("format", "pt");
            metadata.put(KIND, VERSION);
            metadata.put(
                    CHECKSUM,
                    checksum(items.values().stream().map(Safetensors.Item::data).toList()));
            metadata.put(RANDOM_SEED, Long.toString(random.seed()));
            metadata.put(RANDOM_POSITION, Long.toString(random.position()));
            notes.forEach((key, value) -> metadata.put(NOTE + key, value));
            Safetensors.write(path, items, metadata);
        }
    }

    private static IpexTrainer own(Trainer trainer) {
        if (trainer instanceof IpexTrainer t) {
            return t;
        }
        throw new IllegalArgumentException(
                "Checkpoint: expected a trainer of the engine IPEX, got one of "
                        + trainer.getManager().getEngine().getEngineName());
    }

    private static String checksum(List<MemorySegment> tensors) {
        CRC32C crc = new CRC32C();
        for (MemorySegment data : tensors) {
            for (long done = 0; done < data.byteSize(); ) {
                long chunk = Math.min(1 << 30, data.byteSize() - done);
                crc.update(data.asSlice(done, chunk).asByteBuffer());
                done += chunk;
            }
        }
        return Long.toHexString(crc.getValue());
    }

    /**
     * Opens a file and checks all of it.
     *
     * @throws FormatException if it is damaged, or no checkpoint
     */
    public static Checkpoint open(Path path) throws IOException {
        WeightFile file = WeightFile.open(path);
        String version = file.metadata().get(KIND);
        if (!VERSION.equals(version)) {
            throw new FormatException(
                    path,
                    version == null
                            ? "is a weight file, but no checkpoint of ipex4j: it lacks '"
                                    + KIND
                                    + "' in its metadata"
                            : "is a checkpoint of version " + version + ", expected " + VERSION);
        }
        String expected = file.metadata().get(CHECKSUM);
        String found = checksum(file.tensors().values().stream().map(StoredTensor::data).toList());
        if (!found.equals(expected)) {
            throw new FormatException(
                    path, "is damaged: checksum " + found + ", expected " + expected);
        }
        return new Checkpoint(file, Weights.from(path));
    }

    public Path path() {
        return file.path();
    }

    /** What {@link #save} was given. */
    public Map<String, String> notes() {
        Map<String, String> out = new LinkedHashMap<>();
        file.metadata()
                .forEach(
                        (key, value) -> {
                            if (key.startsWith(NOTE)) {
                                out.put(key.substring(NOTE.length()), value);
                            }
                        });
        return out;
    }

    /**
     * Gives a trainer's model and optimizer, and the engine's random numbers, the state that was
     * saved.
     *
     * @param trainer of this engine; the optimizer must be of the kind that was saved
     * @param inputShapes of a model that is not initialised yet
     * @throws org.ipex4j.engine.weights.WeightsMismatchException if the model has other parameters
     * @throws IllegalArgumentException if the trainer is one of another engine, or the optimizer
     *     keeps another state; of parameters that it has not updated yet, their first update tells
     * @throws FormatException if the file lacks something
     */
    public LoadReport restore(Trainer trainer, Shape... inputShapes) throws IOException {
        IpexTrainer own = own(trainer);
        RandomSource.State random =
                new RandomSource.State(number(RANDOM_SEED), number(RANDOM_POSITION));
        LoadReport report = weights.load(own.getModel().getBlock(), own.getManager(), inputShapes);
        own.castParameters();
        try (NDManager scope = own.getManager().newSubManager()) {
            Map<String, NDArray> state = new LinkedHashMap<>();
            for (StoredTensor stored : file.tensors().values()) {
                if (stored.name().startsWith(Weights.OPTIMIZER)) {
                    state.put(
                            stored.name().substring(Weights.OPTIMIZER.length()),
                            Weights.array(stored, scope));
                }
            }
            own.optimizerState().restore(state);
        }
        RandomSource.restore(random);
        file.unload();
        return report;
    }

    private long number(String key) throws FormatException {
        String text = file.metadata().get(key);
        try {
            return Long.parseLong(String.valueOf(text));
        } catch (NumberFormatException e) {
            throw new FormatException(
                    file.path(), key + " is '" + text + "', expected a whole number", e);
        }
    }
}
