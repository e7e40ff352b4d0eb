package org.ipex4j.compiler.autodiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.ipex4j.compiler.reference.Interpreter;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Source;
import org.ipex4j.ir.graph.Value;
import org.junit.jupiter.api.Test;

class DifferentiateTest {
    private static final TensorType THREE = TensorType.of(DType.FLOAT32, 3);

    private final GraphBuilder b = new GraphBuilder();

    private Value input(String name, TensorType type) {
        return b.input(Input.Role.ARGUMENT, name, type);
    }

    private static RefTensor of(double... values) {
        return RefTensor.of(TensorType.of(DType.FLOAT32, values.length), values);
    }

    private static double[] gradient(JointGraph joint, int i, RefTensor... inputs) {
        return Interpreter.run(joint.graph(), List.of(inputs))
                .get(joint.forwardOutputs() + i)
                .toDoubles();
    }

    @Test
    void inputsAndOutputsComeInTheOrderOfTheContract() {
        Value x = input("x", THREE);
        Value y = b.input(Input.Role.PARAMETER, "y", THREE);
        Value product = b.call("aten.mul.Tensor", x, y);
        Graph forward = b.build(x, product);
        JointGraph joint = Differentiate.joint(forward, List.of(1), List.of(1, 0));
        assertThat(joint.graph().inputs().stream().map(Input::name))
                .containsExactly("x", "y", "tangent1");
        assertThat(joint.graph().inputs().get(1).role()).isEqualTo(Input.Role.PARAMETER);
        assertThat(joint.forwardInputs()).isEqualTo(2);
        assertThat(joint.forwardOutputs()).isEqualTo(2);
        RefTensor[] at = {of(1, 2, 3), of(4, 5, 6), of(1, 10, 100)};
        assertThat(gradient(joint, 0, at)).containsExactly(1, 20, 300);
        assertThat(gradient(joint, 1, at)).containsExactly(4, 50, 600);
    }

    @Test
    void gradientsThatMeetAreAdded() {
        Value x = input("x", THREE);
        Value square = b.call("aten.mul.Tensor", x, x);
        Graph forward = b.build(b.call("aten.add.Tensor", square, x), x);
        JointGraph joint = Differentiate.joint(forward, List.of(0, 1), List.of(0));
        assertThat(gradient(joint, 0, of(1, 2, 3), of(1, 1, 1), of(10, 10, 10)))
                .containsExactly(13, 15, 17);
    }

    @Test
    void anOutputGivenTwiceTakesBothTangents() {
        Value x = input("x", THREE);
        Value y = b.call("aten.neg", x);
        JointGraph joint = Differentiate.joint(b.build(y, y), List.of(0, 1), List.of(0));
        assertThat(gradient(joint, 0, of(1, 2, 3), of(1, 2, 3), of(10, 20, 30)))
                .containsExactly(-11, -22, -33);
    }

    @Test
    void detachAndWhatDoesNotDependGiveZeros() {
        Value x = input("x", THREE);
        Value y = input("y", TensorType.of(DType.BFLOAT16, 2));
        Value kept = b.call("aten.mul.Tensor", x, b.call("aten.detach", x));
        JointGraph joint = Differentiate.joint(b.build(kept, y), List.of(0), List.of(0, 1));
        RefTensor two = RefTensor.of(TensorType.of(DType.BFLOAT16, 2), 1.0, 2);
        assertThat(gradient(joint, 0, of(1, 2, 3), two, of(1, 1, 1))).containsExactly(1, 2, 3);
        assertThat(gradient(joint, 1, of(1, 2, 3), two, of(1, 1, 1))).containsExactly(0, 0);
        assertThat(joint.graph().outputs().getLast().type())
                .isEqualTo(TensorType.of(DType.BFLOAT16, 2));
    }

    @Test
    void backwardOfWhatNeedsNoGradientIsNotEmitted() {
        Value x = input("x", TensorType.of(DType.FLOAT32, 2, 3));
        Value w = input("w", TensorType.of(DType.FLOAT32, 3, 4));
        Graph forward = b.build(b.call("aten.mm", x, w));
        JointGraph joint = Differentiate.joint(forward, List.of(0), List.of(1));
        assertThat(joint.graph().nodes().stream().filter(n -> n.is("aten.mm"))).hasSize(2);
    }

    @Test
    void integersAndOpsWithoutDerivativeAreRefused() {
        Value i = input("labels", TensorType.of(DType.INT64, 3));
        Value x = input("x", THREE);
        b.at(new Source("net.head", "Head.java:7"));
        Graph forward = b.build(i, b.call("aten.polygamma", 1, x));
        assertThatThrownBy(() -> Differentiate.joint(forward, List.of(1), List.of(0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("input labels is i64[3]");
        assertThatThrownBy(() -> Differentiate.joint(forward, List.of(0), List.of(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("output 0 is i64[3]");
        assertThatThrownBy(() -> Differentiate.joint(forward, List.of(1), List.of(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(
                        "aten.polygamma of f32[3] has no derivative: its derivative is that of the next")
                .hasMessageContaining("net.head");
    }
}
