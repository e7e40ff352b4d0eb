package org.ipex4j.app.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Loss and accuracy by step, of training and of held-out pictures. Long runs are thinned: each
 * point is then the mean of so many steps that at most {@link #MOST} remain.
 */
final class LearningCurve {
    private static final int MOST = 1000;

    /**
     * @param step the last that it counts
     * @param accuracy 0 … 1
     */
    record Point(int step, double loss, double accuracy) {}

    private final List<Point> training = new ArrayList<>();
    private final List<Point> heldOut = new ArrayList<>();
    private int stepsPerPoint = 1;
    private int collected;
    private double lossSum;
    private double accuracySum;

    void train(int step, double loss, double accuracy) {
        lossSum += loss;
        accuracySum += accuracy;
        if (++collected == stepsPerPoint) {
            training.add(new Point(step, lossSum / collected, accuracySum / collected));
            collected = 0;
            lossSum = 0;
            accuracySum = 0;
        }
        if (training.size() == MOST) {
            thin();
        }
    }

    private void thin() {
        List<Point> halved = new ArrayList<>();
        for (int i = 0; i + 1 < training.size(); i += 2) {
            Point a = training.get(i);
            Point b = training.get(i + 1);
            halved.add(new Point(b.step, (a.loss + b.loss) / 2, (a.accuracy + b.accuracy) / 2));
        }
        training.clear();
        training.addAll(halved);
        stepsPerPoint *= 2;
    }

    void evaluate(int step, double loss, double accuracy) {
        heldOut.add(new Point(step, loss, accuracy));
    }

    List<Point> training() {
        return List.copyOf(training);
    }

    List<Point> heldOut() {
        return List.copyOf(heldOut);
    }

    /** The mean of the last points of training, or null before the first. */
    Point recent(int points) {
        if (training.isEmpty()) {
            return null;
        }
        List<Point> last = training.subList(Math.max(0, training.size() - points), training.size());
        return new Point(
                last.getLast().step,
                last.stream().mapToDouble(Point::loss).average().orElseThrow(),
                last.stream().mapToDouble(Point::accuracy).average().orElseThrow());
    }

    /** As text, for a checkpoint. */
    String toText() {
        StringBuilder out = new StringBuilder();
        out.append(stepsPerPoint).append('\n');
        training.forEach(p -> line(out, 't', p));
        heldOut.forEach(p -> line(out, 'h', p));
        return out.toString();
    }

    private static void line(StringBuilder out, char kind, Point p) {
        out.append(
                String.format(Locale.ROOT, "%c %d %.6g %.6g%n", kind, p.step, p.loss, p.accuracy));
    }

    /**
     * What {@link #toText} wrote.
     *
     * @throws IllegalArgumentException if it is something else
     */
    static LearningCurve of(String text) {
        LearningCurve curve = new LearningCurve();
        try {
            List<String> lines = text.lines().toList();
            curve.stepsPerPoint = Integer.parseInt(lines.getFirst());
            for (String line : lines.subList(1, lines.size())) {
                String[] parts = line.split(" ");
                Point p =
                        new Point(
                                Integer.parseInt(parts[1]),
                                Double.parseDouble(parts[2]),
                                Double.parseDouble(parts[3]));
                (parts[0].equals("t") ? curve.training : curve.heldOut).add(p);
            }
            return curve;
        } catch (RuntimeException e) {
            throw new IllegalArgumentException("not a learning curve: " + text, e);
        }
    }
}
