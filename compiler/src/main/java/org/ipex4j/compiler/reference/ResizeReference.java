package org.ipex4j.compiler.reference;

import java.util.List;
import java.util.Optional;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.Args;

/** Image resizing. */
final class ResizeReference {
    private ResizeReference() {}

    static void addTo(ReferenceTable t) {
        t.add("aten.upsample_nearest2d", ResizeReference::nearest);
        t.add("aten.upsample_bilinear2d", ResizeReference::bilinear);
        t.add(
                "aten.pixel_shuffle",
                (a, types) -> {
                    RefTensor self = a.tensor("self");
                    int r = (int) a.integer("upscale_factor");
                    return List.of(shuffled(self, types.getFirst().sizes(), r, true));
                });
        t.add(
                "aten.pixel_unshuffle",
                (a, types) -> {
                    RefTensor self = a.tensor("self");
                    int r = (int) a.integer("downscale_factor");
                    return List.of(shuffled(self, types.getFirst().sizes(), r, false));
                });
    }

    /**
     * ATen computes the ratio in float32, which decides where a position falls exactly between two
     * pixels.
     */
    private static int[] nearestSource(int in, int out, Optional<Double> scale) {
        float ratio = scale.filter(s -> s > 0).map(s -> (float) (1.0 / s)).orElse((float) in / out);
        int[] source = new int[out];
        for (int i = 0; i < out; i++) {
            source[i] = Math.min((int) Math.floor(i * ratio), in - 1);
        }
        return source;
    }

    private static List<RefTensor> nearest(Args<RefTensor> args, List<TensorType> types) {
        RefTensor self = args.tensor("self");
        Sizes out = types.getFirst().sizes();
        int h = (int) self.sizes().get(2);
        int w = (int) self.sizes().get(3);
        int oh = (int) out.get(2);
        int ow = (int) out.get(3);
        int[] rows = nearestSource(h, oh, args.optionalReal("scales_h"));
        int[] columns = nearestSource(w, ow, args.optionalReal("scales_w"));
        return List.of(
                self.gather(out, i -> (i / ow / oh * h + rows[i / ow % oh]) * w + columns[i % ow]));
    }

    /** Source positions between pixels, not below 0. */
    private static double[] linearSource(
            int in, int out, boolean alignCorners, Optional<Double> scale) {
        double ratio =
                alignCorners
                        ? out > 1 ? (double) (in - 1) / (out - 1) : 0
                        : scale.filter(s -> s > 0).map(s -> 1 / s).orElse((double) in / out);
        double[] source = new double[out];
        for (int i = 0; i < out; i++) {
            source[i] = alignCorners ? ratio * i : Math.max(0, ratio * (i + 0.5) - 0.5);
        }
        return source;
    }

    private static List<RefTensor> bilinear(Args<RefTensor> args, List<TensorType> types) {
        RefTensor self = args.tensor("self");
        TensorType type = types.getFirst();
        int h = (int) self.sizes().get(2);
        int w = (int) self.sizes().get(3);
        int oh = (int) type.sizes().get(2);
        int ow = (int) type.sizes().get(3);
        boolean align = args.bool("align_corners");
        double[] rows = linearSource(h, oh, align, args.optionalReal("scales_h"));
        double[] columns = linearSource(w, ow, align, args.optionalReal("scales_w"));
        return List.of(
                RefTensor.build(
                        type,
                        i -> {
                            int plane = i / ow / oh * h * w;
                            double y = rows[i / ow % oh];
                            double x = columns[i % ow];
                            int y0 = Math.min((int) y, h - 1);
                            int x0 = Math.min((int) x, w - 1);
                            int y1 = Math.min(y0 + 1, h - 1);
                            int x1 = Math.min(x0 + 1, w - 1);
                            double fy = Math.clamp(y - y0, 0, 1);
                            double fx = Math.clamp(x - x0, 0, 1);
                            return (1 - fy)
                                            * ((1 - fx) * self.real(plane + y0 * w + x0)
                                                    + fx * self.real(plane + y0 * w + x1))
                                    + fy
                                            * ((1 - fx) * self.real(plane + y1 * w + x0)
                                                    + fx * self.real(plane + y1 * w + x1));
                        }));
    }

    /** Moves r * r channels into (or out of) blocks of r x r pixels. */
    private static RefTensor shuffled(RefTensor self, Sizes out, int r, boolean up) {
        int oc = (int) out.get(-3);
        int oh = (int) out.get(-2);
        int ow = (int) out.get(-1);
        int c = (int) self.sizes().get(-3);
        int h = (int) self.sizes().get(-2);
        int w = (int) self.sizes().get(-1);
        return self.gather(
                out,
                i -> {
                    int x = i % ow;
                    int y = i / ow % oh;
                    int channel = i / ow / oh % oc;
                    int image = i / ow / oh / oc;
                    int source =
                            up
                                    ? ((channel * r * r + y % r * r + x % r) * h + y / r) * w
                                            + x / r
                                    : (channel / (r * r) * h + y * r + channel / r % r) * w
                                            + x * r
                                            + channel % r;
                    return image * c * h * w + source;
                });
    }
}
