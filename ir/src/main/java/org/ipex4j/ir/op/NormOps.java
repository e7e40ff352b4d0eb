package org.ipex4j.ir.op;

import static org.ipex4j.ir.op.Trait.COMPOSITE;
import static org.ipex4j.ir.op.TypeRules.one;
import static org.ipex4j.ir.op.TypeRules.require;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.TypeRules.Accept;

/** Softmax and normalisations. */
final class NormOps {
    /** Roughly: subtract, scale, and two reductions, per element. */
    private static final CostRule COST = (args, results) -> 8.0 * results.getFirst().numel();

    private NormOps() {}

    static void addTo(OpCatalog c) {
        for (String f : new String[] {"softmax", "log_softmax"}) {
            c.add(
                    "aten::_" + f + "(Tensor self, int dim, bool half_to_float) -> Tensor",
                    NormOps::softmax,
                    COST,
                    COMPOSITE);
            c.add(
                    "aten::" + f + ".int(Tensor self, int dim, ScalarType? dtype=None) -> Tensor",
                    NormOps::softmaxTo,
                    COST,
                    COMPOSITE);
        }
        c.add(
                "aten::native_layer_norm(Tensor input, SymInt[] normalized_shape, Tensor? weight, Tensor? bias, float eps)"
                        + " -> (Tensor, Tensor, Tensor)",
                NormOps::nativeLayerNorm,
                COST,
                COMPOSITE);
        c.add(
                "aten::layer_norm(Tensor input, SymInt[] normalized_shape, Tensor? weight=None, Tensor? bias=None,"
                        + " float eps=1e-05, bool cudnn_enable=True) -> Tensor",
                args -> nativeLayerNorm(args).subList(0, 1),
                COST,
                COMPOSITE);
        c.add(
                "aten::rms_norm(Tensor input, SymInt[] normalized_shape, Tensor? weight=None, float? eps=None) -> Tensor",
                NormOps::rmsNorm,
                COST,
                COMPOSITE);
        c.add(
                "aten::native_group_norm(Tensor input, Tensor? weight, Tensor? bias, SymInt N, SymInt C, SymInt HxW,"
                        + " int group, float eps) -> (Tensor, Tensor, Tensor)",
                NormOps::nativeGroupNorm,
                COST,
                COMPOSITE);
        c.add(
                "aten::group_norm(Tensor input, int num_groups, Tensor? weight=None, Tensor? bias=None, float eps=1e-05,"
                        + " bool cudnn_enabled=True) -> Tensor",
                NormOps::groupNorm,
                COST,
                COMPOSITE);
        String affine = "(Tensor input, Tensor? weight, Tensor? bias, ";
        c.add(
                "aten::native_batch_norm"
                        + affine
                        + "Tensor? running_mean, Tensor? running_var, bool training,"
                        + " float momentum, float eps) -> (Tensor, Tensor, Tensor)",
                NormOps::nativeBatchNorm,
                COST,
                COMPOSITE);
        c.add(
                "aten::_native_batch_norm_legit_no_training"
                        + affine
                        + "Tensor running_mean, Tensor running_var,"
                        + " float momentum, float eps) -> (Tensor, Tensor, Tensor)",
                NormOps::nativeBatchNorm,
                COST,
                COMPOSITE);
        c.add(
                "aten::_native_batch_norm_legit_functional"
                        + affine
                        + "Tensor running_mean, Tensor running_var,"
                        + " bool training, float momentum, float eps) -> (Tensor, Tensor, Tensor, Tensor running_mean_out,"
                        + " Tensor running_var_out)",
                NormOps::functionalBatchNorm,
                COST,
                COMPOSITE);
        c.add(
                "aten::batch_norm"
                        + affine
                        + "Tensor? running_mean, Tensor? running_var, bool training, float momentum,"
                        + " float eps, bool cudnn_enabled) -> Tensor",
                args -> nativeBatchNorm(args).subList(0, 1),
                COST,
                COMPOSITE);
    }

    private static List<TensorType> softmax(Args<TensorType> args) {
        TensorType t = args.tensor("self");
        t.sizes().wrap(args.integer("dim"));
        require(
                !args.bool("half_to_float"),
                "half_to_float is for accelerators; convert with _to_copy");
        Accept.FLOATING.check(t.dtype(), "the input");
        return List.of(t);
    }

    private static List<TensorType> softmaxTo(Args<TensorType> args) {
        TensorType t = args.tensor("self");
        t.sizes().wrap(args.integer("dim"));
        DType dtype = args.dtype("dtype").orElse(t.dtype());
        return one(Accept.FLOATING.check(dtype, "the dtype"), t.sizes());
    }

    /**
     * The dtype of saved statistics: the input's, or float32 if weight, bias or running statistics
     * are float32 beside a 16-bit input. Other mixtures are refused.
     */
    private static DType statistics(TensorType input, Args<TensorType> args, String... params) {
        Accept.FLOATING.check(input.dtype(), "the input");
        DType out = input.dtype();
        for (String name : params) {
            Optional<TensorType> p =
                    args.schema().has(name) ? args.optionalTensor(name) : Optional.empty();
            if (p.isPresent() && p.get().dtype() != input.dtype()) {
                require(
                        p.get().dtype() == DType.FLOAT32 && input.dtype().byteSize() == 2,
                        name
                                + " is "
                                + p.get()
                                + ", expected the input's dtype "
                                + input.dtype()
                                + " or float32 beside a"
                                + " 16-bit input");
                out = DType.FLOAT32;
            }
        }
        return out;
    }

    private static int normalizedRank(TensorType input, Args<TensorType> args) {
        long[] shape = args.integers("normalized_shape");
        require(shape.length > 0, "normalized_shape must not be empty");
        int lead = input.rank() - shape.length;
        require(
                lead >= 0
                        && Arrays.equals(
                                Arrays.copyOfRange(input.sizes().toArray(), lead, input.rank()),
                                shape),
                "input "
                        + input.sizes()
                        + " should end in normalized_shape "
                        + Arrays.toString(shape));
        for (String name : new String[] {"weight", "bias"}) {
            if (args.schema().has(name) && args.optionalTensor(name).isPresent()) {
                Sizes s = args.tensor(name).sizes();
                require(
                        Arrays.equals(s.toArray(), shape),
                        name
                                + " "
                                + s
                                + " should have sizes normalized_shape "
                                + Arrays.toString(shape));
            }
        }
        return lead;
    }

    private static List<TensorType> nativeLayerNorm(Args<TensorType> args) {
        TensorType input = args.tensor("input");
        int lead = normalizedRank(input, args);
        DType stats = statistics(input, args, "weight", "bias");
        long[] kept = input.sizes().toArray();
        Arrays.fill(kept, lead, kept.length, 1);
        TensorType stat = new TensorType(stats, Sizes.of(kept));
        return List.of(input, stat, stat);
    }

    private static List<TensorType> rmsNorm(Args<TensorType> args) {
        TensorType input = args.tensor("input");
        normalizedRank(input, args);
        Accept.FLOATING.check(input.dtype(), "the input");
        return List.of(input); // whatever the weight is, as in ATen
    }

    private static void perChannel(
            Args<TensorType> args, long channels, Sizes input, String... params) {
        for (String name : params) {
            if (args.schema().has(name) && args.optionalTensor(name).isPresent()) {
                Sizes s = args.tensor(name).sizes();
                require(
                        s.equals(Sizes.of(channels)),
                        name
                                + " "
                                + s
                                + " should be ["
                                + channels
                                + "], one per channel of input "
                                + input);
            }
        }
    }

    private static void checkGroups(long groups, long channels, Sizes input) {
        require(
                groups > 0 && channels % groups == 0,
                "the "
                        + channels
                        + " channels of input "
                        + input
                        + " do not divide into "
                        + groups
                        + " groups");
    }

    private static List<TensorType> nativeGroupNorm(Args<TensorType> args) {
        TensorType input = args.tensor("input");
        long n = args.integer("N");
        long channels = args.integer("C");
        long spatial = args.integer("HxW");
        require(
                input.rank() >= 2 && input.numel() == n * channels * spatial,
                "N * C * HxW = "
                        + n
                        + " * "
                        + channels
                        + " * "
                        + spatial
                        + " does not fit input "
                        + input.sizes());
        checkGroups(args.integer("group"), channels, input.sizes());
        perChannel(args, channels, input.sizes(), "weight", "bias");
        TensorType stat =
                TensorType.of(statistics(input, args, "weight", "bias"), n, args.integer("group"));
        return List.of(input, stat, stat);
    }

    private static List<TensorType> groupNorm(Args<TensorType> args) {
        TensorType input = args.tensor("input");
        require(
                input.rank() >= 2,
                "input should have a batch and a channel dimension, is " + input.sizes());
        long channels = input.sizes().get(1);
        checkGroups(args.integer("num_groups"), channels, input.sizes());
        perChannel(args, channels, input.sizes(), "weight", "bias");
        statistics(input, args, "weight", "bias");
        return List.of(input);
    }

    private static final String[] BATCH_NORM_PARAMS = {
        "weight", "bias", "running_mean", "running_var"
    };

    /** Result, and saved mean and inverse standard deviation, which are empty when not training. */
    private static List<TensorType> batchNorm(Args<TensorType> args, boolean training) {
        TensorType input = args.tensor("input");
        require(
                input.rank() >= 2,
                "input should have a batch and a channel dimension, is " + input.sizes());
        long channels = input.sizes().get(1);
        perChannel(args, channels, input.sizes(), BATCH_NORM_PARAMS);
        TensorType stat =
                TensorType.of(statistics(input, args, BATCH_NORM_PARAMS), training ? channels : 0);
        return List.of(input, stat, stat);
    }

    private static List<TensorType> nativeBatchNorm(Args<TensorType> args) {
        boolean training = args.schema().has("training") && args.bool("training");
        boolean running =
                args.optionalTensor("running_mean").isPresent()
                        && args.optionalTensor("running_var").isPresent();
        require(
                !training || (args.isNone("running_mean") && args.isNone("running_var")),
                "training with running statistics would write to them; use _native_batch_norm_legit_functional");
        require(
                training || running,
                "running_mean and running_var must be given when not training");
        return batchNorm(args, training);
    }

    private static List<TensorType> functionalBatchNorm(Args<TensorType> args) {
        List<TensorType> out = new ArrayList<>(batchNorm(args, args.bool("training")));
        out.add(args.tensor("running_mean"));
        out.add(args.tensor("running_var"));
        return List.copyOf(out);
    }
}
