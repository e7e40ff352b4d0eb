package org.ipex4j.app.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.loss.Loss;
import org.ipex4j.engine.IpexEngine;
import org.junit.jupiter.api.Test;

class ScoreTest {
    @Test
    void lossIsDjlsAndAccuracyCounts() {
        try (NDManager manager = IpexEngine.instance().newBaseManager()) {
            NDArray logits = manager.randomNormal(new Shape(13, 7)).mul(4);
            NDArray labels = manager.create(new long[] {0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4, 5});
            Score score = Score.of(logits, labels);
            float expected =
                    Loss.softmaxCrossEntropyLoss()
                            .evaluate(new NDList(labels), new NDList(logits))
                            .getFloat();
            assertThat(score.meanLoss()).isCloseTo(expected, within(1e-5));
            assertThat(score.correct())
                    .isEqualTo(logits.argMax(1).eq(labels).countNonzero().getLong());
            assertThat(score.pictures()).isEqualTo(13);
        }
    }

    @Test
    void largeLogitsDoNotOverflow() {
        Score score = Score.of(new float[] {1000, -1000, -1000, 1000}, new long[] {0, 0});
        assertThat(score.loss()).isEqualTo(2000);
        assertThat(score.correct()).isEqualTo(1);
        assertThat(score.accuracy()).isEqualTo(0.5);
    }

    @Test
    void notANumberShows() {
        assertThat(Score.of(new float[] {Float.NaN, 1}, new long[] {1}).loss()).isNaN();
        assertThat(Score.of(new float[] {1, Float.NaN}, new long[] {0}).loss()).isNaN();
    }

    @Test
    void scoresAdd() {
        Score sum = new Score(1, 2, 4).plus(new Score(3, 1, 2)).plus(Score.NONE);
        assertThat(sum).isEqualTo(new Score(4, 3, 6));
    }
}
