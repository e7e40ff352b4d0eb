package org.ipex4j.engine.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.ipex4j.compiler.CompileOptions;
import org.ipex4j.compiler.Compiler;
import org.ipex4j.compiler.autodiff.Differentiate;
import org.ipex4j.compiler.reference.Interpreter;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.compiler.samples.Closeness;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.Input.Role;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.plan.Step;
import org.ipex4j.runtime.Runtime;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Forward and backward of layers on 16-bit activations with f32 parameters and statistics. */
class HalfTrainingTest {
    private final GraphBuilder g = new GraphBuilder();
    private final List<RefTensor> inputs = new ArrayList<>();
    private final List<Integer> trained = new ArrayList<>();
    private final Random random = new Random(11);

    private Value input(DType type, boolean differentiated, long... sizes) {
        if (differentiated) {
            trained.add(inputs.size());
        }
        TensorType t = TensorType.of(type, sizes);
        inputs.add(RefTensor.build(t, i -> 1 + random.nextGaussian()));
        return g.input(Role.ARGUMENT, "x" + inputs.size(), t);
    }

    /** The steps of forward and backward of the first output, whose results are checked. */
    private List<Step> steps(double slack, Value... outputs) {
        Graph forward = g.build(outputs);
        Graph joint = Differentiate.joint(forward, List.of(0), trained).graph();
        TensorType tangent = outputs[0].type();
        inputs.add(RefTensor.build(tangent, i -> random.nextGaussian()));
        List<RefTensor> expected = Interpreter.run(joint, inputs);
        List<RefTensor> actual =
                CompiledHarness.run(joint, inputs.stream().map(CompiledHarness::dense).toList());
        for (int i = 0; i < expected.size(); i++) {
            Closeness.check("result " + i, expected.get(i), actual.get(i), slack);
        }
        Runtime runtime = Runtime.instance();
        return new Compiler(runtime.target(), runtime.oracle())
                .verifying()
                .compile(joint, CompileOptions.DEFAULT)
                .main()
                .steps();
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"BFLOAT16", "FLOAT32"})
    void batchNormWithResidualAndReluIsAKernelForwardAndOneBackward(DType type) {
        Value x = input(type, true, 3, 16, 7, 5);
        Value skip = input(type, true, 3, 16, 7, 5);
        List<Value> norm =
                g.callAll(
                        "aten._native_batch_norm_legit_functional",
                        x,
                        input(DType.FLOAT32, true, 16),
                        input(DType.FLOAT32, true, 16),
                        input(DType.FLOAT32, false, 16),
                        input(DType.FLOAT32, false, 16),
                        true,
                        0.1,
                        1e-5);
        Value y = g.call("aten.relu", g.call("aten.add.Tensor", norm.getFirst(), skip));
        assertThat(y.type().dtype()).isEqualTo(type);
        List<Step> steps = steps(30, y, norm.get(3), norm.get(4));
        assertThat(steps).hasSize(2).allMatch(s -> s instanceof Step.Kernel);
    }
}
