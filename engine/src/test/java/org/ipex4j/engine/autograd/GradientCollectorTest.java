package org.ipex4j.engine.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.concurrent.CompletableFuture;
import org.ipex4j.engine.IpexEngine;
import org.ipex4j.runtime.memory.LiveBytes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What DJL's programs expect of a gradient collector. */
class GradientCollectorTest {
    private final IpexEngine engine = IpexEngine.instance();
    private NDManager manager;

    @BeforeEach
    void open() {
        manager = engine.newBaseManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private NDArray variable(float... values) {
        NDArray x = manager.create(values);
        x.setRequiresGradient(true);
        return x;
    }

    private static void gradient(NDArray x, float... expected) {
        try (NDArray g = x.getGradient()) {
            assertThat(g.getShape()).isEqualTo(x.getShape());
            assertThat(g.toFloatArray()).containsExactly(expected);
        }
    }

    @Test
    void gradientOfAProduct() {
        NDArray lhs = manager.create(new float[] {6, -9, -12, 15, 0, 4}, new Shape(2, 3));
        NDArray rhs = manager.create(new float[] {2, 3, -4}, new Shape(3, 1));
        lhs.setRequiresGradient(true);
        try (GradientCollector collector = engine.newGradientCollector()) {
            collector.backward(NDArrays.dot(lhs, rhs));
        }
        gradient(lhs, 2, 3, -4, 2, 3, -4);
        gradient(lhs, 2, 3, -4, 2, 3, -4); // closing the handle did not lose it
    }

    @Test
    void zerosBeforeBackward() {
        NDArray x = variable(1, 2);
        gradient(x, 0, 0);
        assertThat(x.hasGradient()).isTrue();
        NDArray other = manager.ones(new Shape(2));
        assertThat(other.hasGradient()).isFalse();
        assertThatThrownBy(other::getGradient)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("setRequiresGradient");
    }

    @Test
    void addsUpWithinACollectorAndBeginsAnewInTheNext() {
        NDArray x = variable(0);
        for (int i = 0; i < 3; i++) {
            try (GradientCollector collector = engine.newGradientCollector()) {
                gradient(x, 0);
                collector.backward(x.mul(2));
                gradient(x, 2);
                collector.backward(x.mul(3));
            }
            gradient(x, 5);
        }
        try (GradientCollector collector = engine.newGradientCollector()) {
            collector.backward(x.mul(2));
            collector.zeroGradients();
            gradient(x, 0);
            collector.backward(x.mul(7));
        }
        gradient(x, 7);
    }

    @Test
    void aHandleSeesWhatIsAddedLater() {
        NDArray x = variable(1);
        try (GradientCollector collector = engine.newGradientCollector()) {
            collector.backward(x.mul(2));
            NDArray handle = x.getGradient();
            collector.backward(x.mul(3));
            assertThat(handle.toFloatArray()).containsExactly(5);
            handle.muli(2); // clipping writes into it
            gradient(x, 10);
        }
    }

    @Test
    void oneCollectorAtATime() throws Exception {
        try (GradientCollector collector = engine.newGradientCollector()) {
            assertThatThrownBy(engine::newGradientCollector)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("open already");
            CompletableFuture<Void> other =
                    CompletableFuture.runAsync(() -> engine.newGradientCollector().close());
            assertThatThrownBy(other::get).hasCauseInstanceOf(IllegalStateException.class);
            NDArray x = variable(4);
            collector.backward(x.square());
            gradient(x, 8);
        }
        engine.newGradientCollector().close();
    }

    @Test
    void severalTargetsOfOneGraph() {
        NDArray x = variable(2, 3);
        try (IpexGradientCollector collector = engine.newGradientCollector()) {
            NDArray shared = x.square();
            NDArray a = shared.mul(x);
            NDArray b = shared.exp().mul(0);
            collector.backward(new NDList(a, b, shared), null, false);
        }
        gradient(x, 3 * 4 + 4, 3 * 9 + 6);
        try (IpexGradientCollector collector = engine.newGradientCollector()) {
            NDArray shared = x.square();
            collector.backward(shared.add(1), true);
            collector.backward(shared.mul(2));
        }
        gradient(x, 4 + 8, 6 + 12);
    }

    @Test
    void gradientsOfTargetsMayBeGiven() {
        NDArray x = variable(2, 3);
        try (IpexGradientCollector collector = engine.newGradientCollector()) {
            NDArray y = x.square();
            NDArray seed = manager.create(new float[] {10, 100});
            collector.backward(new NDList(y), new NDList(seed), false);
            assertThat(seed.toFloatArray()).containsExactly(10, 100);
            assertThatThrownBy(
                            () ->
                                    collector.backward(
                                            new NDList(y),
                                            new NDList(manager.ones(new Shape(3))),
                                            false))
                    .hasMessageContaining("f32[2]")
                    .hasMessageContaining("f32[3]");
        }
        gradient(x, 40, 600);
    }

    @Test
    void backwardTwiceIsRefusedUnlessRetained() {
        NDArray x = variable(3);
        try (IpexGradientCollector collector = engine.newGradientCollector()) {
            NDArray y = x.square();
            collector.backward(y, true);
            collector.backward(y);
            assertThatThrownBy(() -> collector.backward(y))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("aten.mul.Tensor")
                    .hasMessageContaining("second time");
        }
        gradient(x, 12);
    }

    @Test
    void aTargetThatDependsOnNothingIsRefused() {
        NDArray x = variable(3);
        NDArray before = x.mul(2);
        try (GradientCollector collector = engine.newGradientCollector()) {
            for (NDArray target :
                    new NDArray[] {before, manager.ones(new Shape(2)), x.stopGradient().mul(2)}) {
                assertThatThrownBy(() -> collector.backward(target))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("depends on no array that requires a gradient");
            }
            collector.backward(x);
        }
        gradient(x, 1);
    }

    @Test
    void stoppedAndScaledGradients() {
        NDArray x = variable(3);
        try (GradientCollector collector = engine.newGradientCollector()) {
            collector.backward(x.stopGradient().mul(x));
        }
        gradient(x, 3);
        try (GradientCollector collector = engine.newGradientCollector()) {
            NDArray scaled = x.scaleGradient(0.25);
            assertThat(scaled.toFloatArray()).containsExactly(3);
            collector.backward(scaled.mul(2));
        }
        gradient(x, 0.5f);
    }

    @Test
    void onlyArraysThatRequireOneGetAGradient() {
        NDArray x = variable(2);
        NDArray y = variable(5);
        y.setRequiresGradient(false);
        NDArray middle;
        try (GradientCollector collector = engine.newGradientCollector()) {
            middle = x.mul(y);
            middle.setRequiresGradient(true);
            collector.backward(middle.square());
        }
        gradient(x, 100);
        gradient(middle, 20);
        assertThat(y.hasGradient()).isFalse();
        assertThatThrownBy(() -> manager.create(new int[] {1}).setRequiresGradient(true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("floating");
    }

    @Test
    void aGradientLivesInTheManagerOfItsArray() {
        NDArray handle;
        try (NDManager inner = engine.newBaseManager()) {
            NDArray x = inner.create(2f);
            x.setRequiresGradient(true);
            try (GradientCollector collector = engine.newGradientCollector()) {
                collector.backward(x.mul(3));
            }
            handle = x.getGradient();
            assertThat(handle.getManager()).isSameAs(inner);
        }
        assertThat(handle.isReleased()).isTrue();
    }

    @Test
    void otherThreadsAreNotRecorded() throws Exception {
        NDArray x = variable(2);
        try (GradientCollector collector = engine.newGradientCollector()) {
            NDArray elsewhere = CompletableFuture.supplyAsync(() -> x.mul(2)).get();
            assertThatThrownBy(() -> collector.backward(elsewhere))
                    .hasMessageContaining(Thread.currentThread().getName());
        }
    }

    @Test
    void arraysMayBeClosedBeforeBackward() {
        NDArray x = variable(2);
        try (GradientCollector collector = engine.newGradientCollector()) {
            NDArray result;
            try (NDArray square = x.square();
                    NDArray cube = square.mul(x)) {
                result = cube.exp().log();
            }
            collector.backward(result);
        }
        assertThat(x.getGradient().getFloat())
                .isCloseTo(12, org.assertj.core.data.Offset.offset(1e-4f));
    }

    @Test
    void whatWasSavedIsFreedAsBackwardGoes() {
        int n = 1 << 16;
        NDArray x = manager.ones(new Shape(n));
        x.setRequiresGradient(true);
        long before = LiveBytes.settled();
        try (GradientCollector collector = engine.newGradientCollector()) {
            NDArray y = x.duplicate();
            for (int i = 0; i < 10; i++) {
                try (NDArray previous = y) {
                    y = previous.sin(); // saves its operand, 256 KiB
                }
            }
            assertThat(LiveBytes.now() - before).isGreaterThan(10L * n * 4);
            collector.backward(y);
            y.close();
            // Only the gradient of x is left.
            assertThat(LiveBytes.now() - before).isLessThan(2L * n * 4);
        }
    }

    @Test
    void nothingIsLeftOfACollectorThatDidNotWalk() {
        NDArray x = variable(1, 2, 3);
        LiveBytes.assertSteady(
                () -> {
                    try (GradientCollector collector = engine.newGradientCollector();
                            NDArray y = x.sin();
                            NDArray z = y.exp()) {
                        assertThat(z.size()).isEqualTo(3);
                    }
                });
    }

    @Test
    void opsWithoutADerivativeSaySoInBackward() {
        NDArray x = variable(1, 2);
        try (GradientCollector collector = engine.newGradientCollector()) {
            assertThat(x.gt(1).toBooleanArray()).containsExactly(false, true);
            assertThat(x.argMax().getLong()).isEqualTo(1);
            NDArray rounded = x.floor().add(x);
            collector.backward(rounded);
        }
        gradient(x, 1, 1);
        assertThat(Engine.getEngine("IPEX")).isSameAs(engine);
        assertThat(x.toType(DataType.FLOAT64, false).getDataType()).isEqualTo(DataType.FLOAT64);
    }
}
