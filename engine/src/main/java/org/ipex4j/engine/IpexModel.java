package org.ipex4j.engine;

import ai.djl.BaseModel;
import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;
import ai.djl.training.TrainingConfig;
import ai.djl.training.initializer.Initializer;
import ai.djl.util.Pair;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Predicate;
import org.ipex4j.engine.ndarray.IpexNDManager;

/** A model of the engine: a block set by the user, parameters from DJL's {@code .params} files. */
public final class IpexModel extends BaseModel {
    IpexModel(String name, Device device) {
        super(name);
        manager = IpexNDManager.system().newSubManager(device);
        manager.setName("IpexModel");
        dataType = DataType.FLOAT32;
    }

    /**
     * A trainer of this model's block. Parameters that were loaded from a file are unfrozen, except
     * running statistics.
     *
     * @throws IllegalStateException if no block is set
     */
    @Override
    public IpexTrainer newTrainer(TrainingConfig config) {
        if (block == null) {
            throw new IllegalStateException(
                    "Model.newTrainer: model '"
                            + modelName
                            + "' has no block: call setBlock first");
        }
        if (wasLoaded) {
            block.freezeParameters(
                    false,
                    p ->
                            p.getType() != Parameter.Type.RUNNING_MEAN
                                    && p.getType() != Parameter.Type.RUNNING_VAR);
        }
        for (Pair<Initializer, Predicate<Parameter>> pair : config.getInitializers()) {
            if (pair.getKey() != null && pair.getValue() != null) {
                block.setInitializer(pair.getKey(), pair.getValue());
            }
        }
        return new IpexTrainer(this, config);
    }

    /**
     * Casts the block's floating parameters; see {@link ParameterCast}.
     *
     * @throws IllegalStateException if no block is set, or it has parameters without arrays
     */
    @Override
    public void cast(DataType dataType) {
        if (block == null) {
            throw new IllegalStateException(
                    "Model.cast: model '" + modelName + "' has no block: call setBlock first");
        }
        ParameterCast.apply(block, dataType);
        setDataType(dataType);
    }

    @Override
    public void load(Path modelPath, String prefix, Map<String, ?> options)
            throws IOException, MalformedModelException {
        setModelDir(modelPath);
        wasLoaded = true;
        if (block == null) {
            throw new UnsupportedOperationException(
                    "the IPEX engine loads parameters only: call Model.setBlock before Model.load ("
                            + modelDir
                            + ")");
        }
        loadBlock(prefix == null ? modelName : prefix, options);
    }
}
