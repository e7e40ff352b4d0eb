package org.ipex4j.compiler.layout;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.ipex4j.compiler.loop.LoopGroup;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.Input.Role;
import org.ipex4j.ir.graph.Value;
import org.junit.jupiter.api.Test;

/** Which groups may work on blocks of channels. */
class LoopSpaceTest {
    private final GraphBuilder g = new GraphBuilder();
    private final Value x = input(2, 32, 5, 7);

    private Value input(long... sizes) {
        return g.input(Role.ARGUMENT, "x", TensorType.of(DType.FLOAT32, sizes));
    }

    private Value call(String op, Object... args) {
        return g.call(op, args);
    }

    /** All nodes so far as one group. */
    private LoopSpace space(Value... outputs) {
        Graph graph = g.build(outputs);
        Set<Value> inputs = new LinkedHashSet<>();
        graph.nodes().forEach(n -> inputs.addAll(n.operands()));
        graph.nodes().forEach(n -> n.results().forEach(inputs::remove));
        return LoopSpace.of(new LoopGroup(graph.nodes(), List.copyOf(inputs), List.of(outputs)));
    }

    private void mayBeBlocked(Value... outputs) {
        assertThat(space(outputs).allowsBlocks(16)).isTrue();
    }

    private void mayNotBeBlocked(Value... outputs) {
        assertThat(space(outputs).allowsBlocks(16)).isFalse();
    }

    @Test
    void numbersPerChannel() {
        mayBeBlocked(call("aten.mul.Tensor", call("aten.relu", x), input(1, 32, 1, 1)));
    }

    @Test
    void numbersPerImageAndPixel() {
        mayBeBlocked(
                call(
                        "aten.add.Tensor",
                        call("aten.mul.Tensor", x, input(2, 1, 1, 1)),
                        input(5, 7)));
    }

    @Test
    void masks() {
        Value mask = call("aten.gt.Scalar", x, 0.0);
        mayBeBlocked(call("aten.where.self", mask, x, input(2, 32, 5, 7)), mask);
    }

    @Test
    void sumsOverPixels() {
        Value sum = call("aten.sum.dim_IntList", call("aten.relu", x), new long[] {0, 2, 3}, false);
        LoopSpace space = space(sum);
        assertThat(space.allowsBlocks(16)).isTrue();
        assertThat(space.reducesPixels()).isTrue();
        assertThat(space.sizes()).isEqualTo(x.type().sizes());
        assertThat(space.isFull(x)).isTrue();
        assertThat(space.follows(sum)).isFalse();
    }

    @Test
    void viewsOfSmallTensors() {
        Value scale = call("aten.view", input(32), new long[] {1, 32, 1, 1});
        mayBeBlocked(call("aten.mul.Tensor", x, scale));
    }

    @Test
    void oneChannelSlicedOffForAShift() {
        Value first = call("aten.slice.Tensor", input(1, 32, 1, 1), 0L, 0L, 1L, 1L);
        mayBeBlocked(call("aten.sub.Tensor", x, first));
    }

    @Test
    void aSmallTensorSpreadOverTheSpace() {
        Value spread = call("aten.expand", input(2, 32, 1, 1), new long[] {2, 32, 5, 7}, false);
        mayBeBlocked(call("aten.mul.Tensor", x, spread));
    }

    @Test
    void channelsThatMakeNoWholeBlocks() {
        mayNotBeBlocked(call("aten.relu", input(2, 24, 5, 7)));
        // 8 floats make blocks of it.
        GraphBuilder own = new GraphBuilder();
        Value y = own.input(Role.ARGUMENT, "y", TensorType.of(DType.FLOAT32, 2, 24, 5, 7));
        Value relu = own.call("aten.relu", y);
        LoopSpace space =
                LoopSpace.of(new LoopGroup(own.build(relu).nodes(), List.of(y), List.of(relu)));
        assertThat(space.allowsBlocks(8)).isTrue();
    }

    @Test
    void halvesBesideFloats() {
        Value h = call("aten._to_copy", x, DType.BFLOAT16);
        mayBeBlocked(call("aten.mul.Tensor", call("aten.relu", h), input(32, 1, 1)), h);
    }

    @Test
    void otherTypes() {
        mayNotBeBlocked(call("aten._to_copy", x, DType.FLOAT64));
    }

    @Test
    void tensorsThatAreNoImages() {
        mayNotBeBlocked(call("aten.relu", input(64, 32)));
    }

    @Test
    void elementsMetElsewhere() {
        Value turned = call("aten.permute", x, new long[] {0, 1, 3, 2});
        LoopSpace space = space(call("aten.relu", turned));
        assertThat(space.isAligned()).isFalse();
        assertThat(space.allowsBlocks(16)).isFalse();
    }

    @Test
    void anImageThatIsCutOrJoined() {
        Value part = call("aten.slice.Tensor", input(2, 64, 5, 7), 1L, 0L, 32L, 1L);
        mayNotBeBlocked(call("aten.add.Tensor", x, part));
    }

    @Test
    void reductionsThatCareWhereElementsLie() {
        Value index = call("aten.argmax", x, 1L, false);
        assertThat(space(index).isAligned()).isFalse();
    }
}
