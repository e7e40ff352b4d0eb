package org.ipex4j.app.jmh;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.norm.LayerNorm;
import java.util.concurrent.TimeUnit;
import org.ipex4j.engine.IpexEngine;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Generated kernels as eager calls on [rows, 1024] FP32: with one row the overhead of a call shows,
 * with 8192 rows (32 MB) the memory's bandwidth. {@code copy} is the measure of the others.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC"})
public class KernelBenchmark {
    @Param({"1", "8192"})
    int rows;

    private NDManager manager;
    private NDArray x;
    private NDArray y;
    private NDArray gamma;
    private NDArray beta;

    @Setup(Level.Trial)
    public void prepare() {
        manager = IpexEngine.instance().newBaseManager();
        x = manager.randomNormal(new Shape(rows, 1024));
        y = manager.randomNormal(new Shape(rows, 1024));
        gamma = manager.ones(new Shape(1024));
        beta = manager.zeros(new Shape(1024));
    }

    @TearDown(Level.Trial)
    public void finish() {
        manager.close();
    }

    @Benchmark
    public void copy() {
        x.duplicate().close();
    }

    @Benchmark
    public void add() {
        x.add(y).close();
    }

    @Benchmark
    public void relu() {
        Activation.relu(x).close();
    }

    @Benchmark
    public void gelu() {
        Activation.gelu(x).close();
    }

    @Benchmark
    public void softmax() {
        x.softmax(-1).close();
    }

    @Benchmark
    public void layerNorm() {
        LayerNorm.layerNorm(x, new Shape(1024), gamma, beta, 1e-5f).singletonOrThrow().close();
    }

    @Benchmark
    public void sumOfColumns() {
        x.sum(new int[] {0}).close();
    }

    @Benchmark
    public void sum() {
        x.sum().close();
    }

    @Benchmark
    public void transpose() {
        try (NDArray view = x.transpose()) {
            view.duplicate().close();
        }
    }
}
