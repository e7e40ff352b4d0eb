package org.ipex4j.engine;

import ai.djl.BaseModel;
import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.ndarray.types.DataType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.ipex4j.engine.ndarray.IpexNDManager;

/** A model of the engine: a block set by the user, parameters from DJL's {@code .params} files. */
public final class IpexModel extends BaseModel {
    IpexModel(String name, Device device) {
        super(name);
        manager = IpexNDManager.system().newSubManager(device);
        manager.setName("IpexModel");
        dataType = DataType.FLOAT32;
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
