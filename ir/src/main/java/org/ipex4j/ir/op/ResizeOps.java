package org.ipex4j.ir.op;

import java.util.List;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;

/** Image resizing. */
final class ResizeOps {
    private ResizeOps() {}

    static void addTo(OpCatalog catalog) {
        catalog.add(
                "aten::upsample_nearest2d(Tensor self, int[2] output_size, float? scales_h=None, float? scales_w=None) -> Tensor",
                ResizeOps::upsample,
                (a, r) -> 0);
        catalog.add(
                "aten::upsample_bilinear2d(Tensor self, int[2] output_size, bool align_corners, float? scales_h=None, float? scales_w=None) -> Tensor",
                a -> {
                    Check.that(
                            a.tensor("self").dtype().isFloating()
                                    || a.tensor("self").dtype() == org.ipex4j.ir.DType.UINT8,
                            "'self' must be of a floating-point type or uint8, is %s",
                            a.tensor("self").dtype());
                    return upsample(a);
                },
                (a, r) -> 8.0 * r.getFirst().numel());
        catalog.add(
                "aten::pixel_shuffle(Tensor self, int upscale_factor) -> Tensor",
                ResizeOps::pixelShuffle,
                (a, r) -> 0,
                Trait.COMPOSITE);
        catalog.add(
                "aten::pixel_unshuffle(Tensor self, int downscale_factor) -> Tensor",
                ResizeOps::pixelUnshuffle,
                (a, r) -> 0,
                Trait.COMPOSITE);
    }

    private static List<TensorType> upsample(Args<TensorType> args) {
        TensorType self = args.tensor("self");
        Check.rank("self", self, 4);
        long[] size =
                Check.atLeast(
                        "output_size",
                        Check.spread("output_size", args.integers("output_size"), 2),
                        1);
        Check.that(
                self.sizes().get(1) > 0 && self.sizes().get(2) > 0 && self.sizes().get(3) > 0,
                "'self' must have non-zero channels and spatial sizes, has %s",
                self.sizes());
        return Check.one(self.dtype(), self.sizes().with(2, size[0]).with(3, size[1]));
    }

    private static List<TensorType> pixelShuffle(Args<TensorType> args) {
        TensorType self = args.tensor("self");
        long factor = args.integer("upscale_factor");
        Check.that(
                self.rank() >= 3,
                "'self' must have at least 3 dimensions, has sizes %s",
                self.sizes());
        Check.that(factor > 0, "'upscale_factor' must be positive, got %s", factor);
        Sizes s = self.sizes();
        Check.that(
                s.get(-3) % (factor * factor) == 0,
                "channels (%s) must be divisible by upscale_factor squared (%s)",
                s.get(-3),
                factor * factor);
        return Check.one(
                self.dtype(),
                s.with(-3, s.get(-3) / (factor * factor))
                        .with(-2, s.get(-2) * factor)
                        .with(-1, s.get(-1) * factor));
    }

    private static List<TensorType> pixelUnshuffle(Args<TensorType> args) {
        TensorType self = args.tensor("self");
        long factor = args.integer("downscale_factor");
        Check.that(
                self.rank() >= 3,
                "'self' must have at least 3 dimensions, has sizes %s",
                self.sizes());
        Check.that(factor > 0, "'downscale_factor' must be positive, got %s", factor);
        Sizes s = self.sizes();
        Check.that(
                s.get(-2) % factor == 0 && s.get(-1) % factor == 0,
                "height and width of %s must be divisible by downscale_factor (%s)",
                s,
                factor);
        return Check.one(
                self.dtype(),
                s.with(-3, s.get(-3) * factor * factor)
                        .with(-2, s.get(-2) / factor)
                        .with(-1, s.get(-1) / factor));
    }
}
