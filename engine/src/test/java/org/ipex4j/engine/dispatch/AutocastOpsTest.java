package org.ipex4j.engine.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.ipex4j.compiler.oracle.Oracle;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.compiler.samples.OpSamples;
import org.ipex4j.compiler.samples.Sample;
import org.ipex4j.engine.ndarray.IpexNDArray;
import org.ipex4j.engine.ndarray.IpexNDManager;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;
import org.ipex4j.ir.op.Trait;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every op of the catalogue under autocast gives the types and numbers that libtorch gives under
 * its own.
 */
class AutocastOpsTest {
    /** Stand for ops of other names, which PyTorch has on its lists. */
    private static final Set<String> OWN = Set.of("aten.convolution", "aten.nll_loss_forward");

    /** What operands are given in. */
    private enum Operands {
        /** FP32 as the samples have it. */
        FLOAT32,
        /** The first in the scope's type, the others in FP32. */
        FIRST_LOWERED,
        /** All in the scope's type. */
        LOWERED
    }

    @TestFactory
    Stream<DynamicTest> ops() {
        return Stream.of(DType.BFLOAT16, DType.FLOAT16)
                .flatMap(
                        dtype ->
                                OpCatalog.all().stream()
                                        .filter(AutocastOpsTest::isTested)
                                        .map(
                                                op ->
                                                        DynamicTest.dynamicTest(
                                                                dtype + " " + op.name(),
                                                                () -> check(op, dtype))));
    }

    private static boolean isTested(Op op) {
        return op.name().startsWith("aten.")
                && !op.is(Trait.RANDOM)
                && !op.is(Trait.DATA_DEPENDENT)
                && !OpSamples.of(op).isEmpty()
                && !op.name().contains("_backward") // derivatives run below autocast
                && !OWN.contains(op.name());
    }

    private static void check(Op op, DType dtype) {
        Map<String, String> wrong = new TreeMap<>();
        int asked = 0;
        for (Sample s : OpSamples.of(op)) {
            if (s.oracleGap().isPresent()
                    || s.args().allTensors().stream()
                            .noneMatch(t -> t.type().dtype() == DType.FLOAT32)) {
                continue;
            }
            for (Operands operands : Operands.values()) {
                asked++;
                String difference = difference(op, given(s.reference(), dtype, operands), dtype);
                if (difference != null) {
                    wrong.put(s + " " + operands, difference);
                }
            }
        }
        assertThat(wrong).as("of %d calls", asked).isEmpty();
    }

    private static Args<RefTensor> given(Args<RefTensor> args, DType dtype, Operands operands) {
        boolean[] first = {true};
        return args.map(
                t -> {
                    if (t == null || t.dtype() != DType.FLOAT32 || operands == Operands.FLOAT32) {
                        return t;
                    }
                    boolean lowered = first[0] || operands == Operands.LOWERED;
                    first[0] = false;
                    return lowered ? t.to(dtype) : t;
                });
    }

    private static String difference(Op op, Args<RefTensor> args, DType dtype) {
        List<RefTensor> expected;
        try {
            expected = Oracle.autocast(dtype, () -> Oracle.call(op.name(), args));
        } catch (Oracle.Refused e) {
            return null; // mixtures that libtorch does not take, and 16-bit types
        }
        List<TensorType> types = expected.stream().map(RefTensor::type).toList();
        if (CastPolicies.of(op, args) == null) {
            // Nothing is cast, so that this is an ordinary call: other tests have the numbers.
            try {
                List<TensorType> inferred = op.infer(args.map(RefTensor::type));
                return inferred.equals(types) ? null : "gives " + inferred + ", not " + types;
            } catch (IllegalArgumentException e) {
                return e.getMessage() + ", not " + types;
            }
        }
        try (IpexNDManager m = IpexNDManager.system().newSubManager();
                AutocastScope scope = AutocastScope.open(dtype)) {
            Args<IpexNDArray> arrays =
                    args.map(t -> t == null ? null : IpexNDArray.of(m, RefTensors.write(t)));
            List<RefTensor> actual = new ArrayList<>();
            for (IpexNDArray a : Dispatcher.call(op, arrays, m)) {
                actual.add(RefTensors.read(a.tensor()));
            }
            List<TensorType> got = actual.stream().map(RefTensor::type).toList();
            if (!got.equals(types)) {
                return "gives " + got + ", not " + types;
            }
            for (int i = 0; i < actual.size(); i++) {
                String off = off(expected.get(i), actual.get(i), dtype);
                if (off != null) {
                    return off;
                }
            }
            return null;
        } catch (IllegalArgumentException e) {
            return e.getMessage() + ", not " + types;
        }
    }

    /**
     * Within some units of the greatest number's last place: libtorch rounds inside some ops, most
     * in attention.
     */
    private static String off(RefTensor expected, RefTensor actual, DType lower) {
        double greatest = 0;
        for (double e : expected.toDoubles()) {
            greatest = Double.isFinite(e) ? Math.max(greatest, Math.abs(e)) : greatest;
        }
        DType type = expected.dtype();
        double unit = type == DType.FLOAT32 ? 1e-6 : lower == DType.BFLOAT16 ? 0x1p-8 : 0x1p-11;
        for (int i = 0; i < expected.numel(); i++) {
            double e = expected.real(i);
            double a = actual.real(i);
            boolean same = e == a || (Double.isNaN(e) && Double.isNaN(a));
            if (!same && !(Math.abs(a - e) <= 4 * unit * greatest + unit * Math.abs(e))) {
                return "element " + i + " is " + a + ", not " + e + " (of up to " + greatest + ")";
            }
        }
        return null;
    }

    /** The lists are those of the documentation, and hold what the catalogue has of them. */
    @TestFactory
    Stream<DynamicTest> policies() {
        return Stream.of(
                        "LOWER conv1d conv2d.padding conv3d conv_transpose2d.input convolution mm bmm addmm"
                                + " baddbmm addbmm linear matmul prelu scaled_dot_product_attention",
                        "FLOAT32 nll_loss_forward prod prod.dim_int avg_pool3d max_pool3d"
                                + " adaptive_avg_pool3d adaptive_max_pool3d reflection_pad1d"
                                + " reflection_pad2d replication_pad1d replication_pad2d"
                                + " replication_pad3d",
                        "WIDEST cat stack index_copy",
                        "null batch_norm _native_batch_norm_legit_functional layer_norm relu add.Tensor"
                                + " max_pool2d avg_pool2d softmax.int log_softmax.int embedding sum"
                                + " mv dot max_pool3d_with_indices reflection_pad3d")
                .map(line -> line.split(" "))
                .flatMap(
                        words ->
                                Stream.of(words)
                                        .skip(1)
                                        .map(
                                                name ->
                                                        DynamicTest.dynamicTest(
                                                                name,
                                                                () -> isListed(name, words[0]))));
    }

    private static void isListed(String name, String policy) {
        Op op = OpCatalog.get("aten." + name);
        assertThat(String.valueOf(CastPolicies.of(op, null))).isEqualTo(policy);
    }
}
