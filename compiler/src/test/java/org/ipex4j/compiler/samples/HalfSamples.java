package org.ipex4j.compiler.samples;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.op.Op;

/** The samples on f32 tensors again, with all of these in bf16. */
public final class HalfSamples {
    /**
     * Where libtorch goes another way with bf16, and which, by the beginning of the twin's name.
     */
    private static final Map<String, String> GAPS =
            Map.of(
                    "aten._adaptive_avg_pool3d bf16 of global", "adds up in bf16",
                    "aten.put bf16 of accumulate", "adds up in bf16",
                    "aten.round.decimals", "rounds the scaled number to bf16 before",
                    "aten.sort bf16 of long", "equal elements come in no order",
                    "aten.argsort bf16 of long", "equal elements come in no order");

    /** What the twins' labels begin with. */
    public static final String LABEL = "bf16 of ";

    private HalfSamples() {}

    /** The twins of an op's samples, as far as its type rule takes them. */
    public static List<Sample> of(Op op) {
        List<Sample> out = new ArrayList<>();
        for (Sample s : OpSamples.of(op)) {
            List<SampleTensor> tensors = s.args().allTensors();
            boolean single =
                    tensors.stream().anyMatch(t -> t.type().dtype() == DType.FLOAT32)
                            && tensors.stream().noneMatch(t -> isOtherFloat(t.type().dtype()));
            if (single) {
                Sample twin =
                        new Sample(
                                op,
                                LABEL + s.label(),
                                s.args().map(HalfSamples::narrow),
                                s.slack(),
                                s.oracleGap());
                if (isAllowed(twin)) {
                    out.add(withGap(twin));
                }
            }
        }
        return out;
    }

    /**
     * What differs between results of a twin: more than rounding operands and intermediates to bf16
     * explains, which the largest element's last place stands for where others cancel.
     */
    public static Optional<String> mismatch(RefTensor expected, RefTensor actual, double slack) {
        if (expected.dtype() != DType.BFLOAT16 || !expected.type().equals(actual.type())) {
            return Closeness.mismatch(expected, actual, slack);
        }
        double largest = 0;
        for (int i = 0; i < expected.numel(); i++) {
            double e = Math.abs(expected.real(i));
            largest = Double.isFinite(e) ? Math.max(largest, e) : largest;
        }
        double place = slack * largest * 0x1p-8;
        RefTensor settled =
                RefTensor.build(
                        actual.type(),
                        i ->
                                Math.abs(actual.real(i) - expected.real(i)) <= place
                                        ? expected.real(i)
                                        : actual.real(i));
        return Closeness.mismatch(expected, settled, slack);
    }

    private static Sample withGap(Sample s) {
        return GAPS.entrySet().stream()
                .filter(g -> s.toString().startsWith(g.getKey()))
                .findFirst()
                .map(
                        g ->
                                new Sample(
                                        s.op(),
                                        s.label(),
                                        s.args(),
                                        s.slack(),
                                        Optional.of(g.getValue())))
                .orElse(s);
    }

    private static boolean isAllowed(Sample s) {
        try {
            s.op().infer(s.args().map(SampleTensor::type));
            return true;
        } catch (IllegalArgumentException e) {
            // The op takes no bf16 there: its error samples say so.
            return false;
        }
    }

    private static boolean isOtherFloat(DType t) {
        return t.isFloating() && t != DType.FLOAT32;
    }

    private static SampleTensor narrow(SampleTensor t) {
        return t.type().dtype() == DType.FLOAT32
                ? new SampleTensor(t.value().to(DType.BFLOAT16), t.strides())
                : t;
    }
}
