package org.ipex4j.app.train;

/** Where a run stands; what checkpoints note beside the settings. */
final class Progress {
    /** Steps done. */
    int step;

    final LearningCurve curve;

    Progress(int step, LearningCurve curve) {
        this.step = step;
        this.curve = curve;
    }
}
