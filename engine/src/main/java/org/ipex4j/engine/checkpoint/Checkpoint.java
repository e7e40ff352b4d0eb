package org.ipex4j.engine.checkpoint;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.optimizer.Optimizer;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.ipex4j.engine.ndarray.DataTypes;
import org.ipex4j.engine.ndarray.RandomSource;
import org.ipex4j.engine.weights.LoadReport;
import org.ipex4j.engine.weights.StateDict;
import org.ipex4j.engine.weights.Weights;
import org.ipex4j.formats.ElementType;
import org.ipex4j.formats.FormatException;
import org.ipex4j.formats.Safetensors;
import org.ipex4j.formats.StoredTensor;
import org.ipex4j.formats.WeightFile;
import org.ipex4j.ir.Sizes;

/**
 * A training run as a file: safetensors with the parameters under {@link StateDict}'s names, so
 * that {@link Weights} and PyTorch read them, the optimizer's state as {@code
 * optimizer/<slot>/<parameter>}, the engine's random numbers, and notes of the caller's. It is
 * written wholly or not at all, and carries a checksum.
 *
 * <pre>{@code
 * Checkpoint.save(path, block, optimizer, Map.of("step", "120"));
 * Checkpoint checkpoint = Checkpoint.open(path);
 * checkpoint.restore(block, manager, optimizer, new Shape(1, 3, 224, 224));
 * }</pre>
 */
public final class Checkpoint {
    private static final String KIND = "ipex4j.checkpoint";
    private static final String VERSION = "1";
    private static final String CHECKSUM = "ipex4j.crc32c";
    private static final String RANDOM_SEED = "ipex4j.random.seed";
    private static final String RANDOM_POSITION = "ipex4j.random.position";
    private static final String NOTE = "note.";
    private static final String UPDATES = Weights.OPTIMIZER + "updates";

    private final WeightFile file;
    private final Weights weights;

    private Checkpoint(WeightFile file, Weights weights) {
        this.file = file;
        this.weights = weights;
    }

    /**
     * Saves a run.
     *
     * @param block initialised
     * @param optimizer a {@link StatefulOptimizer}, or one of DJL's
     * @param notes what else resuming needs
     * @throws IOException if the file cannot be written; one that was there before is unchanged
     */
    public static void save(Path path, Block block, Optimizer optimizer, Map<String, String> notes)
            throws IOException {
        OptimizerState state = DjlOptimizerState.of(optimizer).state();
        Map<String, Parameter> parameters = StateDict.of(block);
        RandomSource.State random = RandomSource.state();
        try (Arena arena = Arena.ofConfined()) {
            Map<String, Safetensors.Item> items = new LinkedHashMap<>();
            parameters.forEach((name, p) -> items.put(name, Weights.item(p.getArray(), arena)));
            state.slots()
                    .forEach(
                            (slot, arrays) ->
                                    parameters.forEach(
                                            (name, p) -> {
                                                NDArray array = arrays.get(p.getId());
                                                if (array != null) {
                                                    items.put(
                                                            slotName(slot, name),
                                                            Weights.item(array, arena));
                                                }
                                            }));
            items.put(UPDATES, updates(parameters, state, arena));
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

    private static String slotName(String slot, String parameter) {
        return Weights.OPTIMIZER + slot + "/" + parameter;
    }

    /** Counts of updates, one per parameter in {@link StateDict}'s order. */
    private static Safetensors.Item updates(
            Map<String, Parameter> parameters, OptimizerState state, Arena arena) {
        long[] counts =
                parameters.values().stream()
                        .mapToLong(p -> state.updates().getOrDefault(p.getId(), 0))
                        .toArray();
        return new Safetensors.Item(
                ElementType.I64,
                Sizes.of(counts.length),
                arena.allocateFrom(ValueLayout.JAVA_LONG, counts));
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
     * Gives a block, an optimizer and the engine's random numbers the state that was saved.
     *
     * @param manager owns the parameters of a block that is not initialised yet
     * @param inputShapes of such a block
     * @throws org.ipex4j.engine.weights.WeightsMismatchException if the block has other parameters
     * @throws IllegalArgumentException if the optimizer is of another kind
     * @throws FormatException if the file lacks something
     */
    public LoadReport restore(
            Block block, NDManager manager, Optimizer optimizer, Shape... inputShapes)
            throws IOException {
        LoadReport report = weights.load(block, manager, inputShapes);
        DjlOptimizerState.of(optimizer).restore(optimizerState(StateDict.of(block), manager));
        RandomSource.restore(new RandomSource.State(number(RANDOM_SEED), number(RANDOM_POSITION)));
        return report;
    }

    private OptimizerState optimizerState(Map<String, Parameter> parameters, NDManager manager)
            throws FormatException {
        Map<String, Map<String, NDArray>> slots = new LinkedHashMap<>();
        for (StoredTensor stored : file.tensors().values()) {
            if (!stored.name().startsWith(Weights.OPTIMIZER) || stored.name().equals(UPDATES)) {
                continue;
            }
            String[] parts = stored.name().split("/", 3);
            Parameter p = parts.length == 3 ? parameters.get(parts[2]) : null;
            if (p == null) {
                throw new FormatException(
                        file.path(), "holds '" + stored.name() + "', of no parameter of the model");
            }
            if (!DataTypes.toShape(stored.sizes()).equals(p.getArray().getShape())) {
                throw new FormatException(
                        file.path(),
                        "holds '"
                                + stored.name()
                                + "' of shape "
                                + stored.sizes()
                                + ", its parameter has "
                                + p.getArray().getShape());
            }
            NDArray array = Weights.array(stored, manager);
            // As DJL's own: they belong to the optimizer, not to a manager.
            array.detach();
            slots.computeIfAbsent(parts[1], _ -> new LinkedHashMap<>()).put(p.getId(), array);
        }
        StoredTensor counts = file.tensors().get(UPDATES);
        if (counts == null || !counts.sizes().equals(Sizes.of(parameters.size()))) {
            throw new FormatException(
                    file.path(),
                    "lacks '" + UPDATES + "' for " + parameters.size() + " parameters");
        }
        long[] values = counts.contiguous().toArray(ValueLayout.JAVA_LONG);
        Map<String, Integer> updates = new HashMap<>();
        int i = 0;
        for (Parameter p : parameters.values()) {
            int n = Math.toIntExact(values[i++]);
            if (n > 0) {
                updates.put(p.getId(), n);
            }
        }
        return new OptimizerState(slots, updates);
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
