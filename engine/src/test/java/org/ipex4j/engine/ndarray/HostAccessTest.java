package org.ipex4j.engine.ndarray;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HostAccessTest extends ArrayTest {
    @ParameterizedTest
    @EnumSource(
            names = {
                "FLOAT32",
                "FLOAT64",
                "FLOAT16",
                "BFLOAT16",
                "UINT8",
                "INT8",
                "INT16",
                "INT32",
                "INT64",
                "BOOLEAN"
            })
    void everyTypeIsReadCastAndPrinted(DataType type) {
        NDArray a = f(s(2, 2), 0, 1, 0, 1).toType(type, false);
        assertThat(a.getDataType()).isEqualTo(type);
        assertThat(a.toArray()).hasSize(4);
        assertThat(a.toArray()[1].doubleValue()).isEqualTo(1);
        assertThat(a.toType(DataType.FLOAT32, false).toFloatArray()).containsExactly(0, 1, 0, 1);
        assertThat(a.toByteBuffer().remaining()).isEqualTo(4 * type.getNumOfBytes());
        assertThat(a.toByteBuffer(true).isDirect()).isTrue();
        assertThat(a.toDebugString(true)).contains("(2, 2) cpu() " + type);
        assertThat(m.ones(s(3), type).toArray()[2].doubleValue()).isEqualTo(1);
        assertThat(m.zeros(s(3), type).toArray()[2].doubleValue()).isZero();
        assertThat(m.full(s(2), 1f, type)).isEqualTo(m.ones(s(2), type));
        assertThat(NDArray.decode(m, a.encode())).isEqualTo(a);
        assertThat(a.duplicate()).isEqualTo(a).isNotSameAs(a);
        assertThat(m.create(a.toByteBuffer(), a.getShape(), type)).isEqualTo(a);
        NDArray target = m.zeros(s(2, 2), type);
        a.copyTo(target);
        assertThat(target).isEqualTo(a);
    }

    @Test
    void halfPrecisionReadsAsFloats() {
        NDArray a = f(1.5, -2.25);
        for (DataType type : new DataType[] {DataType.BFLOAT16, DataType.FLOAT16}) {
            NDArray half = a.toType(type, false);
            assertThat(half.toFloatArray()).containsExactly(1.5f, -2.25f);
            assertThat(half.getFloat(1)).isEqualTo(-2.25f);
            assertThat(half.toString()).contains("1.5");
            assertThat(half.add(half).toFloatArray()).containsExactly(3f, -4.5f);
        }
        assertThat(
                        f(1 + 1.0 / 256, 1 + 3.0 / 256, Float.MAX_VALUE, Double.NaN)
                                .toType(DataType.BFLOAT16, false)
                                .toFloatArray())
                .as("rounds to nearest even")
                .containsExactly(1f, 1 + 4f / 256, Float.POSITIVE_INFINITY, Float.NaN);
    }

    @Test
    void stridedArraysReadRowMajor() {
        NDArray t = iota(2, 3).transpose();
        assertThat(t.toFloatArray()).containsExactly(0, 3, 1, 4, 2, 5);
        assertThat(t.toByteBuffer().asFloatBuffer().get(1)).isEqualTo(3);
        assertThat(iota(3, 4).get(":, 1:3").toFloatArray()).containsExactly(1, 2, 5, 6, 9, 10);
        assertThat(f(1, 2).broadcast(2, 2).toFloatArray()).containsExactly(1, 2, 1, 2);
    }

    @Test
    void buffersOfEveryKind() {
        assertThat(m.create(IntBuffer.wrap(new int[] {1, 2}), s(2)).toIntArray())
                .containsExactly(1, 2);
        assertThat(m.create(LongBuffer.wrap(new long[] {1, 2}), s(2)).toLongArray())
                .containsExactly(1, 2);
        assertThat(m.create(DoubleBuffer.wrap(new double[] {1, 2}), s(2)).toDoubleArray())
                .containsExactly(1, 2);
        assertThat(m.create(ByteBuffer.wrap(new byte[] {1, -2}), s(2)).toByteArray())
                .containsExactly(1, -2);
        assertThat(
                        m.create(ByteBuffer.wrap(new byte[] {1, -2}), s(2), DataType.UINT8)
                                .toUint8Array())
                .containsExactly(1, 254);
        assertThat(
                        m.create(ShortBuffer.wrap(new short[] {3, 4}), s(2), DataType.INT16)
                                .toShortArray())
                .containsExactly((short) 3, (short) 4);
        FloatBuffer big = ByteBuffer.allocateDirect(8).order(ByteOrder.BIG_ENDIAN).asFloatBuffer();
        big.put(1.5f).put(2.5f).flip();
        assertThat(m.create(big, s(2)).toFloatArray()).containsExactly(1.5f, 2.5f);
        FloatBuffer part = FloatBuffer.wrap(new float[] {9, 1, 2, 9});
        part.position(1).limit(3);
        assertThat(m.create(part, s(2)).toFloatArray()).containsExactly(1, 2);
        assertThat(m.create(new float[][] {{1, 2}, {3, 4}}).getShape()).isEqualTo(s(2, 2));
        assertThat(m.create(true).getBoolean()).isTrue();
        assertThatThrownBy(() -> m.create(FloatBuffer.wrap(new float[1]), s(2)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> m.create(new String[] {"a"}))
                .isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> m.zeros(s(1), DataType.COMPLEX64))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("complex64");
        assertThatThrownBy(() -> m.zeros(new Shape(-1)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void setReplacesNumbers() {
        NDArray a = m.zeros(s(2, 2));
        a.transpose().set(new float[] {1, 2, 3, 4});
        same(a, s(2, 2), 1, 3, 2, 4);
        assertThatThrownBy(() -> a.set(new float[] {1}))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> a.set(new long[] {1, 2, 3, 4}))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void wrongTypesAreRefused() {
        assertThatThrownBy(() -> f(1).toLongArray()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> l(1).toFloatArray()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> f(1).toDoubleArray()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> f(1).toBooleanArray()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void equality() {
        assertThat(f(1, 2)).isEqualTo(f(1, 2)).hasSameHashCodeAs(f(1, 2));
        assertThat(f(1, 2))
                .isNotEqualTo(f(1, 3))
                .isNotEqualTo(f(s(1, 2), 1, 2))
                .isNotEqualTo(l(1, 2));
        assertThat(f(Double.NaN).contentEquals(f(Double.NaN))).isFalse();
        assertThat(f(2, 2).contentEquals(2)).isTrue();
        assertThat(f(2, 3).contentEquals(2)).isFalse();
        assertThat(f(1).allClose(f(1 + 5e-6))).isTrue();
        assertThat(f(1).allClose(f(1.1))).isFalse();
        assertThat(f(Double.NaN).allClose(f(Double.NaN))).isFalse();
        assertThat(f(Double.NaN).allClose(f(Double.NaN), 0, 0, true)).isTrue();
        assertThat(f(Double.POSITIVE_INFINITY).allClose(f(Double.POSITIVE_INFINITY))).isTrue();
        assertThat(f(1).allClose(f(Double.POSITIVE_INFINITY))).isFalse();
        assertThat(
                        f(1).toType(DataType.BFLOAT16, false)
                                .allClose(f(1).toType(DataType.BFLOAT16, false)))
                .isTrue();
    }

    @Test
    void serialization() {
        NDArray a = iota(2, 3).transpose();
        a.setName("weights");
        NDArray back = NDArray.decode(m, a.encode());
        assertThat(back).isEqualTo(a);
        assertThat(back.getName()).isEqualTo("weights");
        NDList list = NDList.decode(m, new NDList(a, l(1)).encode());
        assertThat(list).hasSize(2);
        NDList npz = NDList.decode(m, new NDList(iota(2)).encode(NDList.Encoding.NPZ));
        same(npz.get(0), 0, 1);
    }

    @Test
    void casts() {
        assertThat(f(1.9, -1.9).toType(DataType.INT32, false).toIntArray()).containsExactly(1, -1);
        assertThat(f(0, 0.5).toType(DataType.BOOLEAN, false).toBooleanArray())
                .containsExactly(false, true);
        NDArray a = f(1);
        assertThat(a.toType(DataType.FLOAT32, false)).isSameAs(a);
        assertThat(a.toType(DataType.FLOAT32, true)).isNotSameAs(a);
        assertThat(a.toDevice(Device.cpu(), false)).isSameAs(a);
        assertThatThrownBy(() -> a.toDevice(Device.gpu(), false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("CPU");
    }

    @Test
    void unsupportedMethodsSayWhy() {
        NDArray a = f(1, 2);
        assertThatThrownBy(() -> a.fft(2))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("complex");
        assertThat(a.hasGradient()).isFalse();
        a.setRequiresGradient(true);
        assertThat(a.hasGradient()).isTrue();
        same(a.stopGradient(), 1, 2);
    }
}
