package org.ipex4j.engine.ndarray;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Anchors, box decoding and non-maximum suppression of single-shot detectors: Liu et al., "SSD:
 * Single Shot MultiBox Detector", ECCV 2016, with the conventions of MXNet's MultiBox operators.
 */
final class MultiBox {
    /** Scales of the predicted offsets: centre x and y, width and height. */
    private static final float[] VARIANCES = {0.1f, 0.1f, 0.2f, 0.2f};

    private MultiBox() {}

    /**
     * How detections are filtered.
     *
     * @param clip whether boxes are cut to [0, 1]
     * @param threshold least score of a detection
     * @param backgroundId the class that is none
     * @param overlap least intersection over union at which the weaker of two boxes goes
     * @param acrossClasses whether boxes suppress those of other classes
     * @param topK at most so many boxes are looked at, all if not positive
     */
    record Options(
            boolean clip,
            float threshold,
            int backgroundId,
            float overlap,
            boolean acrossClasses,
            int topK) {}

    /**
     * Boxes of all anchors of a height x width map: every size at the first ratio, then the first
     * size at the others.
     */
    static float[] priors(
            int height,
            int width,
            List<Float> sizes,
            List<Float> ratios,
            List<Float> steps,
            List<Float> offsets,
            boolean clip) {
        int extra = Math.max(0, ratios.size() - 1);
        int perCell = sizes.size() + extra;
        float stepY = steps.get(0) > 0 ? steps.get(0) : 1f / height;
        float stepX = steps.get(1) > 0 ? steps.get(1) : 1f / width;
        float[] out = new float[height * width * perCell * 4];
        int at = 0;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                for (int a = 0; a < perCell; a++) {
                    boolean bySize = a < sizes.size();
                    float size = bySize ? sizes.get(a) : sizes.get(0);
                    float ratio =
                            ratios.isEmpty() ? 1 : ratios.get(bySize ? 0 : a - sizes.size() + 1);
                    float root = (float) Math.sqrt(ratio);
                    float halfWidth = size * height / width * root / 2;
                    float halfHeight = size / root / 2;
                    float centreX = (x + offsets.get(1)) * stepX;
                    float centreY = (y + offsets.get(0)) * stepY;
                    out[at++] = cut(centreX - halfWidth, clip);
                    out[at++] = cut(centreY - halfHeight, clip);
                    out[at++] = cut(centreX + halfWidth, clip);
                    out[at++] = cut(centreY + halfHeight, clip);
                }
            }
        }
        return out;
    }

    private static float cut(float v, boolean clip) {
        return clip ? Math.clamp(v, 0f, 1f) : v;
    }

    /**
     * Decodes the boxes of one image, best first, into rows of class, score and box; class -1 where
     * none.
     */
    static void detect(
            float[] probabilities,
            int firstProbability,
            int classes,
            int count,
            float[] offsets,
            int firstOffset,
            float[] anchors,
            Options options,
            float[] out,
            int firstOut) {
        int[] label = new int[count];
        float[] score = new float[count];
        for (int i = 0; i < count; i++) {
            label[i] = -1;
            score[i] = -1;
            for (int c = 0; c < classes; c++) {
                float p = probabilities[firstProbability + c * count + i];
                if (c != options.backgroundId() && p > score[i]) {
                    score[i] = p;
                    label[i] = c < options.backgroundId() ? c : c - 1;
                }
            }
            if (score[i] < options.threshold()) {
                label[i] = -1;
            }
        }
        int[] order =
                IntStream.range(0, count)
                        .filter(i -> label[i] >= 0)
                        .boxed()
                        .sorted(Comparator.comparingDouble(i -> -score[i]))
                        .mapToInt(i -> i)
                        .toArray();
        int kept = options.topK() > 0 ? Math.min(options.topK(), order.length) : order.length;
        for (int row = 0; row < count; row++) {
            int at = firstOut + row * 6;
            if (row >= kept) {
                java.util.Arrays.fill(out, at, at + 6, -1);
                continue;
            }
            int i = order[row];
            out[at] = label[i];
            out[at + 1] = score[i];
            decode(anchors, 4 * i, offsets, firstOffset + 4 * i, options.clip(), out, at + 2);
        }
        for (int a = 0; a < kept; a++) {
            int first = firstOut + a * 6;
            for (int b = a + 1; b < kept && out[first] >= 0; b++) {
                int second = firstOut + b * 6;
                boolean comparable = options.acrossClasses() || out[first] == out[second];
                if (out[second] >= 0
                        && comparable
                        && overlap(out, first + 2, second + 2) >= options.overlap()) {
                    out[second] = -1;
                }
            }
        }
    }

    private static void decode(
            float[] anchors, int a, float[] offsets, int o, boolean clip, float[] out, int at) {
        float width = anchors[a + 2] - anchors[a];
        float height = anchors[a + 3] - anchors[a + 1];
        float x = offsets[o] * VARIANCES[0] * width + (anchors[a] + anchors[a + 2]) / 2;
        float y = offsets[o + 1] * VARIANCES[1] * height + (anchors[a + 1] + anchors[a + 3]) / 2;
        float halfWidth = (float) Math.exp(offsets[o + 2] * VARIANCES[2]) * width / 2;
        float halfHeight = (float) Math.exp(offsets[o + 3] * VARIANCES[3]) * height / 2;
        out[at] = cut(x - halfWidth, clip);
        out[at + 1] = cut(y - halfHeight, clip);
        out[at + 2] = cut(x + halfWidth, clip);
        out[at + 3] = cut(y + halfHeight, clip);
    }

    /** Intersection over union of two boxes. */
    private static float overlap(float[] boxes, int a, int b) {
        float width = Math.min(boxes[a + 2], boxes[b + 2]) - Math.max(boxes[a], boxes[b]);
        float height = Math.min(boxes[a + 3], boxes[b + 3]) - Math.max(boxes[a + 1], boxes[b + 1]);
        float common = Math.max(0, width) * Math.max(0, height);
        float union = area(boxes, a) + area(boxes, b) - common;
        return union <= 0 ? 0 : common / union;
    }

    private static float area(float[] boxes, int a) {
        return (boxes[a + 2] - boxes[a]) * (boxes[a + 3] - boxes[a + 1]);
    }
}
