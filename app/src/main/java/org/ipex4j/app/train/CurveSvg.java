package org.ipex4j.app.train;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.ipex4j.app.train.LearningCurve.Point;

/** Draws a learning curve as SVG: loss above, accuracy below, over the same steps. */
final class CurveSvg {
    private static final int WIDTH = 720;
    private static final int HEIGHT = 560;
    private static final int LEFT = 64;
    private static final int RIGHT = 24;
    private static final int PANEL = 200;
    private static final int FIRST = 56;
    private static final int SECOND = 306;
    private static final String TRAINING = "#4878a8";
    private static final String HELD_OUT = "#d1603d";

    private final StringBuilder out = new StringBuilder();
    private final LearningCurve curve;
    private final double lastStep;

    private CurveSvg(LearningCurve curve) {
        this.curve = curve;
        lastStep =
                Math.max(
                        1,
                        java.util.stream.Stream.concat(
                                        curve.training().stream(), curve.heldOut().stream())
                                .mapToInt(Point::step)
                                .max()
                                .orElse(1));
    }

    /**
     * @param title what was trained
     */
    static String draw(LearningCurve curve, String title) {
        return new CurveSvg(curve).draw(title);
    }

    private String draw(String title) {
        add(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\" fill=\"#333\">",
                WIDTH, HEIGHT, WIDTH, HEIGHT);
        add("<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>");
        add("<text x=\"%d\" y=\"24\" font-size=\"15\">%s</text>", LEFT, escape(title));
        legend(WIDTH - RIGHT - 210, TRAINING, "training");
        legend(WIDTH - RIGHT - 100, HELD_OUT, "held out");
        double highest =
                java.util.stream.Stream.concat(curve.training().stream(), curve.heldOut().stream())
                        .mapToDouble(Point::loss)
                        .filter(Double::isFinite)
                        .max()
                        .orElse(1);
        panel(FIRST, "loss", Point::loss, Math.max(highest, 1e-6), "");
        panel(SECOND, "accuracy", p -> 100 * p.accuracy(), 100, " %");
        add(
                "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">step</text>",
                (LEFT + WIDTH - RIGHT) / 2, SECOND + PANEL + 38);
        add("</svg>");
        return out.toString();
    }

    private void legend(int x, String colour, String text) {
        add(
                "<line x1=\"%d\" y1=\"20\" x2=\"%d\" y2=\"20\" stroke=\"%s\" stroke-width=\"2\"/><text x=\"%d\" y=\"24\">%s</text>",
                x, x + 22, colour, x + 28, text);
    }

    private void panel(
            int top, String name, ToDoubleFunction<Point> value, double highest, String unit) {
        double tick = niceStep(highest / 4);
        double most = Math.ceil(highest / tick - 1e-9) * tick;
        for (double v = 0; v <= most + tick / 2; v += tick) {
            double y = y(top, v, most);
            add(
                    "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#ddd\"/><text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s%s</text>",
                    LEFT, y, WIDTH - RIGHT, y, LEFT - 8, y + 4, number(v), unit);
        }
        double stepTick = Math.max(1, niceStep(lastStep / 8));
        for (double s = 0; s <= lastStep; s += stepTick) {
            add(
                    "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"#333\"/><text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>",
                    x(s), top + PANEL, x(s), top + PANEL + 4, x(s), top + PANEL + 18, number(s));
        }
        add(
                "<path d=\"M%d %dV%dH%d\" fill=\"none\" stroke=\"#333\"/>",
                LEFT, top, top + PANEL, WIDTH - RIGHT);
        add("<text x=\"%d\" y=\"%d\" font-weight=\"bold\">%s</text>", LEFT, top - 10, name);
        line(curve.training(), value, top, most, TRAINING, 1.2);
        line(curve.heldOut(), value, top, most, HELD_OUT, 2);
        for (Point p : curve.heldOut()) {
            if (Double.isFinite(value.applyAsDouble(p))) {
                add(
                        "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>",
                        x(p.step()), y(top, value.applyAsDouble(p), most), HELD_OUT);
            }
        }
    }

    private void line(
            List<Point> points,
            ToDoubleFunction<Point> value,
            int top,
            double most,
            String colour,
            double width) {
        StringBuilder path = new StringBuilder();
        boolean down = false;
        for (Point p : points) {
            double v = value.applyAsDouble(p);
            if (Double.isFinite(v)) {
                path.append(
                        String.format(
                                Locale.ROOT,
                                "%s%.1f %.1f",
                                down ? "L" : "M",
                                x(p.step()),
                                y(top, v, most)));
            }
            down = Double.isFinite(v);
        }
        if (!path.isEmpty()) {
            add(
                    "<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"%.1f\" stroke-linejoin=\"round\"/>",
                    path, colour, width);
        }
    }

    private double x(double step) {
        return LEFT + step / lastStep * (WIDTH - LEFT - RIGHT);
    }

    private static double y(int top, double value, double most) {
        return top + PANEL - value / most * PANEL;
    }

    /** 1, 2 or 5 times a power of ten, at least the given number. */
    static double niceStep(double least) {
        double power = Math.pow(10, Math.floor(Math.log10(least)));
        for (double m : new double[] {1, 2, 5}) {
            if (m * power >= least * (1 - 1e-9)) {
                return m * power;
            }
        }
        return 10 * power;
    }

    private static String number(double v) {
        String text = String.format(Locale.ROOT, "%.6f", v);
        return text.replaceAll("0+$", "").replaceAll("\\.$", "");
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    private void add(String format, Object... args) {
        out.append(String.format(Locale.ROOT, format, args)).append('\n');
    }
}
