package org.ipex4j.app.jmh;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import java.util.concurrent.TimeUnit;
import org.ipex4j.engine.Ipex;
import org.ipex4j.engine.IpexEngine;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What a call costs beside its arithmetic: a small perceptron, compiled and op by op. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC"})
public class CallBenchmark {
    private NDManager manager;
    private ParameterStore store;
    private Block eager;
    private Block compiled;
    private NDArray input;

    @Setup(Level.Trial)
    public void prepare() {
        manager = IpexEngine.instance().newBaseManager();
        store = new ParameterStore(manager, false);
        eager =
                new SequentialBlock()
                        .add(Linear.builder().setUnits(16).build())
                        .add(Activation::relu)
                        .add(Linear.builder().setUnits(4).build());
        eager.initialize(manager, DataType.FLOAT32, new Shape(1, 8));
        compiled = Ipex.compile(eager);
        input = manager.ones(new Shape(1, 8));
    }

    @TearDown(Level.Trial)
    public void finish() {
        manager.close();
    }

    @Benchmark
    public void compiled() {
        compiled.forward(store, new NDList(input), false).close();
    }

    @Benchmark
    public void eager() {
        eager.forward(store, new NDList(input), false).close();
    }

    @Benchmark
    public void add() {
        input.add(input).close();
    }
}
