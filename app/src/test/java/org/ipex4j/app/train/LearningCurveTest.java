package org.ipex4j.app.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

class LearningCurveTest {
    private static LearningCurve curve(int steps) {
        LearningCurve curve = new LearningCurve();
        for (int step = 1; step <= steps; step++) {
            curve.train(step, 3.0 / step, 1 - 1.0 / step);
            if (step % 100 == 0) {
                curve.evaluate(step, 2.0 / step, 0.5);
            }
        }
        return curve;
    }

    @Test
    void shortRunsKeepEveryStep() {
        LearningCurve curve = curve(7);
        assertThat(curve.training()).hasSize(7);
        assertThat(curve.training().getFirst()).isEqualTo(new LearningCurve.Point(1, 3, 0));
        assertThat(curve.recent(2).loss()).isCloseTo((3.0 / 6 + 3.0 / 7) / 2, within(1e-12));
        assertThat(curve.recent(100).step()).isEqualTo(7);
        assertThat(new LearningCurve().recent(3)).isNull();
    }

    @Test
    void longRunsAreThinnedToMeans() {
        LearningCurve curve = curve(5000);
        assertThat(curve.training()).hasSizeBetween(500, 999);
        assertThat(curve.heldOut()).hasSize(50);
        double mean = 0;
        for (int step = 1; step <= 8; step++) {
            mean += 3.0 / step / 8;
        }
        assertThat(curve.training().getFirst().step()).isEqualTo(8);
        assertThat(curve.training().getFirst().loss()).isCloseTo(mean, within(1e-12));
        assertThat(curve.training().getLast().step()).isEqualTo(5000);
    }

    @Test
    void textBringsItBack() {
        LearningCurve curve = curve(230);
        curve.train(231, Double.NaN, 0.25);
        LearningCurve again = LearningCurve.of(curve.toText());
        assertThat(again.toText()).isEqualTo(curve.toText());
        assertThat(again.training()).hasSize(231);
        assertThat(again.heldOut()).hasSize(2);
        assertThatThrownBy(() -> LearningCurve.of("1\nt 3"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not a learning curve");
    }

    private static Document parse(String svg) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void thePictureHoldsBothLinesWithinItsFrame() throws Exception {
        LearningCurve curve = curve(300);
        curve.train(301, Double.NaN, 0.3);
        curve.train(302, 1, 0.3);
        Document svg = parse(CurveSvg.draw(curve, "a <b> & c"));
        assertThat(svg.getElementsByTagName("text").item(0).getTextContent())
                .isEqualTo("a <b> & c");
        assertThat(svg.getElementsByTagName("circle").getLength()).isEqualTo(6);
        NodeList paths = svg.getElementsByTagName("path");
        // Two frames, two lines in each of them.
        assertThat(paths.getLength()).isEqualTo(6);
        String loss = paths.item(1).getAttributes().getNamedItem("d").getTextContent();
        String[] points = loss.split("[ML]");
        assertThat(points).hasSize(1 + 301);
        assertThat(loss.chars().filter(c -> c == 'M').count())
                .as("a loss that is no number is a gap")
                .isEqualTo(2);
        double before = 0;
        for (int i = 1; i < points.length; i++) {
            String[] xy = points[i].split(" ");
            double x = Double.parseDouble(xy[0]);
            double y = Double.parseDouble(xy[1]);
            assertThat(x).isBetween(Math.max(64, before), 696.0);
            assertThat(y).isBetween(56.0, 256.0);
            before = x;
        }
    }

    @Test
    void anEmptyCurveIsAPictureToo() throws Exception {
        assertThat(parse(CurveSvg.draw(new LearningCurve(), "nothing")).getDocumentElement())
                .isNotNull();
    }

    @Test
    void ticksAreRound() {
        assertThat(CurveSvg.niceStep(0.73)).isEqualTo(1);
        assertThat(CurveSvg.niceStep(13)).isEqualTo(20);
        assertThat(CurveSvg.niceStep(0.021)).isCloseTo(0.05, within(1e-12));
        assertThat(CurveSvg.niceStep(100)).isEqualTo(100);
    }
}
