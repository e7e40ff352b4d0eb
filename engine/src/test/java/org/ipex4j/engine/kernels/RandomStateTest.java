package org.ipex4j.engine.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.ipex4j.compiler.autodiff.Differentiate;
import org.ipex4j.compiler.autodiff.JointGraph;
import org.ipex4j.compiler.pass.ThreadRandomState;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.compiler.samples.SampleTensor;
import org.ipex4j.engine.ndarray.RandomSource;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Value;
import org.junit.jupiter.api.Test;

/** What graphs draw is what the engine's generator draws. */
class RandomStateTest {
    private static final long SEED = 0xFEDCBA9876543210L;

    private static SampleTensor state(long blocks) {
        return CompiledHarness.dense(
                RefTensor.of(TensorType.of(DType.INT64, 2), RandomSource.nextState(blocks)));
    }

    @Test
    void aGraphDrawsWhatTheEngineDraws() {
        GraphBuilder g = new GraphBuilder();
        ThreadRandomState.Threaded t =
                ThreadRandomState.run(
                        g.build(g.call("aten.rand", new long[] {33, 207}, DType.FLOAT32)));
        assertThat(t.blocks()).isEqualTo((33 * 207 + 1) / 2);
        RandomSource.seed(SEED);
        double[] drawn =
                CompiledHarness.run(t.graph(), List.of(state(t.blocks()))).getFirst().toDoubles();
        RandomSource.seed(SEED);
        try (NDManager manager = NDManager.newBaseManager("IPEX");
                NDArray eager = manager.randomUniform(0, 1, new Shape(33, 207), DataType.FLOAT32)) {
            float[] numbers = eager.toFloatArray();
            for (int i = 0; i < drawn.length; i++) {
                assertThat(drawn[i]).as("element %d", i).isEqualTo(numbers[i]);
            }
        }
    }

    @Test
    void dropoutKeepsTheSameElementsForwardAndBackward() {
        GraphBuilder g = new GraphBuilder();
        TensorType type = TensorType.of(DType.FLOAT32, 13, 207);
        Value x = g.input(Input.Role.ARGUMENT, "x", type);
        Value once = g.callAll("aten.native_dropout", x, 0.25, true).getFirst();
        Graph forward = g.build(g.callAll("aten.native_dropout", once, 0.5, true).getFirst());
        ThreadRandomState.Threaded t = ThreadRandomState.run(forward);
        JointGraph joint = Differentiate.joint(t.graph(), List.of(0), List.of(0));
        SampleTensor ones = CompiledHarness.dense(RefTensor.build(type, i -> 1));
        List<RefTensor> out =
                CompiledHarness.run(joint.graph(), List.of(ones, state(t.blocks()), ones));
        // Linear in x, so with ones for input and tangent both are the product of the two masks.
        assertThat(out.get(1)).isEqualTo(out.get(0));
        double kept = 0;
        for (double v : out.get(0).toDoubles()) {
            assertThat(v).isIn(0.0, (double) (float) (1 / 0.75 * 2));
            kept += v == 0 ? 0 : 1;
        }
        // 0.375 of 2691 elements, give or take six standard deviations.
        assertThat(kept / type.numel()).isBetween(0.319, 0.431);
    }

    @Test
    void dropoutOfAGraphIsTheEnginesOwn() {
        GraphBuilder g = new GraphBuilder();
        TensorType type = TensorType.of(DType.FLOAT32, 7, 33);
        Value x = g.input(Input.Role.ARGUMENT, "x", type);
        ThreadRandomState.Threaded t =
                ThreadRandomState.run(
                        g.build(
                                g.callAll("aten.native_dropout", x, (double) 0.3f, true)
                                        .getFirst()));
        RefTensor input = RefTensor.build(type, i -> i + 1);
        RandomSource.seed(SEED);
        RefTensor graph =
                CompiledHarness.run(
                                t.graph(), List.of(CompiledHarness.dense(input), state(t.blocks())))
                        .getFirst();
        RandomSource.seed(SEED);
        try (NDManager manager = NDManager.newBaseManager("IPEX");
                NDArray eager = manager.arange(1, 7 * 33 + 1f).reshape(7, 33);
                NDArray dropped =
                        eager.getNDArrayInternal().dropout(eager, 0.3f, true).singletonOrThrow()) {
            float[] numbers = dropped.toFloatArray();
            for (int i = 0; i < numbers.length; i++) {
                assertThat(graph.real(i)).as("element %d", i).isEqualTo(numbers[i]);
            }
        }
    }

    @Test
    void whatAGraphCannotDrawIsRefusedByName() {
        GraphBuilder g = new GraphBuilder();
        Graph graph = g.build(g.call("aten.randperm", 5L));
        assertThatThrownBy(() -> ThreadRandomState.run(graph))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("aten.randperm: graphs cannot hold");
    }
}
