package org.ipex4j.engine.weights;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.ipex4j.engine.ndarray.DataTypes;
import org.ipex4j.engine.ndarray.IpexNDArray;
import org.ipex4j.engine.ndarray.IpexNDManager;
import org.ipex4j.formats.ElementType;
import org.ipex4j.formats.Safetensors;
import org.ipex4j.formats.StoredTensor;
import org.ipex4j.formats.WeightFile;
import org.ipex4j.runtime.Tensor;

/**
 * Loads safetensors and PyTorch {@code .pth} files into blocks, matching names as {@link StateDict}
 * gives them.
 *
 * <pre>{@code
 * Weights.from(Path.of("resnet50.safetensors")).load(block, manager, new Shape(1, 3, 224, 224));
 * }</pre>
 */
public final class Weights {
    /** What state_dicts hold beside parameters, and no block needs. */
    private static final String COUNTER = "num_batches_tracked";

    /** Begins the names of tensors that checkpoints hold beside parameters. */
    public static final String OPTIMIZER = "optimizer/";

    private final WeightFile file;
    private boolean strict = true;
    private boolean mapped;

    private Weights(WeightFile file) {
        this.file = file;
    }

    /**
     * Opens a file.
     *
     * @throws org.ipex4j.formats.FormatException if it is damaged or of an unknown kind
     */
    public static Weights from(Path path) throws IOException {
        return new Weights(WeightFile.open(path));
    }

    /**
     * Whether names and shapes must match exactly (the default). Otherwise what fits is loaded, and
     * the rest is told in the report.
     */
    public Weights strict(boolean value) {
        strict = value;
        return this;
    }

    /**
     * Whether parameters may be the mapped bytes of the file instead of copies (default: copies).
     * Saves memory and time for inference; such parameters cannot be changed in place, and the file
     * must not be overwritten or cut while they are in use.
     */
    public Weights mapped(boolean value) {
        mapped = value;
        return this;
    }

    /**
     * Loads every parameter of the block. A block that is not initialised yet is initialised for
     * the given shapes; parameters the file lacks (not strict) get their initial values.
     *
     * @param manager owns the parameters of a block that is not initialised yet
     * @param inputShapes shapes of the block's inputs; not needed if it is initialised
     * @return what was loaded and what did not fit
     * @throws WeightsMismatchException in strict loading, if anything does not fit: an initialised
     *     block is unchanged, and so is any block whose names do not fit; a block that was being
     *     initialised when a shape did not fit has lost its parameters, discard it
     */
    public LoadReport load(Block block, NDManager manager, Shape... inputShapes) {
        Map<String, Parameter> parameters = StateDict.of(block);
        boolean initialized = parameters.values().stream().allMatch(Parameter::isInitialized);
        if (!initialized && inputShapes.length == 0) {
            throw new IllegalArgumentException(
                    "the block is not initialised: give the shapes of its inputs, so that its parameters get theirs");
        }
        if (!initialized && strict) {
            requireNames(parameters);
        }
        LoadReport report =
                initialized
                        ? copyInto(parameters)
                        : initialize(block, parameters, manager, inputShapes);
        if (!mapped) {
            file.unload();
        }
        return report;
    }

    /** Checks names before a block is initialised, because that cannot be undone. */
    private void requireNames(Map<String, Parameter> parameters) {
        LoadReport names = report(parameters, List.of());
        if (!names.isComplete()) {
            throw new WeightsMismatchException(names);
        }
    }

    private LoadReport initialize(
            Block block,
            Map<String, Parameter> parameters,
            NDManager manager,
            Shape[] inputShapes) {
        List<String> misshaped = new ArrayList<>();
        Map<Parameter, Initializer> before = new LinkedHashMap<>();
        parameters.forEach(
                (name, parameter) -> {
                    StoredTensor stored = file.tensors().get(name);
                    if (stored == null || before.containsKey(parameter)) {
                        return;
                    }
                    Initializer own = parameter.getInitializer();
                    before.put(parameter, own);
                    // The block works out shapes and asks its initialisers for arrays: here they
                    // come from the file.
                    parameter.setInitializer(
                            (m, shape, type) -> {
                                if (!shape.equals(DataTypes.toShape(stored.sizes()))) {
                                    misshaped.add(misfit(name, stored, shape));
                                    return own == null
                                            ? m.zeros(shape, type)
                                            : own.initialize(m, shape, type);
                                }
                                return array(stored, m, type);
                            });
                });
        try {
            block.initialize(manager, DataType.FLOAT32, inputShapes);
        } finally {
            before.forEach(Parameter::setInitializer);
        }
        LoadReport report = report(parameters, misshaped);
        if (strict && !report.isComplete()) {
            block.clear();
            throw new WeightsMismatchException(report);
        }
        return report;
    }

    private LoadReport copyInto(Map<String, Parameter> parameters) {
        List<String> misshaped = new ArrayList<>();
        parameters.forEach(
                (name, parameter) -> {
                    StoredTensor stored = file.tensors().get(name);
                    if (stored != null
                            && !parameter
                                    .getArray()
                                    .getShape()
                                    .equals(DataTypes.toShape(stored.sizes()))) {
                        misshaped.add(misfit(name, stored, parameter.getArray().getShape()));
                    }
                });
        LoadReport report = report(parameters, misshaped);
        if (strict && !report.isComplete()) {
            throw new WeightsMismatchException(report);
        }
        for (String name : report.loaded()) {
            write(file.tensors().get(name), parameters.get(name).getArray());
        }
        return report;
    }

    private void write(StoredTensor stored, NDArray target) {
        boolean cast = target instanceof IpexNDArray own && own.master() != null;
        DataType type = cast ? DataType.FLOAT32 : target.getDataType();
        try (NDArray source = array(stored, target.getManager(), type)) {
            if (cast) {
                IpexNDArray own = (IpexNDArray) target;
                own.master().write(((IpexNDArray) source).tensor(), own.tensor());
            } else {
                source.copyTo(target);
            }
        }
    }

    private LoadReport report(Map<String, Parameter> parameters, List<String> misshaped) {
        List<String> loaded = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        for (String name : parameters.keySet()) {
            if (!file.tensors().containsKey(name)) {
                missing.add(name);
            } else if (misshaped.stream().noneMatch(m -> m.startsWith(name + ":"))) {
                loaded.add(name);
            }
        }
        TreeSet<String> unexpected = new TreeSet<>(file.tensors().keySet());
        unexpected.removeAll(parameters.keySet());
        unexpected.removeIf(name -> name.endsWith(COUNTER) || name.startsWith(OPTIMIZER));
        return new LoadReport(file.path(), loaded, missing, List.copyOf(unexpected), misshaped);
    }

    private static String misfit(String name, StoredTensor stored, Shape shape) {
        return name
                + ": file "
                + stored.sizes()
                + ", block "
                + java.util.Arrays.toString(shape.getShape());
    }

    private NDArray array(StoredTensor stored, NDManager manager, DataType type) {
        return array(stored, manager, type, mapped);
    }

    private static NDArray array(
            StoredTensor stored, NDManager manager, DataType type, boolean mapped) {
        NDArray array;
        if (mapped && manager instanceof IpexNDManager m && stored.isZeroCopy()) {
            array = IpexNDArray.of(m, Tensor.wrap(stored.data(), stored.tensorType()));
        } else if (manager instanceof IpexNDManager m) {
            Tensor tensor = Tensor.empty(stored.tensorType());
            stored.copyTo(tensor.segment());
            array = IpexNDArray.of(m, tensor);
        } else {
            array =
                    manager.create(
                            stored.contiguous()
                                    .asByteBuffer()
                                    .order(java.nio.ByteOrder.nativeOrder()),
                            DataTypes.toShape(stored.sizes()),
                            DataTypes.toDjl(stored.type().dtype()));
        }
        if (array.getDataType() == type) {
            return array;
        }
        try (array) {
            return array.toType(type, true);
        }
    }

    /**
     * Saves a block's parameters as safetensors under {@link StateDict}'s names, wholly or not at
     * all. PyTorch reads the file, and so does {@link #from}.
     */
    public static void save(Block block, Path path) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            Map<String, Safetensors.Item> items = new LinkedHashMap<>();
            StateDict.of(block)
                    .forEach(
                            (name, parameter) ->
                                    items.put(name, item(parameter.getArray(), arena)));
            Safetensors.write(path, items, Map.of("format", "pt"));
        }
    }

    /**
     * An array as a file stores it: what {@code Ipex.optimize} has cast as FP32.
     *
     * @param arena holds the bytes, which are a copy
     */
    public static Safetensors.Item item(NDArray array, Arena arena) {
        if (array instanceof IpexNDArray own && own.master() != null) {
            try (IpexNDArray full = own.full(own.getManager())) {
                return item(full, arena);
            }
        }
        var bytes = array.toByteBuffer();
        MemorySegment data =
                arena.allocate(Math.max(1, bytes.remaining()), 64).asSlice(0, bytes.remaining());
        data.copyFrom(MemorySegment.ofBuffer(bytes));
        return new Safetensors.Item(
                ElementType.of(DataTypes.toIr(array.getDataType())),
                DataTypes.toSizes(array.getShape()),
                data);
    }

    /** A stored tensor as an array. */
    public static NDArray array(StoredTensor stored, NDManager manager) {
        return array(stored, manager, DataTypes.toDjl(stored.type().dtype()), false);
    }
}
