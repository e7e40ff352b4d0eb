package org.ipex4j.engine.ndarray;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.ConstantInitializer;
import ai.djl.training.initializer.Initializer;
import ai.djl.training.initializer.NormalInitializer;
import ai.djl.training.initializer.UniformInitializer;
import ai.djl.training.initializer.XavierInitializer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.ShortBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Making, reading, printing and storing BF16 arrays, where DJL itself has holes. */
class Bfloat16Test extends ArrayTest {
    private static final DataType BF16 = DataType.BFLOAT16;

    private static float bfloat(float x) {
        return Float.intBitsToFloat(HostCopy.toBfloat16(x) << 16);
    }

    @Test
    void creation() {
        same(m.ones(s(3), BF16), 1, 1, 1);
        same(m.zeros(s(2), BF16), 0, 0);
        same(m.full(s(2), 0.1f, BF16), bfloat(0.1f), bfloat(0.1f));
        same(m.full(s(0), 2, BF16));
        same(m.full(s(), 2, BF16), s(), 2);
        same(m.arange(0f, 2f, 0.5f, BF16), 0, 0.5, 1, 1.5);
        same(m.arange(0, 3, 1, BF16), 0, 1, 2);
        same(m.eye(2, 3, 1, BF16), s(2, 3), 0, 1, 0, 0, 0, 1);
        assertThat(m.create(s(2, 2), BF16).getDataType()).isEqualTo(BF16);
        same(m.create(ShortBuffer.wrap(new short[] {0x3f80, (short) 0xc000}), s(2), BF16), 1, -2);
    }

    @ParameterizedTest
    @EnumSource(names = {"BFLOAT16", "FLOAT16"})
    void floatsFillNarrowArrays(DataType type) {
        float[] values = {1.5f, -2, 0.25f};
        same(m.create(FloatBuffer.wrap(values), s(3), type), 1.5, -2, 0.25);
        same(m.create(FloatBuffer.wrap(values, 1, 2).slice(), s(2), type), -2, 0.25);
        same(m.create(FloatBuffer.wrap(values, 1, 2), s(2), type), -2, 0.25);
        double[] doubles = {1.5, 1e9};
        float big = type == BF16 ? bfloat(1e9f) : Float.POSITIVE_INFINITY;
        same(m.create(DoubleBuffer.wrap(doubles), s(2), type), 1.5, big);
        NDArray a = m.zeros(s(3), type);
        a.set(values);
        same(a, 1.5, -2, 0.25);
        assertThatThrownBy(() -> m.create(IntBuffer.wrap(new int[2]), s(2), type))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void roundsToNearestEven() {
        float[] values = {
            1 + 0x1p-8f, // a tie, to even: down
            1 + 3 * 0x1p-8f, // a tie, to even: up
            1 + 0x1p-8f + 0x1p-20f,
            Float.NaN,
            Float.POSITIVE_INFINITY,
            Float.NEGATIVE_INFINITY,
            Float.MAX_VALUE,
            -0f,
            0x1p-130f
        };
        double[] rounded = {
            1,
            1 + 0x1p-6,
            1 + 0x1p-7,
            Double.NaN,
            Double.POSITIVE_INFINITY,
            Double.NEGATIVE_INFINITY,
            Double.POSITIVE_INFINITY,
            -0.0,
            0x1p-130
        };
        same(m.create(FloatBuffer.wrap(values), s(9), BF16), rounded);
        // A NaN whose payload lies in the lower half must not become an infinity.
        float low = Float.intBitsToFloat(0x7f800001);
        assertThat(m.create(new float[] {low}).toType(BF16, false).getFloat()).isNaN();
        NDArray cast = m.create(values).toType(BF16, false);
        same(cast.get(":8"), java.util.Arrays.copyOf(rounded, 8));
        same(cast.toType(DataType.FLOAT32, false).get(":8"), java.util.Arrays.copyOf(rounded, 8));
    }

    @ParameterizedTest
    @EnumSource(
            names = {"FLOAT32", "FLOAT64", "FLOAT16", "UINT8", "INT8", "INT16", "INT32", "INT64"})
    void castsBothWays(DataType other) {
        NDArray a = m.create(new float[] {0, 1, 2, 100}).toType(BF16, false);
        NDArray there = a.toType(other, false);
        assertThat(there.getDataType()).isEqualTo(other);
        NDArray back = there.toType(BF16, false);
        assertThat(back.getDataType()).isEqualTo(BF16);
        same(back, 0, 1, 2, 100);
        assertThat(a.toType(BF16, false)).isSameAs(a);
        assertThat(a.toType(BF16, true)).isNotSameAs(a).isEqualTo(a);
    }

    @Test
    void reading() {
        NDArray a = f(s(2, 2), 1, 2, 3, 4).toType(BF16, false);
        assertThat(a.toFloatArray()).containsExactly(1, 2, 3, 4);
        assertThat(a.getFloat(1, 0)).isEqualTo(3);
        assertThat(a.toArray()).containsExactly(1f, 2f, 3f, 4f);
        assertThat(a.transpose().toFloatArray()).containsExactly(1, 3, 2, 4);
        assertThat(a.toByteArray()).hasSize(8);
        assertThat(a.contentEquals(a.duplicate())).isTrue();
        assertThat(a.allClose(f(s(2, 2), 1, 2, 3, 4))).isTrue();
        assertThatThrownBy(a::toDoubleArray)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("bfloat16");
    }

    @Test
    void printing() {
        for (NDArray wide :
                new NDArray[] {
                    f(s(2, 2), 1, 2.5, 3, 4),
                    f(Float.NaN, Float.NEGATIVE_INFINITY, 1e9),
                    m.ones(s(2000)),
                    m.ones(s()),
                    m.zeros(s(0)),
                    m.ones(s(1, 1, 1, 2))
                }) {
            NDArray narrow = wide.toType(BF16, false);
            NDArray rounded = narrow.toType(DataType.FLOAT32, false);
            narrow.setName("w");
            rounded.setName("w");
            assertThat(narrow.toDebugString(100, 3, 10, 10, true))
                    .contains("bfloat16")
                    .isEqualTo(
                            rounded.toDebugString(100, 3, 10, 10, true)
                                    .replace("float32", "bfloat16"));
            assertThat(narrow.toString()).contains("bfloat16");
        }
    }

    @Test
    void indexing() {
        NDArray a = f(s(2, 3), 0, 1, 2, 3, 4, 5).toType(BF16, false);
        a.set(new NDIndex("0, :"), f(7, 8, 9.01f));
        a.set(new NDIndex("1, 1"), 0.1f);
        a.setScalar(new NDIndex(1, 2), 6);
        same(a, s(2, 3), 7, 8, 9, 3, bfloat(0.1f), 6);
        a.set(a.gt(6), 1);
        same(a, s(2, 3), 1, 1, 1, 3, bfloat(0.1f), 6);
        assertThat(a.getDataType()).isEqualTo(BF16);
    }

    /** Beside another type the result has the wider of the two, as in PyTorch. */
    @Test
    void mixedTypes() {
        NDArray narrow = f(1, 2).toType(BF16, false);
        NDArray wide = f(0.1, 3);
        NDArray half = f(0.5, 3).toType(DataType.FLOAT16, false);
        NDArray whole = l(5, 6);
        assertThat(narrow.concat(wide).getDataType()).isEqualTo(DataType.FLOAT32);
        same(narrow.stack(wide), s(2, 2), 1, 2, 0.1f, 3);
        assertThat(narrow.add(half).getDataType()).isEqualTo(DataType.FLOAT32);
        assertThat(narrow.mul(whole).getDataType()).isEqualTo(BF16);
        assertThat(narrow.add(0.1).getDataType()).isEqualTo(BF16);
        assertThat(narrow.lt(wide).toBooleanArray()).containsExactly(false, true);
        assertThat(narrow.maximum(wide).getDataType()).isEqualTo(DataType.FLOAT32);
        wide.addi(narrow);
        same(wide, 1.1f, 5);
        narrow.addi(f(0.001, 1));
        same(narrow, 1, 3);
    }

    @Test
    void randomNumbers() {
        for (NDArray a :
                new NDArray[] {
                    m.randomNormal(0, 1, s(4000), BF16),
                    m.truncatedNormal(0, 1, s(4000), BF16),
                    m.randomUniform(-1.7f, 1.7f, s(4000), BF16)
                }) {
            assertThat(a.getDataType()).isEqualTo(BF16);
            NDArray wide = a.toType(DataType.FLOAT32, false);
            assertThat(wide.mean().getFloat()).isBetween(-0.1f, 0.1f);
            assertThat(wide.square().mean().getFloat()).isBetween(0.7f, 1.1f);
        }
        same(m.randomInteger(3, 4, s(2), DataType.INT64).toType(BF16, false), 3, 3);
    }

    @Test
    void initializers() {
        for (Initializer i :
                new Initializer[] {
                    Initializer.ONES,
                    new ConstantInitializer(0.5f),
                    new NormalInitializer(),
                    new UniformInitializer(),
                    new XavierInitializer()
                }) {
            NDArray a = i.initialize(m, s(8, 4), BF16);
            assertThat(a.getDataType()).isEqualTo(BF16);
            assertThat(a.abs().max().getFloat()).isGreaterThan(0);
        }
    }

    @Test
    void encoding() {
        NDArray a = f(s(2, 2), 1, -2.5, Float.NaN, 4).toType(BF16, false);
        a.setName("a");
        NDArray b = NDArray.decode(m, a.encode());
        assertThat(b.getDataType()).isEqualTo(BF16);
        assertThat(b.getName()).isEqualTo("a");
        assertThat(b.toByteArray()).isEqualTo(a.toByteArray());
        NDList list = new NDList(a, f(1, 2));
        for (NDList.Encoding encoding :
                new NDList.Encoding[] {NDList.Encoding.ND_LIST, NDList.Encoding.SAFETENSORS}) {
            NDList decoded = NDList.decode(m, list.encode(encoding));
            assertThat(decoded.head().getDataType()).isEqualTo(BF16);
            assertThat(decoded.head().toByteArray()).isEqualTo(a.toByteArray());
        }
        assertThatThrownBy(() -> list.encode(NDList.Encoding.NPZ))
                .as("NumPy has no BF16")
                .hasMessageContaining("bfloat16");
    }

    @Test
    void parameters() throws Exception {
        Parameter p = Parameter.builder().setName("weight").setType(Parameter.Type.WEIGHT).build();
        p.setShape(new Shape(3, 2));
        p.initialize(m, BF16);
        assertThat(p.getArray().getDataType()).isEqualTo(BF16);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        p.save(new DataOutputStream(bytes));
        Parameter q = Parameter.builder().setName("weight").setType(Parameter.Type.WEIGHT).build();
        q.load(m, new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
        assertThat(q.getArray().getDataType()).isEqualTo(BF16);
        assertThat(q.getArray().toByteArray()).isEqualTo(p.getArray().toByteArray());
    }
}
