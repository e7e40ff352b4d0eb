package org.ipex4j.engine;

import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.ipex4j.engine.ndarray.DataTypes;
import org.ipex4j.engine.ndarray.IpexNDArray;

/**
 * Changes the type of a block's parameters, as {@code torch.nn.Module.to(dtype)} does. {@code
 * Model.cast} and the blocks of this engine call it; DJL's own blocks have no {@code cast}.
 */
public final class ParameterCast {
    private ParameterCast() {}

    /**
     * Casts all floating parameters of a block and of those inside it, running statistics included;
     * shared ones once. Arrays are replaced: those that were taken from parameters before are
     * closed, and a trainer made before keeps state of the old type.
     *
     * @param dtype a floating type
     * @throws IllegalArgumentException for another type
     * @throws IllegalStateException if a parameter has no array yet; nothing is changed then
     */
    public static void apply(Block block, DataType dtype) {
        if (!DataTypes.toIr(dtype).isFloating()) {
            throw new IllegalArgumentException(
                    "Block.cast: a floating type expected, got " + dtype);
        }
        Set<Parameter> parameters = Collections.newSetFromMap(new IdentityHashMap<>());
        block.getParameters()
                .forEach(
                        p -> {
                            if (!p.getValue().isInitialized()) {
                                throw new IllegalStateException(
                                        "Block.cast: parameter '"
                                                + p.getKey()
                                                + "' has no array yet: initialize or load the block first");
                            }
                            parameters.add(p.getValue());
                        });
        parameters.forEach(p -> cast(p, dtype));
    }

    private static void cast(Parameter parameter, DataType dtype) {
        IpexNDArray array = (IpexNDArray) parameter.getArray();
        if (array.getDataType() == dtype || !array.type().dtype().isFloating()) {
            return;
        }
        boolean wanted = array.hasGradient();
        IpexNDArray cast = (IpexNDArray) array.toType(dtype, true);
        parameter.close();
        parameter.setShape(null); // or the parameter takes no other array
        parameter.setArray(cast);
        cast.setRequiresGradient(wanted);
    }
}
