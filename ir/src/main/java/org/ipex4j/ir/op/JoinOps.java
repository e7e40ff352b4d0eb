package org.ipex4j.ir.op;

import java.util.Arrays;
import java.util.List;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;

/** Ops that put tensors together, repeat, move or pad their elements. */
final class JoinOps {
    private JoinOps() {}

    static void addTo(OpCatalog catalog) {
        move(catalog, "aten::cat(Tensor[] tensors, int dim=0) -> Tensor", JoinOps::cat);
        move(
                catalog,
                "aten::stack(Tensor[] tensors, int dim=0) -> Tensor",
                JoinOps::stack,
                Trait.COMPOSITE);
        move(
                catalog,
                "aten::repeat(Tensor self, int[] repeats) -> Tensor",
                a -> repeat(a.tensor("self"), a.integers("repeats"), false),
                Trait.COMPOSITE);
        move(
                catalog,
                "aten::tile(Tensor self, int[] dims) -> Tensor",
                a -> repeat(a.tensor("self"), a.integers("dims"), true),
                Trait.COMPOSITE);
        move(
                catalog,
                "aten::repeat_interleave.self_int(Tensor self, int repeats, int? dim=None, *, int? output_size=None) -> Tensor",
                JoinOps::repeatInterleave,
                Trait.COMPOSITE);
        move(
                catalog,
                "aten::repeat_interleave.self_Tensor(Tensor self, Tensor repeats, int? dim=None, *, int? output_size=None) -> Tensor",
                Check::dataDependent,
                Trait.DATA_DEPENDENT);
        move(
                catalog,
                "aten::roll(Tensor self, int[1] shifts, int[1] dims=[]) -> Tensor",
                JoinOps::roll,
                Trait.COMPOSITE);
        move(
                catalog,
                "aten::flip(Tensor self, int[] dims) -> Tensor",
                a -> {
                    Check.dims(a.tensor("self").sizes(), a.integers("dims"));
                    return List.of(a.tensor("self"));
                });
        move(
                catalog,
                "aten::rot90(Tensor self, int k=1, int[] dims=[0,1]) -> Tensor",
                JoinOps::rot90,
                Trait.COMPOSITE);
        move(
                catalog,
                "aten::constant_pad_nd(Tensor self, int[] pad, Scalar value=0) -> Tensor",
                a -> constantPad(a.tensor("self"), a.integers("pad")));
        move(
                catalog,
                "aten::pad(Tensor self, int[] pad, str mode=\"constant\", float? value=None) -> Tensor",
                JoinOps::pad,
                Trait.COMPOSITE);
        for (int n = 1; n <= 3; n++) {
            int spatial = n;
            move(
                    catalog,
                    "aten::reflection_pad%dd(Tensor self, int[%e] padding) -> Tensor"
                            .replace("%d", "" + n)
                            .replace("%e", "" + 2 * n),
                    a -> edgePad(a, spatial, true),
                    Trait.COMPOSITE);
            move(
                    catalog,
                    "aten::replication_pad%dd(Tensor self, int[%e] padding) -> Tensor"
                            .replace("%d", "" + n)
                            .replace("%e", "" + 2 * n),
                    a -> edgePad(a, spatial, false),
                    Trait.COMPOSITE);
        }
    }

    /** Declares an op that only moves elements: no floating-point operations. */
    private static void move(OpCatalog catalog, String schema, TypeRule rule, Trait... traits) {
        catalog.add(schema, rule, (a, r) -> 0, traits);
    }

    /**
     * The common type of joined tensors: tensors with dimensions decide, scalars only by category.
     */
    static DType resultType(List<TensorType> tensors) {
        DType dimensioned = null;
        DType scalar = null;
        for (TensorType t : tensors) {
            if (t.rank() == 0) {
                scalar = scalar == null ? t.dtype() : DType.promote(scalar, t.dtype());
            } else {
                dimensioned =
                        dimensioned == null ? t.dtype() : DType.promote(dimensioned, t.dtype());
            }
        }
        if (dimensioned == null || scalar == null) {
            return dimensioned == null ? scalar : dimensioned;
        }
        return scalar.category().compareTo(dimensioned.category()) > 0 ? scalar : dimensioned;
    }

    /** A 1-d tensor without elements, which {@code cat} skips whatever the other sizes are. */
    private static boolean skipped(TensorType t) {
        return t.rank() == 1 && t.numel() == 0;
    }

    private static List<TensorType> cat(Args<TensorType> args) {
        List<TensorType> tensors = args.tensors("tensors");
        Check.that(!tensors.isEmpty(), "expected at least one tensor");
        DType dtype = resultType(tensors);
        TensorType first = null;
        long total = 0;
        int dim = 0;
        for (int i = 0; i < tensors.size(); i++) {
            TensorType t = tensors.get(i);
            Check.that(t.rank() > 0, "tensor %s is a scalar; scalars cannot be concatenated", i);
            if (skipped(t)) {
                continue;
            }
            if (first == null) {
                first = t;
                dim = t.sizes().wrap(args.integer("dim"));
            }
            Check.that(
                    t.rank() == first.rank()
                            && t.sizes().with(dim, 0).equals(first.sizes().with(dim, 0)),
                    "sizes must agree except in dimension %s: tensor %s has %s, the first %s",
                    dim,
                    i,
                    t.sizes(),
                    first.sizes());
            total += t.sizes().get(dim);
        }
        if (first == null) {
            tensors.getFirst().sizes().wrap(args.integer("dim"));
            return Check.one(dtype, Sizes.of(0));
        }
        return Check.one(dtype, first.sizes().with(dim, total));
    }

    private static List<TensorType> stack(Args<TensorType> args) {
        List<TensorType> tensors = args.tensors("tensors");
        Check.that(!tensors.isEmpty(), "expected at least one tensor");
        Sizes first = tensors.getFirst().sizes();
        for (int i = 1; i < tensors.size(); i++) {
            Check.that(
                    tensors.get(i).sizes().equals(first),
                    "all tensors must have equal sizes: tensor %s has %s, the first %s",
                    i,
                    tensors.get(i).sizes(),
                    first);
        }
        long dim = args.integer("dim");
        int rank = first.rank();
        Check.that(
                dim >= -rank - 1 && dim <= rank,
                "dimension out of range: expected %s to %s, got %s",
                -rank - 1,
                rank,
                dim);
        int at = (int) (dim < 0 ? dim + rank + 1 : dim);
        long[] out = new long[rank + 1];
        for (int i = 0; i <= rank; i++) {
            out[i] = i == at ? tensors.size() : first.get(i < at ? i : i - 1);
        }
        return Check.one(resultType(tensors), Sizes.of(out));
    }

    private static List<TensorType> repeat(TensorType self, long[] repeats, boolean padRepeats) {
        Check.atLeast("repeats", repeats, 0);
        int rank = Math.max(self.rank(), repeats.length);
        Check.that(
                padRepeats || repeats.length >= self.rank(),
                "'repeats' %s must have at least as many values as sizes %s has dimensions",
                Arrays.toString(repeats),
                self.sizes());
        long[] out = new long[rank];
        for (int i = 1; i <= rank; i++) {
            long size = i <= self.rank() ? self.sizes().get(-i) : 1;
            long times = i <= repeats.length ? repeats[repeats.length - i] : 1;
            out[rank - i] = Math.multiplyExact(size, times);
        }
        return Check.one(self.dtype(), Sizes.of(out));
    }

    private static List<TensorType> repeatInterleave(Args<TensorType> args) {
        TensorType self = args.tensor("self");
        long repeats = args.integer("repeats");
        Check.that(repeats >= 0, "'repeats' must not be negative, got %s", repeats);
        Sizes flat = args.isNone("dim") ? Sizes.of(self.numel()) : Check.atLeast1d(self.sizes());
        int dim = flat.wrap(args.optionalInteger("dim").orElse(0L));
        long size = Math.multiplyExact(flat.get(dim), repeats);
        args.optionalInteger("output_size")
                .ifPresent(
                        given ->
                                Check.that(
                                        given == size,
                                        "'output_size' is %s, but the result has size %s",
                                        given,
                                        size));
        return Check.one(self.dtype(), flat.with(dim, size));
    }

    private static List<TensorType> roll(Args<TensorType> args) {
        TensorType self = args.tensor("self");
        long[] shifts = args.integers("shifts");
        long[] dims = args.integers("dims");
        Check.that(shifts.length > 0, "'shifts' must not be empty");
        Check.that(
                dims.length == shifts.length || dims.length == 0 && shifts.length == 1,
                "'shifts' %s and 'dims' %s must have one length",
                Arrays.toString(shifts),
                Arrays.toString(dims));
        for (long d : dims) {
            self.sizes().wrap(d);
        }
        return List.of(self);
    }

    private static List<TensorType> rot90(Args<TensorType> args) {
        TensorType self = args.tensor("self");
        long[] dims = args.integers("dims");
        Check.that(
                dims.length == 2, "'dims' must name two dimensions, got %s", Arrays.toString(dims));
        Check.that(
                self.rank() >= 2,
                "'self' must have at least 2 dimensions, has sizes %s",
                self.sizes());
        int[] d = Check.dims(self.sizes(), dims);
        Sizes out = self.sizes();
        if (args.integer("k") % 2 != 0) {
            out = out.with(d[0], self.sizes().get(d[1])).with(d[1], self.sizes().get(d[0]));
        }
        return Check.one(self.dtype(), out);
    }

    private static List<TensorType> constantPad(TensorType self, long[] pad) {
        Check.that(
                pad.length % 2 == 0 && pad.length / 2 <= self.rank(),
                "'pad' must hold a pair for up to %s dimensions, got %s",
                self.rank(),
                Arrays.toString(pad));
        long[] out = self.sizes().toArray();
        for (int i = 0; i < pad.length / 2; i++) {
            int d = out.length - 1 - i;
            out[d] += pad[2 * i] + pad[2 * i + 1];
            Check.that(
                    out[d] >= 0,
                    "padding %s of sizes %s would give size %s",
                    Arrays.toString(pad),
                    self.sizes(),
                    out[d]);
        }
        return Check.one(self.dtype(), Sizes.of(out));
    }

    private static List<TensorType> pad(Args<TensorType> args) {
        TensorType self = args.tensor("self");
        long[] pad = args.integers("pad");
        String mode = args.text("mode");
        if (mode.equals("constant")) {
            return constantPad(self, pad);
        }
        Check.that(args.isNone("value"), "mode '%s' takes no 'value'", mode);
        Check.that(
                mode.equals("reflect") || mode.equals("replicate") || mode.equals("circular"),
                "'mode' must be 'constant', 'reflect', 'replicate' or 'circular', got '%s'",
                mode);
        int spatial = pad.length / 2;
        Check.that(
                pad.length % 2 == 0
                        && spatial >= 1
                        && spatial <= 3
                        && (self.rank() == spatial + 1 || self.rank() == spatial + 2),
                "mode '%s' pads the last 1 to 3 of one or two more dimensions, got sizes %s and 'pad' %s",
                mode,
                self.sizes(),
                Arrays.toString(pad));
        return edge(self, pad, mode);
    }

    private static List<TensorType> edgePad(Args<TensorType> args, int spatial, boolean reflect) {
        TensorType self = args.tensor("self");
        Check.rank("self", self, spatial + 1, spatial + 2);
        long[] pad = Check.spread("padding", args.integers("padding"), 2 * spatial);
        return edge(self, pad, reflect ? "reflect" : "replicate");
    }

    /** Padding whose elements come from the input, which must be large enough for it. */
    private static List<TensorType> edge(TensorType self, long[] pad, String mode) {
        for (int i = 0; i < pad.length; i++) {
            long size = self.sizes().get(self.rank() - 1 - i / 2);
            long most =
                    mode.equals("reflect")
                            ? size - 1
                            : mode.equals("circular") ? size : Long.MAX_VALUE;
            Check.that(size > 0, "'self' must have non-zero spatial sizes, has %s", self.sizes());
            Check.that(
                    pad[i] <= most,
                    "mode '%s' pads at most %s here, got %s for sizes %s",
                    mode,
                    most,
                    Arrays.toString(pad),
                    self.sizes());
        }
        List<TensorType> out = constantPad(self, pad);
        Check.that(
                out.getFirst().numel() > 0 || self.numel() == 0,
                "padding %s of sizes %s leaves nothing",
                Arrays.toString(pad),
                self.sizes());
        return out;
    }
}
