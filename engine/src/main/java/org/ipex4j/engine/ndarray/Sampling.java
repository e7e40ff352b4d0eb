package org.ipex4j.engine.ndarray;

import ai.djl.ndarray.types.Shape;
import org.ipex4j.engine.ndarray.RandomSource.RandomStream;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;

/** Random numbers whose parameters are arrays, drawn on the host. */
final class Sampling {
    private Sampling() {}

    /** Draws one number for two parameters. */
    interface Sampler {
        double draw(RandomStream random, double a, double b);
    }

    /**
     * {@code shape} samples for each element of the parameters: result shape is theirs, then {@code
     * shape}.
     */
    static IpexNDArray perElement(
            IpexNDManager manager,
            String method,
            IpexNDArray a,
            IpexNDArray b,
            Shape shape,
            Sampler sampler) {
        if (!a.sizes().equals(b.sizes())) {
            throw new IllegalArgumentException(
                    "NDManager."
                            + method
                            + ": parameters of one shape expected, got "
                            + a.getShape()
                            + " and "
                            + b.getShape());
        }
        double[] as = HostCopy.toDoubles(a.tensor("NDManager." + method));
        double[] bs = HostCopy.toDoubles(b.tensor("NDManager." + method));
        int each = Math.toIntExact(shape.size());
        DType type = a.type().dtype().isFloating() ? a.type().dtype() : DType.FLOAT32;
        Sizes sizes = DataTypes.toSizes(a.getShape().addAll(shape));
        RandomStream random = RandomSource.stream(sizes.numel());
        return manager.filled(
                new TensorType(type, sizes),
                t ->
                        Fill.each(
                                t,
                                i ->
                                        sampler.draw(
                                                random,
                                                as[(int) (i / each)],
                                                bs[(int) (i / each)])));
    }

    static double normal(RandomStream random, double mean, double deviation) {
        return mean + deviation * random.normal();
    }

    /**
     * Marsaglia and Tsang, "A simple method for generating gamma variables", 2000; {@code beta} is
     * the scale.
     */
    static double gamma(RandomStream random, double alpha, double beta) {
        if (!(alpha > 0)) {
            return Double.NaN;
        }
        if (alpha < 1) {
            return gamma(random, alpha + 1, beta) * Math.pow(1 - random.uniform(), 1 / alpha);
        }
        double d = alpha - 1.0 / 3;
        double c = 1 / Math.sqrt(9 * d);
        while (true) {
            double x = random.normal();
            double v = 1 + c * x;
            v = v * v * v;
            if (v > 0
                    && Math.log(1 - random.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) {
                return d * v * beta;
            }
        }
    }

    /**
     * Knuth's product of uniforms for small rates; large ones are split into halves, whose sum is
     * exact.
     */
    static double poisson(RandomStream random, double rate, double unused) {
        if (!(rate >= 0)) {
            return Double.NaN;
        }
        if (rate > 30) {
            // With gamma's order statistic (Ahrens and Dieter): the time of the m-th arrival splits
            // the interval.
            long m = (long) Math.floor(rate * 7 / 8);
            double arrival = gamma(random, m, 1);
            return arrival > rate
                    ? binomial(random, m - 1, rate / arrival)
                    : m + poisson(random, rate - arrival, unused);
        }
        double limit = Math.exp(-rate);
        long count = 0;
        for (double product = 1 - random.uniform();
                product > limit;
                product *= 1 - random.uniform()) {
            count++;
        }
        return count;
    }

    private static double binomial(RandomStream random, long n, double p) {
        long hits = 0;
        for (long i = 0; i < n; i++) {
            if (random.uniform() < p) {
                hits++;
            }
        }
        return hits;
    }

    /**
     * Counts of the categories in {@code n} draws; result shape is {@code shape}, then the
     * categories.
     */
    static IpexNDArray multinomial(IpexNDManager manager, int n, IpexNDArray pValues, Shape shape) {
        if (pValues.sizes().rank() != 1) {
            throw new IllegalArgumentException(
                    "NDManager.randomMultinomial: a vector of probabilities expected, got shape "
                            + pValues.getShape());
        }
        double[] p = HostCopy.toDoubles(pValues.tensor("NDManager.randomMultinomial"));
        int rows = Math.toIntExact(shape.size());
        long[] counts = new long[Math.multiplyExact(rows, p.length)];
        RandomStream random = RandomSource.stream((long) rows * n);
        for (int r = 0; r < rows; r++) {
            for (int draw = 0; draw < n; draw++) {
                double u = random.uniform();
                int category = 0;
                while (category < p.length - 1 && u >= p[category]) {
                    u -= p[category++];
                }
                counts[r * p.length + category]++;
            }
        }
        return manager.create(
                java.nio.LongBuffer.wrap(counts),
                shape.addAll(pValues.getShape()),
                ai.djl.ndarray.types.DataType.INT64);
    }
}
