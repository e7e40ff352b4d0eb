package org.ipex4j.app.train;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** What is shown while it trains: a bar on a terminal, a line now and then elsewhere. */
final class Display implements AutoCloseable {
    private static final int LINES = 20;
    private static final int RECENT = 10;

    private final PrintWriter out;
    private final int steps;
    private final int lineEvery;
    private final ProgressBar bar;
    private double recentSeconds;
    private long recentPictures;
    private Memory memory;

    /**
     * @param from steps that were done before
     */
    Display(PrintWriter out, int from, int steps, boolean terminal) throws IOException {
        this.out = out;
        this.steps = steps;
        lineEvery = Math.max(1, steps / LINES);
        memory = Memory.now();
        bar =
                terminal
                        ? new ProgressBarBuilder()
                                .setTaskName("train")
                                .setInitialMax(steps)
                                .startsFrom(from, Duration.ZERO)
                                .setStyle(ProgressBarStyle.ASCII)
                                .build()
                        : null;
    }

    static boolean onTerminal() {
        return System.console() != null && System.console().isTerminal();
    }

    /**
     * @param recent loss and accuracy of the last steps
     */
    void stepped(int step, LearningCurve.Point recent, long pictures, double seconds)
            throws IOException {
        recentSeconds += seconds;
        recentPictures += pictures;
        boolean line = step % lineEvery == 0 || step == steps;
        if (bar == null && !line) {
            return;
        }
        if (line) {
            memory = Memory.now();
        }
        String state =
                String.format(
                        Locale.ROOT,
                        "loss %.3f  accuracy %.1f %%  %.1f images/s  memory %s",
                        recent.loss(),
                        100 * recent.accuracy(),
                        recentPictures / recentSeconds,
                        memory);
        if (line) {
            recentSeconds = 0;
            recentPictures = 0;
        }
        if (bar == null) {
            out.printf(Locale.ROOT, "step %d/%d  %s%n", step, steps, state);
            out.flush();
        } else {
            bar.setExtraMessage(" " + state);
            bar.stepTo(step);
        }
    }

    /** Steps whose mean is shown. */
    static int recent() {
        return RECENT;
    }

    /** A line of its own. */
    void say(String format, Object... args) {
        if (bar != null) {
            // Over the bar, which draws itself again below.
            bar.pause();
            out.print("\r\033[2K");
        }
        out.printf(Locale.ROOT, format + "%n", args);
        out.flush();
        if (bar != null) {
            bar.resume();
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
