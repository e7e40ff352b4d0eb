package org.ipex4j.engine.ndarray;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.concurrent.ForkJoinPool;
import org.ipex4j.ir.Philox;
import org.junit.jupiter.api.Test;

class RandomTest extends ArrayTest {
    private void seed(int seed) {
        Engine.getEngine("IPEX").setRandomSeed(seed);
    }

    /** The known answers of the Random123 distribution for Philox 4x32-10. */
    @Test
    void philoxKnownAnswers() {
        Philox zeros = new Philox(0);
        zeros.at(0, 0);
        assertThat(new int[] {zeros.word(0), zeros.word(1), zeros.word(2), zeros.word(3)})
                .containsExactly(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
        Philox ones = new Philox(-1L);
        ones.at(-1L, -1L);
        assertThat(new int[] {ones.word(0), ones.word(1), ones.word(2), ones.word(3)})
                .containsExactly(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
        Philox pi = new Philox(0x299f31d0_a4093822L);
        pi.at(0x85a308d3_243f6a88L, 0x03707344_13198a2eL);
        assertThat(new int[] {pi.word(0), pi.word(1), pi.word(2), pi.word(3)})
                .containsExactly(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1);
    }

    @Test
    void theSeedDecides() throws Exception {
        seed(7);
        assertThat(Engine.getEngine("IPEX").getSeed()).isEqualTo(7);
        float[] normal = m.randomNormal(s(100_001)).toFloatArray();
        float[] uniform = m.randomUniform(0, 1, s(13)).toFloatArray();
        seed(7);
        try (ForkJoinPool one = new ForkJoinPool(1)) {
            assertThat(one.submit(() -> m.randomNormal(s(100_001)).toFloatArray()).get())
                    .containsExactly(normal);
        }
        assertThat(m.randomUniform(0, 1, s(13)).toFloatArray()).containsExactly(uniform);
        assertThat(m.randomUniform(0, 1, s(13)).toFloatArray()).isNotEqualTo(uniform);
        seed(8);
        assertThat(m.randomNormal(s(13)).toFloatArray())
                .isNotEqualTo(java.util.Arrays.copyOf(normal, 13));
    }

    private static double mean(double[] v) {
        return java.util.Arrays.stream(v).average().orElseThrow();
    }

    private static double deviation(double[] v) {
        double mean = mean(v);
        return Math.sqrt(
                java.util.Arrays.stream(v)
                        .map(x -> (x - mean) * (x - mean))
                        .average()
                        .orElseThrow());
    }

    private double[] doubles(NDArray a) {
        return a.toType(DataType.FLOAT64, false).toDoubleArray();
    }

    @Test
    void distributions() {
        seed(1);
        double[] u = doubles(m.randomUniform(2, 4, s(50_000)));
        assertThat(java.util.Arrays.stream(u).allMatch(x -> x >= 2 && x < 4)).isTrue();
        assertThat(mean(u)).isBetween(2.98, 3.02);
        assertThat(deviation(u)).isBetween(0.57, 0.585);
        double[] n = doubles(m.randomNormal(1, 2, s(50_000), DataType.FLOAT64));
        assertThat(mean(n)).isBetween(0.96, 1.04);
        assertThat(deviation(n)).isBetween(1.97, 2.03);
        double[] t = doubles(m.truncatedNormal(1, 2, s(50_000), DataType.FLOAT32));
        assertThat(java.util.Arrays.stream(t).allMatch(x -> Math.abs(x - 1) <= 4.0001)).isTrue();
        assertThat(mean(t)).isBetween(0.96, 1.04);
        assertThat(deviation(t)).isBetween(1.73, 1.79);
        long[] i = m.randomInteger(-3, 5, s(20_000), DataType.INT64).toLongArray();
        assertThat(java.util.Arrays.stream(i).distinct().sorted().toArray())
                .containsExactly(-3, -2, -1, 0, 1, 2, 3, 4);
        assertThat(java.util.Arrays.stream(i).average().orElseThrow()).isBetween(0.42, 0.58);
        double[] brain = doubles(m.randomUniform(0, 1, s(10_000), DataType.BFLOAT16));
        assertThat(java.util.Arrays.stream(brain).allMatch(x -> x >= 0 && x < 1)).isTrue();
    }

    @Test
    void samples() {
        seed(2);
        long[] order = m.randomPermutation(100).toLongArray();
        assertThat(java.util.Arrays.stream(order).sorted().toArray())
                .containsExactly(java.util.stream.LongStream.range(0, 100).toArray());
        assertThat(order).isNotEqualTo(java.util.stream.LongStream.range(0, 100).toArray());
        NDArray counts = m.randomMultinomial(1000, f(0.25, 0.75));
        assertThat(counts.sum().getLong()).isEqualTo(1000);
        assertThat(counts.getLong(1)).isBetween(690L, 810L);
        assertThat(m.randomMultinomial(5, f(0.5, 0.5), s(3)).getShape()).isEqualTo(s(3, 2));
        double[] n = doubles(m.sampleNormal(f(0, 100), f(1, 2), s(5000)));
        assertThat(mean(java.util.Arrays.copyOfRange(n, 5000, 10_000))).isBetween(99.8, 100.2);
        assertThat(mean(doubles(m.samplePoisson(f(4), s(20_000))))).isBetween(3.9, 4.1);
        assertThat(mean(doubles(m.samplePoisson(f(100), s(5000))))).isBetween(99.2, 100.8);
        double[] g = doubles(m.sampleGamma(f(0.5, 3), f(1, 2), s(20_000)));
        assertThat(mean(java.util.Arrays.copyOf(g, 20_000))).isBetween(0.48, 0.52);
        assertThat(mean(java.util.Arrays.copyOfRange(g, 20_000, 40_000))).isBetween(5.85, 6.15);
        assertThatThrownBy(() -> m.randomInteger(3, 3, s(1), DataType.INT32))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
