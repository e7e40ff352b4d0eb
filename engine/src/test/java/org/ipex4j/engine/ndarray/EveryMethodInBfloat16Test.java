package org.ipex4j.engine.ndarray;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.internal.NDArrayEx;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.recurrent.RNN;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every method of arrays that computes numbers, on BF16: what it gives on the same numbers in FP32,
 * rounded, and in BF16 where FP32 gives FP32.
 */
class EveryMethodInBfloat16Test extends ArrayTest {
    private static final DataType BF16 = DataType.BFLOAT16;

    /** Methods that compute no numbers, or that other tests call on BF16. */
    private static final Set<String> ELSEWHERE =
            words(
                    """
                    attach close decode detach getDevice getGradient getManager getName getNDArrayInternal
                    getResourceNDArrays getShape getSparseFormat getUid hasGradient intern isEmpty isReleased
                    isScalar isSparse returnResource setName setRequiresGradient shapeEquals size tempAttach
                    toDevice getDataType getArray getIndexer equals toString hashCode
                    encode toByteBuffer toByteArray toArray toFloatArray getFloat toDebugString getScalar
                    setScalar set allClose contentEquals copyTo toType like none getAsBytes getAsObject
                    getAsString
                    """);

    /** Methods that read other types, that draw, or that this engine has for none. */
    private static final Set<String> OF_OTHER_TYPES =
            words(
                    """
                    getBoolean getByte getDouble getInt getLong getUint8 toBooleanArray toDoubleArray toIntArray
                    toLongArray toShortArray toStringArray toUint8Array toUnsignedIntArray toUnsignedShortArray
                    fft fft2 ifft ifft2 irfft rfft stft complex
                    randomBrightness randomColorJitter randomFlipLeftRight randomFlipTopBottom randomHue
                    multiBoxDetection multiBoxPrior multiBoxTarget toTensor
                    adadeltaUpdate adagradUpdate adamUpdate nagUpdate rmspropUpdate sgdUpdate
                    """);

    private final Map<String, Consumer<String>> checks = new LinkedHashMap<>();

    private static Set<String> words(String text) {
        return Set.of(text.strip().split("\\s+"));
    }

    private NDArray numbers() {
        return f(s(2, 3), 0.5, -1.25, 2, 0.0078125, 3.0625, -0.75);
    }

    private NDArray small() {
        return f(s(2, 3), 0.5, -0.25, 0.75, 0.0078125, 0.3125, -0.5);
    }

    private NDArray large() {
        return f(s(2, 3), 1.5, 4, 2.25, 1, 3.0625, 1.0078125);
    }

    private NDArray image() {
        return m.arange(2 * 3 * 16f).reshape(2, 3, 4, 4).sub(40).div(8);
    }

    private void unary(String names, Supplier<NDArray> operand) {
        for (String name : words(names)) {
            each(
                    name,
                    operand.get(),
                    x -> {
                        try {
                            return (NDArray) NDArray.class.getMethod(name).invoke(x);
                        } catch (ReflectiveOperationException e) {
                            throw new AssertionError(name, e);
                        }
                    });
        }
    }

    private void binary(String names, NDArray a, NDArray b) {
        for (String name : words(names)) {
            with(
                    name,
                    a,
                    b,
                    (x, y) -> {
                        try {
                            return (NDArray)
                                    NDArray.class.getMethod(name, NDArray.class).invoke(x, y);
                        } catch (ReflectiveOperationException e) {
                            throw new AssertionError(name, e);
                        }
                    });
            String overload = name;
            checks.computeIfAbsent(
                    overload + "(Number)",
                    k ->
                            n ->
                                    compare(
                                            n,
                                            a,
                                            x -> {
                                                try {
                                                    return (NDArray)
                                                            NDArray.class
                                                                    .getMethod(
                                                                            overload, Number.class)
                                                                    .invoke(x, 1.5f);
                                                } catch (ReflectiveOperationException e) {
                                                    throw new AssertionError(overload, e);
                                                }
                                            }));
        }
    }

    private void each(String name, NDArray operand, Function<NDArray, NDArray> method) {
        checks.merge(name, n -> compare(n, operand, method), Consumer::andThen);
    }

    private void with(
            String name, NDArray a, NDArray b, BiFunction<NDArray, NDArray, NDArray> method) {
        each(
                name,
                a,
                x -> {
                    boolean floating = b.getDataType() == DataType.FLOAT32;
                    NDArray y = floating ? b.toType(x.getDataType(), true) : b;
                    return method.apply(x, y);
                });
    }

    private void ex(String name, NDArray operand, Function<NDArrayEx, NDArray> method) {
        each(name, operand, x -> method.apply(x.getNDArrayInternal()));
    }

    private void compare(String name, NDArray operand, Function<NDArray, NDArray> method) {
        NDArray narrow = operand.toType(BF16, true);
        // Some functions change their operand.
        NDArray expected = method.apply(narrow.toType(DataType.FLOAT32, true));
        NDArray actual = method.apply(narrow);
        DataType type = expected.getDataType();
        assertThat(actual.getDataType())
                .as("type of %s", name)
                .isEqualTo(type == DataType.FLOAT32 ? BF16 : type);
        assertThat(actual.getShape()).isEqualTo(expected.getShape());
        Number[] a = actual.toArray();
        Number[] e = expected.toArray();
        for (int i = 0; i < e.length; i++) {
            double wanted = e[i].doubleValue();
            double got = a[i].doubleValue();
            boolean same = wanted == got || (Double.isNaN(wanted) && Double.isNaN(got));
            // Methods of several ops round more than once.
            assertThat(same || Math.abs(wanted - got) <= 0x1p-6 * Math.abs(wanted) + 0x1p-9)
                    .as("%s, element %d: %s, expected %s", name, i, got, wanted)
                    .isTrue();
        }
    }

    private void fill() {
        unary(
                "abs neg ceil floor round trunc sign square sin cos sinh cosh tanh exp atan asinh cbrt"
                        + " erf tan isInfinite isNaN flatten sum mean max min argMax argMin argSort sort"
                        + " any all duplicate zerosLike onesLike transpose squeeze nonzero"
                        + " countNonzero toDegrees toRadians real conj toDense stopGradient norm cumSum"
                        + " prod logicalNot gammaln",
                this::numbers);
        unary("asin acos atanh erfinv", this::small);
        unary("sqrt log log2 log10 acosh", this::large);
        for (String name : words("logicalAnd logicalOr logicalXor")) {
            with(
                    name,
                    numbers(),
                    large(),
                    (x, y) ->
                            switch (name) {
                                case "logicalAnd" -> x.logicalAnd(y);
                                case "logicalOr" -> x.logicalOr(y);
                                default -> x.logicalXor(y);
                            });
        }
        each("scaleGradient", numbers(), x -> x.scaleGradient(0.5));
        each("normalize", numbers(), x -> x.normalize(2, 1));
        each("broadcast", numbers(), x -> x.broadcast(2, 2, 3));
        with("gatherNd", numbers(), m.create(new long[][] {{1, 0}, {2, 1}}), NDArray::gatherNd);
        with("sequenceMask", numbers(), f(1, 2), (x, n) -> x.sequenceMask(n, 0));
        ex("crop", image().transpose(0, 2, 3, 1), x -> x.crop(1, 1, 2, 2));
        binary("add sub mul div maximum minimum eq neq gt gte lt lte mod", numbers(), large());
        binary("addi subi muli divi modi", numbers(), large());
        binary("pow powi", large(), numbers());
        with("atan2", numbers(), large(), NDArray::atan2);
        with("xlogy", numbers(), large(), NDArray::xlogy);
        for (String name : words("negi signi")) {
            each(name, numbers(), x -> name.equals("negi") ? x.negi() : x.signi());
        }
        each("clip", numbers(), x -> x.clip(-1, 1.5f));
        each("softmax", numbers(), x -> x.softmax(1));
        each("logSoftmax", numbers(), x -> x.logSoftmax(1));
        each("cumProd", numbers(), x -> x.cumProd(1));
        each("median", numbers(), x -> x.median(new int[] {1}));
        each("percentile", numbers(), x -> x.percentile(25));
        each("topK", numbers(), x -> x.topK(2, 1).get(0));
        each("trace", numbers(), NDArray::trace);
        each("diagonal", numbers(), x -> x.diagonal());
        each("diff", numbers(), x -> x.diff(1, 1));
        each("unique", numbers(), x -> x.unique().get(0));
        each("inverse", f(s(2, 2), 2, 1, 1, 3), NDArray::inverse);
        each("reshape", numbers(), x -> x.reshape(3, 2));
        each("expandDims", numbers(), x -> x.expandDims(0));
        each("swapAxes", numbers(), x -> x.swapAxes(0, 1));
        each("flip", numbers(), x -> x.flip(1));
        each("rotate90", numbers(), x -> x.rotate90(1, new int[] {0, 1}));
        each("repeat", numbers(), x -> x.repeat(2));
        each("tile", numbers(), x -> x.tile(2));
        each("pad", numbers(), x -> x.pad(new Shape(1, 1), 7));
        each("split", numbers(), x -> x.split(3, 1).get(1));
        with("stack", numbers(), large(), (x, y) -> x.stack(y));
        with("concat", numbers(), large(), (x, y) -> x.concat(y, 1));
        with("dot", numbers(), large().transpose(), NDArray::dot);
        with("matMul", numbers(), large().transpose(), NDArray::matMul);
        NDArray left = image().reshape(6, 4, 4);
        NDArray right = left.transpose(0, 2, 1).duplicate();
        with("batchDot", left, right, NDArray::batchDot);
        with("batchMatMul", left, right, NDArray::batchMatMul);
        each("get", numbers(), x -> x.get(":, 1:"));
        each("get", numbers(), x -> x.get(l(1, 0)));
        each("get", numbers(), x -> x.get(new NDIndex(1, 2)));
        with("get", numbers(), m.create(new boolean[] {true, false}), NDArray::get);
        with("booleanMask", numbers(), m.create(new boolean[] {false, true}), NDArray::booleanMask);
        with("gather", numbers(), m.create(new long[][] {{1}, {2}}), (x, i) -> x.gather(i, 1));
        with("take", numbers(), l(4, 0), (x, i) -> x.take(i));
        with(
                "scatter",
                numbers(),
                f(s(2, 1), 9, 8),
                (x, y) -> x.scatter(m.create(new long[][] {{1}, {2}}), y, 1));
        with("put", numbers(), f(9, 8), (x, y) -> x.put(l(4, 0), y));
        each("oneHot", f(0, 2, 1), x -> x.oneHot(3, x.getDataType()));
        each("toSparse", numbers(), x -> x.toSparse(SparseFormat.DENSE));

        ex("relu", numbers(), NDArrayEx::relu);
        ex("sigmoid", numbers(), NDArrayEx::sigmoid);
        ex("tanh", numbers(), NDArrayEx::tanh);
        ex("softPlus", numbers(), NDArrayEx::softPlus);
        ex("softSign", numbers(), NDArrayEx::softSign);
        ex("leakyRelu", numbers(), x -> x.leakyRelu(0.1f));
        ex("elu", numbers(), x -> x.elu(0.5f));
        ex("selu", numbers(), NDArrayEx::selu);
        ex("gelu", numbers(), NDArrayEx::gelu);
        ex("swish", numbers(), x -> x.swish(1));
        ex("mish", numbers(), NDArrayEx::mish);
        ex("rdiv", large(), x -> x.rdiv(2));
        ex("rdivi", large(), x -> x.rdivi(2));
        ex("rsub", numbers(), x -> x.rsub(2));
        ex("rsubi", numbers(), x -> x.rsubi(2));
        ex("rmod", large(), x -> x.rmod(2));
        ex("rmodi", large(), x -> x.rmodi(2));
        ex("rpow", numbers(), x -> x.rpow(2));
        ex("rpowi", numbers(), x -> x.rpowi(2));
        with("prelu", numbers(), f(0.25), (x, a) -> x.getNDArrayInternal().prelu(x, a).head());
        with("where", numbers(), large(), (x, y) -> x.getNDArrayInternal().where(x.gt(0), y));
        Shape two = s(2, 2);
        Shape one = s(1, 1);
        Shape zero = s(0, 0);
        ex("maxPool", image(), x -> x.maxPool(two, two, zero, false));
        ex("avgPool", image(), x -> x.avgPool(two, two, one, false, false));
        ex("lpPool", image().abs(), x -> x.lpPool(2, two, two, zero, false));
        ex("globalMaxPool", image(), NDArrayEx::globalMaxPool);
        ex("globalAvgPool", image(), NDArrayEx::globalAvgPool);
        ex("globalLpPool", image().abs(), x -> x.globalLpPool(2));
        ex("interpolation", image(), x -> x.interpolation(new long[] {8, 6}, 2, false));
        ex("resize", image().transpose(0, 2, 3, 1), x -> x.resize(8, 6, 1));
        with(
                "convolution",
                image(),
                image().get("0:1").duplicate(),
                (x, w) -> x.getNDArrayInternal().convolution(x, w, null, one, one, one, 1).head());
        with(
                "deconvolution",
                image(),
                image().get("0:1").transpose(1, 0, 2, 3).duplicate(),
                (x, w) ->
                        x.getNDArrayInternal()
                                .deconvolution(x, w, null, two, one, zero, one, 1)
                                .head());
        with(
                "linear",
                numbers(),
                large(),
                (x, w) -> x.getNDArrayInternal().linear(x, w, null).head());
        each(
                "embedding",
                numbers(),
                w -> w.getNDArrayInternal().embedding(l(1, 0), w, SparseFormat.DENSE).head());
        ex("dropout", numbers(), x -> x.dropout(x.getArray(), 0.5f, false).head());
        with(
                "layerNorm",
                numbers(),
                f(1, 2, 3),
                (x, w) -> x.getNDArrayInternal().layerNorm(x, s(3), w, w, 1e-5f).head());
        with(
                "batchNorm",
                image(),
                f(1, 2, 3),
                (x, w) -> {
                    NDArray mean = w.duplicate();
                    NDArray variance = w.duplicate();
                    return x.getNDArrayInternal()
                            .batchNorm(x, mean, variance, w, w, 1, 0.9f, 1e-5f, true)
                            .head();
                });
        recurrent();
    }

    private void recurrent() {
        NDArray x = f(s(2, 2, 2), 0.5, -1, 0.25, 0.75, -0.5, 1, 0, 0.125);
        each(
                "rnn",
                x,
                a ->
                        a.getNDArrayInternal()
                                .rnn(
                                        a,
                                        state(a),
                                        params(a, 1),
                                        true,
                                        1,
                                        RNN.Activation.TANH,
                                        0,
                                        false,
                                        false,
                                        true)
                                .head());
        each(
                "gru",
                x,
                a ->
                        a.getNDArrayInternal()
                                .gru(a, state(a), params(a, 3), true, 1, 0, false, false, true)
                                .head());
        each(
                "lstm",
                x,
                a ->
                        a.getNDArrayInternal()
                                .lstm(
                                        a,
                                        new NDList(state(a), state(a)),
                                        params(a, 4),
                                        true,
                                        1,
                                        0,
                                        false,
                                        false,
                                        true)
                                .head());
    }

    private NDArray state(NDArray like) {
        return m.zeros(s(1, 2, 2), like.getDataType());
    }

    private NDList params(NDArray like, int gates) {
        DataType type = like.getDataType();
        NDArray w = m.full(s(2L * gates, 2), 0.25f, type);
        NDArray b = m.full(s(2L * gates), 0.125f, type);
        return new NDList(w, w, b, b);
    }

    @TestFactory
    Stream<DynamicTest> methods() {
        open();
        fill();
        return checks.entrySet().stream()
                .map(
                        e ->
                                DynamicTest.dynamicTest(
                                        e.getKey(), () -> e.getValue().accept(e.getKey())));
    }

    @Test
    void everyMethodIsTried() {
        fill();
        Set<String> missing =
                Stream.of(NDArray.class, NDArrayEx.class)
                        .flatMap(c -> Arrays.stream(c.getMethods()))
                        .map(Method::getName)
                        .filter(n -> !n.contains("$"))
                        .collect(Collectors.toCollection(TreeSet::new));
        missing.removeAll(checks.keySet());
        missing.removeAll(ELSEWHERE);
        missing.removeAll(OF_OTHER_TYPES);
        assertThat(missing).isEmpty();
    }
}
