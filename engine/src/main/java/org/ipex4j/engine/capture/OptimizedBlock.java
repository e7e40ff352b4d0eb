package org.ipex4j.engine.capture;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.ipex4j.engine.OptimizeOptions;
import org.ipex4j.engine.autograd.Tape;
import org.ipex4j.engine.dispatch.Prepack;
import org.ipex4j.engine.dispatch.TensorOps;
import org.ipex4j.engine.ndarray.DataTypes;
import org.ipex4j.engine.ndarray.IpexNDArray;
import org.ipex4j.engine.ndarray.IpexNDManager;
import org.ipex4j.engine.prepare.CastParameters;
import org.ipex4j.ir.DType;
import org.ipex4j.runtime.Tensor;

/**
 * A block with the choices of {@code Ipex.optimize}, part of which {@code Ipex.compile} carries
 * out. It shares the block's parameters, which stay FP32: those that are to be cast reach the
 * forward as a cast, made once per version of the parameter.
 */
public final class OptimizedBlock extends WrappedBlock {
    private final OptimizeOptions options;
    private final DType type;
    private final Set<Parameter> chosen;
    private final Map<Parameter, Cast> casts = new IdentityHashMap<>();

    /** The cast numbers of one version of a parameter. */
    private record Cast(Tensor source, long version, IpexNDArray low) {}

    public OptimizedBlock(Block block, OptimizeOptions options) {
        super(block);
        this.options = options;
        this.type = DataTypes.toIr(options.dtype());
        this.chosen =
                type == DType.FLOAT32 ? Set.of() : CastParameters.of(block, options.purpose());
    }

    public OptimizeOptions options() {
        return options;
    }

    /** Whether the forward differs from that of the block inside: it casts parameters. */
    public boolean casts() {
        return !chosen.isEmpty();
    }

    @Override
    public NDList forward(
            ParameterStore store,
            NDList inputs,
            boolean training,
            PairList<String, Object> params) {
        return packed(() -> block.forward(new Casting(store), inputs, training, params));
    }

    @Override
    public NDList forward(
            ParameterStore store, NDList data, NDList labels, PairList<String, Object> params) {
        return packed(() -> block.forward(new Casting(store), data, labels, params));
    }

    private NDList packed(Supplier<NDList> forward) {
        return options.weightsPrepack() ? forward.get() : Prepack.without(forward);
    }

    /** Hands out casts instead of the parameters that were chosen. */
    private final class Casting extends ParameterStore {
        private final ParameterStore store;

        Casting(ParameterStore store) {
            super(store.getManager(), false);
            this.store = store;
        }

        @Override
        public NDArray getValue(Parameter parameter, Device device, boolean training) {
            NDArray full = store.getValue(parameter, device, training);
            return parameter != null
                            && chosen.contains(parameter)
                            && full instanceof IpexNDArray own
                            && own.type().dtype() == DType.FLOAT32
                    ? cast(parameter, own)
                    : full;
        }
    }

    private IpexNDArray cast(Parameter parameter, IpexNDArray full) {
        boolean recorded = Tape.recording() != null && full.hasGradient();
        if (full.isTraced() || recorded) {
            IpexNDArray low = (IpexNDArray) full.toType(options.dtype(), true);
            low.markCast();
            return low;
        }
        Tensor source = full.tensor();
        synchronized (casts) {
            Cast known = casts.get(parameter);
            if (known == null
                    || known.source != source
                    || known.version != source.version()
                    || known.low.isReleased()) {
                if (known != null && !known.low.isReleased()) {
                    known.low.detach(); // another thread may be reading it: the collector frees it
                }
                long version = source.version();
                known = new Cast(source, version, lower(full));
                casts.put(parameter, known);
            }
            return known.low;
        }
    }

    /** Belongs to the parameter's manager, so that it goes with the model. */
    private IpexNDArray lower(IpexNDArray full) {
        IpexNDManager owner = full.getManager();
        IpexNDArray low = IpexNDArray.of(owner, TensorOps.cast(full.tensor(), type));
        low.setName(full.getName());
        low.markCast();
        return low;
    }

    @Override
    public String toString() {
        return "Optimized[" + options.level() + ", " + options.dtype() + "] " + block;
    }
}
