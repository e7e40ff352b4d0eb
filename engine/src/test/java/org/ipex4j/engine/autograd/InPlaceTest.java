package org.ipex4j.engine.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import org.ipex4j.engine.IpexEngine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** In-place ops while a collector records; expected numbers are PyTorch's for the same program. */
class InPlaceTest {
    private final IpexEngine engine = IpexEngine.instance();
    private NDManager manager;
    private NDArray x;

    @BeforeEach
    void open() {
        manager = engine.newBaseManager();
        x = manager.create(new float[] {1, 2, 3, 4, 5, 6}, new Shape(2, 3));
        x.setRequiresGradient(true);
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private void gradient(float... expected) {
        assertThat(x.getGradient().toFloatArray()).containsExactly(expected);
    }

    @Test
    void arithmeticOnAnIntermediate() {
        try (GradientCollector collector = engine.newGradientCollector()) {
            NDArray y = x.mul(2);
            y.addi(x).muli(x); // 3x²
            collector.backward(y);
        }
        gradient(6, 12, 18, 24, 30, 36);
    }

    @Test
    void constantsBecomePartOfTheGraph() {
        try (GradientCollector collector = engine.newGradientCollector()) {
            NDArray y = manager.ones(new Shape(2, 3));
            y.muli(x);
            y.addi(1);
            collector.backward(y.mul(y)); // (x + 1)²
        }
        gradient(4, 6, 8, 10, 12, 14);
    }

    @Test
    void writesIntoPartsOfAConstant() {
        try (GradientCollector collector = engine.newGradientCollector()) {
            NDArray out = manager.zeros(new Shape(3, 2));
            NDArray view = out.get(new NDIndex(":, 1"));
            out.set(new NDIndex(":, 0"), x.get(0).mul(2));
            out.set(new NDIndex("0"), x.get(new NDIndex("1, 0:2")).square());
            view.muli(3);
            collector.backward(out);
        }
        // out = [[x3², 3 x4²], [2 x1, 0], [2 x2, 0]]: the first write to [0, 0] is lost
        gradient(0, 2, 2, 8, 30, 0);
    }

    @Test
    void writesOfConstantsIntoAnIntermediateStopGradients() {
        try (IpexGradientCollector collector = engine.newGradientCollector()) {
            NDArray y = x.mul(5);
            NDArray column = y.get(new NDIndex(":, 2"));
            y.set(new NDIndex("0"), 7);
            y.set(new NDIndex("1, 0:1"), manager.ones(new Shape(1)));
            assertThat(column.toFloatArray()).containsExactly(7, 30);
            collector.backward(new NDList(y, column), null, false);
        }
        gradient(0, 0, 0, 0, 5, 10);
    }

    @Test
    void aViewThatWasWrittenIsPartOfItsArray() {
        try (GradientCollector collector = engine.newGradientCollector()) {
            NDArray y = x.mul(1);
            NDArray row = y.get(1).reshape(3, 1);
            NDArray turned = y.transpose();
            row.muli(row);
            // turned = [[1, 16], [2, 25], [3, 36]] of x
            collector.backward(turned.mul(turned));
        }
        gradient(2, 4, 6, 4 * 64, 4 * 125, 4 * 216);
    }

    @Test
    void aSavedArrayThatChangedIsRefused() {
        try (GradientCollector collector = engine.newGradientCollector()) {
            NDArray y = x.mul(2);
            NDArray z = y.mul(y);
            y.get(0).addi(1);
            assertThatThrownBy(() -> collector.backward(z))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("aten.mul.Tensor")
                    .hasMessageContaining("changed in place");
        }
        try (GradientCollector collector = engine.newGradientCollector()) {
            NDArray y = x.mul(2);
            NDArray z = y.add(y); // needs no numbers
            y.addi(1);
            collector.backward(z);
        }
        gradient(4, 4, 4, 4, 4, 4);
    }

    @Test
    void aLeafIsNotChangedWhileRecording() {
        NDArray viewBefore = x.get(0);
        try (GradientCollector collector = engine.newGradientCollector()) {
            for (NDArray target : new NDArray[] {x, x.get(1), viewBefore, x.reshape(6)}) {
                assertThatThrownBy(() -> target.addi(1))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("aten.add")
                        .hasMessageContaining("requires a gradient");
            }
            assertThatThrownBy(() -> x.set(new float[6]))
                    .hasMessageContaining("requires a gradient");
            assertThatThrownBy(() -> x.set(new NDIndex("0, 0"), 3))
                    .hasMessageContaining("requires a gradient");
            collector.backward(x.mul(3));
        }
        gradient(3, 3, 3, 3, 3, 3);
        x.subi(1); // an optimizer's update
        assertThat(x.toFloatArray()).containsExactly(0, 1, 2, 3, 4, 5);
    }

    @Test
    void pausesAreNotRecorded() {
        try (GradientCollector collector = engine.newGradientCollector()) {
            NDArray y = x.mul(2);
            try (Tape.Pause pause = Tape.pause()) {
                x.addi(1);
                assertThat(Tape.recording()).isNull();
            }
            collector.backward(y);
        }
        gradient(2, 2, 2, 2, 2, 2);
    }

    @Test
    void hostWritesCutTheHistory() {
        try (GradientCollector collector = engine.newGradientCollector()) {
            NDArray y = x.mul(2);
            y.set(new float[] {1, 1, 1, 1, 1, 1});
            collector.backward(y.mul(x));
        }
        gradient(1, 1, 1, 1, 1, 1);
    }

    @Test
    void replacedNumbersBringTheirHistory() {
        try (GradientCollector collector = engine.newGradientCollector()) {
            NDArray y = manager.zeros(new Shape(2, 3));
            y.intern(x.square());
            collector.backward(y);
        }
        gradient(2, 4, 6, 8, 10, 12);
    }
}
