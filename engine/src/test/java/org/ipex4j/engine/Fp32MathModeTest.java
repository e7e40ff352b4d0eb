package org.ipex4j.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.core.Linear;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import org.ipex4j.engine.capture.CompiledBlock;
import org.ipex4j.ir.plan.Target;
import org.ipex4j.runtime.Runtime;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The mode is the process's: each test leaves it as it was. */
class Fp32MathModeTest {
    private NDManager m;

    @BeforeEach
    void open() {
        m = IpexEngine.instance().newBaseManager();
    }

    @AfterEach
    void close() {
        Ipex.fp32MathMode(DataType.FLOAT32);
        m.close();
    }

    private static double distance(NDArray a, NDArray b) {
        return a.sub(b).norm().getFloat() / b.norm().getFloat();
    }

    private NDArray convolve(NDArray x, NDArray w) {
        Shape one = new Shape(1, 1);
        return x.getNDArrayInternal().convolution(x, w, null, one, one, one, 1).head();
    }

    /** Where the processor multiplies BF16, results are those of rounded operands; else exact. */
    private static void check(NDArray relaxed, NDArray exact) {
        assertThat(relaxed.getDataType()).isEqualTo(DataType.FLOAT32);
        Target target = Runtime.instance().target();
        if (target.has("avx512_bf16") || target.has("amx")) {
            assertThat(distance(relaxed, exact)).isBetween(1e-4, 0.01);
        } else {
            assertThat(distance(relaxed, exact)).isLessThan(1e-6);
        }
    }

    @Test
    void eagerCalls() {
        NDArray a = m.randomNormal(new Shape(64, 256));
        NDArray b = m.randomNormal(new Shape(256, 64));
        NDArray x = m.randomNormal(new Shape(2, 32, 20, 20));
        NDArray w = m.randomNormal(new Shape(32, 32, 3, 3));
        NDArray product = a.matMul(b);
        NDArray convolved = convolve(x, w);
        Ipex.fp32MathMode(DataType.BFLOAT16);
        check(a.matMul(b), product);
        check(convolve(x, w), convolved);
        assertThat(a.add(1).sub(a).sub(1).norm().getFloat())
                .as("others stay exact")
                .isLessThan(1e-4f);
        DataType wide = DataType.FLOAT64;
        assertThat(a.toType(wide, false).matMul(b.toType(wide, false)).getDataType())
                .isEqualTo(wide);
        Ipex.fp32MathMode(DataType.FLOAT32);
        assertThat(a.matMul(b)).isEqualTo(product);
    }

    @Test
    void gradients() {
        NDArray x = m.randomNormal(new Shape(8, 64));
        NDArray w = m.randomNormal(new Shape(64, 32));
        w.setRequiresGradient(true);
        NDArray[] gradients = new NDArray[2];
        for (int i = 0; i < 2; i++) {
            Ipex.fp32MathMode(i == 0 ? DataType.FLOAT32 : DataType.BFLOAT16);
            try (GradientCollector collector = IpexEngine.instance().newGradientCollector()) {
                collector.backward(x.matMul(w).square().sum());
            }
            gradients[i] = w.getGradient().duplicate();
        }
        check(gradients[1], gradients[0]);
    }

    @Test
    void compiledBlocksCompileForTheMode() {
        Block net = Linear.builder().setUnits(64).build();
        net.initialize(m, DataType.FLOAT32, new Shape(16, 256));
        CompiledBlock compiled = (CompiledBlock) Ipex.compile(net);
        ParameterStore store = new ParameterStore(m, false);
        NDList x = new NDList(m.randomNormal(new Shape(16, 256)));
        NDArray exact = compiled.forward(store, x, false).head();
        Ipex.fp32MathMode(DataType.BFLOAT16);
        check(compiled.forward(store, x, false).head(), exact);
        Ipex.fp32MathMode(DataType.FLOAT32);
        assertThat(compiled.forward(store, x, false).head()).isEqualTo(exact);
        assertThat(compiled.misses())
                .containsExactly("arithmetic of FP32: expected STRICT, got BFLOAT16");
    }

    @Test
    void strictFloatsStayStrict() {
        Block net = Linear.builder().setUnits(64).build();
        net.initialize(m, DataType.FLOAT32, new Shape(16, 256));
        Block compiled = Ipex.compile(net, CompileOptions.defaults().strictFloats(true));
        ParameterStore store = new ParameterStore(m, false);
        NDList x = new NDList(m.randomNormal(new Shape(16, 256)));
        NDArray exact = compiled.forward(store, x, false).head();
        Ipex.fp32MathMode(DataType.BFLOAT16);
        assertThat(compiled.forward(store, x, false).head()).isEqualTo(exact);
    }

    @Test
    void refusesOtherTypes() {
        assertThatThrownBy(() -> Ipex.fp32MathMode(DataType.FLOAT16))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Ipex.fp32MathMode: BFLOAT16 or FLOAT32 expected, got float16");
    }
}
