package org.ipex4j.compiler.samples;

import java.util.Random;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;

/**
 * How to draw a sample's tensor: dtype, sizes, the range or the list of its values, and its
 * strides. Without more, floating values lie in [-3, 3], integers in [-9, 9] ([0, 9] for uint8).
 */
public final class Draw {
    private enum Form {
        CONTIGUOUS,
        /** The last two dimensions exchanged in memory. */
        TRANSPOSED,
        /** Every second element of a dense tensor. */
        STRIDED,
        /** Stride 0 in the first dimension. */
        EXPANDED
    }

    private final TensorType type;
    private final double low;
    private final double high;
    private final boolean special;
    private final double[] reals;
    private final long[] ints;
    private final Form form;

    private Draw(
            TensorType type,
            double low,
            double high,
            boolean special,
            double[] reals,
            long[] ints,
            Form form) {
        this.type = type;
        this.low = low;
        this.high = high;
        this.special = special;
        this.reals = reals;
        this.ints = ints;
        this.form = form;
    }

    public static Draw of(DType dtype, long... sizes) {
        double high = dtype == DType.BOOL ? 1 : dtype.isFloating() ? 3 : 9;
        double low = dtype == DType.BOOL || dtype == DType.UINT8 ? 0 : -high;
        return new Draw(TensorType.of(dtype, sizes), low, high, false, null, null, Form.CONTIGUOUS);
    }

    public static Draw f32(long... sizes) {
        return of(DType.FLOAT32, sizes);
    }

    public static Draw f64(long... sizes) {
        return of(DType.FLOAT64, sizes);
    }

    public static Draw f16(long... sizes) {
        return of(DType.FLOAT16, sizes);
    }

    public static Draw bf16(long... sizes) {
        return of(DType.BFLOAT16, sizes);
    }

    public static Draw i64(long... sizes) {
        return of(DType.INT64, sizes);
    }

    public static Draw i32(long... sizes) {
        return of(DType.INT32, sizes);
    }

    public static Draw u8(long... sizes) {
        return of(DType.UINT8, sizes);
    }

    public static Draw bool(long... sizes) {
        return of(DType.BOOL, sizes);
    }

    /** Values between these, both included for integers. */
    public Draw within(double from, double to) {
        return new Draw(type, from, to, special, reals, ints, form);
    }

    /** With NaN, both infinities and both zeros among the values. */
    public Draw special() {
        return new Draw(type, low, high, true, reals, ints, form);
    }

    /** Exactly these values, in row-major order. */
    public Draw values(double... values) {
        return new Draw(type, low, high, special, values, null, form);
    }

    /** Exactly these values, in row-major order. */
    public Draw values(long... values) {
        return new Draw(type, low, high, special, null, values, form);
    }

    /** The last two dimensions exchanged in memory. */
    public Draw transposed() {
        return with(Form.TRANSPOSED);
    }

    /** Every second element of a dense tensor. */
    public Draw strided() {
        return with(Form.STRIDED);
    }

    /** Stride 0 in the first dimension, along which all values are equal. */
    public Draw expanded() {
        return with(Form.EXPANDED);
    }

    private Draw with(Form f) {
        return new Draw(type, low, high, special, reals, ints, f);
    }

    public TensorType type() {
        return type;
    }

    /** The tensor that this seed gives. */
    SampleTensor make(long seed) {
        RefTensor value =
                reals != null
                        ? RefTensor.of(type, reals)
                        : ints != null ? RefTensor.of(type, ints) : random(seed);
        long[] strides = type.sizes().contiguousStrides();
        int rank = type.rank();
        switch (form) {
            case CONTIGUOUS -> {}
            case TRANSPOSED -> {
                strides[rank - 2] = 1;
                strides[rank - 1] = type.sizes().get(-2);
            }
            case STRIDED -> {
                for (int d = 0; d < rank; d++) {
                    strides[d] *= 2;
                }
            }
            case EXPANDED -> {
                int row = Math.toIntExact(type.numel() / Math.max(1, type.sizes().get(0)));
                RefTensor drawn = value;
                value = drawn.gather(type.sizes(), i -> i % row);
                strides[0] = 0;
            }
        }
        return new SampleTensor(value, strides);
    }

    private RefTensor random(long seed) {
        Random random = new Random(seed);
        if (!type.dtype().isFloating()) {
            long from = (long) low;
            long count = (long) high - from + 1;
            return RefTensor.buildInts(type, i -> from + (long) (random.nextDouble() * count));
        }
        double[] specials = {
            Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 0.0, -0.0
        };
        return RefTensor.build(
                type,
                i -> {
                    double v = low + random.nextDouble() * (high - low);
                    return special && random.nextInt(3) == 0
                            ? specials[random.nextInt(specials.length)]
                            : v;
                });
    }

    @Override
    public String toString() {
        return type + (form == Form.CONTIGUOUS ? "" : " " + form);
    }
}
