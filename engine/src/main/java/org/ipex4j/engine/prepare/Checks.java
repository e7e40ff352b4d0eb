package org.ipex4j.engine.prepare;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.recurrent.LSTM;
import ai.djl.util.Pair;
import org.ipex4j.engine.OptimizeOptions;
import org.ipex4j.engine.OptimizeOptions.Knob;
import org.ipex4j.engine.OptimizeOptions.Purpose;
import org.ipex4j.engine.ndarray.IpexNDArray;
import org.ipex4j.ir.plan.Target;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Refuses what {@code Ipex.optimize} cannot do; its Javadoc has the messages. */
public final class Checks {
    private static final Logger LOG = LoggerFactory.getLogger(Checks.class);

    private Checks() {}

    /**
     * Checks a call.
     *
     * @param optimizer whether the call has one
     */
    public static void check(
            Block block, OptimizeOptions options, boolean optimizer, Target target) {
        purpose(options, optimizer);
        dtype(options);
        processor(options, target);
        parameters(block);
        if (options.knobs().getOrDefault(Knob.OPTIMIZE_LSTM, false)
                && CastParameters.has(block, LSTM.class)) {
            LOG.warn(
                    "Ipex.optimize: optimizeLstm: the engine has no LSTM kernel of oneDNN; the LSTM runs"
                            + " unrolled, its products by oneDNN");
        }
    }

    private static void purpose(OptimizeOptions options, boolean optimizer) {
        if (options.purpose() == Purpose.TRAINING && !optimizer) {
            throw new IllegalArgumentException(
                    "Ipex.optimize: options of training need an optimizer: give the trainer, not the"
                            + " block");
        }
        if (options.purpose() == Purpose.INFERENCE && optimizer) {
            throw new IllegalArgumentException(
                    "Ipex.optimize: options of inference take no optimizer: give the block, not the"
                            + " trainer");
        }
    }

    private static void dtype(OptimizeOptions options) {
        boolean half =
                options.dtype() == DataType.FLOAT16 && options.purpose() == Purpose.INFERENCE;
        if (options.dtype() != DataType.FLOAT32 && options.dtype() != DataType.BFLOAT16 && !half) {
            throw new IllegalArgumentException(
                    "Ipex.optimize: dtype "
                            + options.dtype()
                            + ": expected float32 or bfloat16, or float16 for inference");
        }
    }

    private static void processor(OptimizeOptions options, Target target) {
        String needed =
                switch (options.dtype()) {
                    case BFLOAT16 -> target.has("avx512_bf16") ? null : "AVX-512 BF16";
                    case FLOAT16 -> target.has("avx512_fp16") ? null : "AVX512-FP16";
                    default -> null;
                };
        if (needed == null) {
            return;
        }
        String slow =
                options.dtype()
                        + " needs a processor with "
                        + needed
                        + ", this one ("
                        + target.cpu()
                        + ") has none: numbers would be converted to float32 and back around each"
                        + " computation, slower than float32 itself";
        if (!options.allowSlow()) {
            throw new IllegalStateException(
                    "Ipex.optimize: " + slow + ". Use float32, or allowSlow(true)");
        }
        LOG.warn("Ipex.optimize: {}", slow);
    }

    private static void parameters(Block block) {
        String first = null;
        Device device = null;
        for (Pair<String, Parameter> p : block.getParameters()) {
            if (!p.getValue().isInitialized()) {
                continue;
            }
            NDArray array = p.getValue().getArray();
            if (device != null && !array.getDevice().equals(device)) {
                throw new IllegalArgumentException(
                        "Ipex.optimize: parameters are on different devices: '"
                                + first
                                + "' on "
                                + device
                                + ", '"
                                + p.getKey()
                                + "' on "
                                + array.getDevice());
            }
            if (device == null) {
                first = p.getKey();
                device = array.getDevice();
            }
        }
        for (Pair<String, Parameter> p : block.getParameters()) {
            if (p.getValue().isInitialized() && !(p.getValue().getArray() instanceof IpexNDArray)) {
                throw new IllegalArgumentException(
                        "Ipex.optimize: parameter '"
                                + p.getKey()
                                + "' is no array of the engine IPEX but "
                                + p.getValue().getArray().getClass().getName());
            }
        }
    }
}
