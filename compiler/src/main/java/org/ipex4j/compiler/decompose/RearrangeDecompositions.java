package org.ipex4j.compiler.decompose;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;

/** Repeating, rolling, shuffling and scattering of whole slices, by views, cat and gather. */
final class RearrangeDecompositions {
    private RearrangeDecompositions() {}

    static void addAll(Map<String, Decomposition> table) {
        table.put(
                "aten.repeat",
                (a, e) -> List.of(repeat(e, a.tensor("self"), a.integers("repeats"))));
        table.put("aten.tile", RearrangeDecompositions::tile);
        table.put("aten.repeat_interleave.self_int", RearrangeDecompositions::interleave);
        table.put("aten.roll", RearrangeDecompositions::roll);
        table.put("aten.rot90", RearrangeDecompositions::rotate);
        table.put("aten.take", RearrangeDecompositions::take);
        table.put("aten.take_along_dim", RearrangeDecompositions::takeAlong);
        table.put("aten.pixel_shuffle", RearrangeDecompositions::pixelShuffle);
        table.put("aten.pixel_unshuffle", RearrangeDecompositions::pixelUnshuffle);
        table.put("aten.select_scatter", RearrangeDecompositions::selectScatter);
        table.put("aten.slice_scatter", RearrangeDecompositions::sliceScatter);
    }

    /** [s0, s1] as [1, s0, 1, s1], expanded to [r0, s0, r1, s1], copied and merged. */
    private static Value repeat(Emitter e, Value x, long[] repeats) {
        int rank = repeats.length;
        long[] sizes = new long[rank];
        Arrays.fill(sizes, 1);
        System.arraycopy(
                x.type().sizes().toArray(), 0, sizes, rank - x.type().rank(), x.type().rank());
        long[] apart = new long[2 * rank];
        long[] wide = new long[2 * rank];
        long[] merged = new long[rank];
        for (int d = 0; d < rank; d++) {
            apart[2 * d] = 1;
            apart[2 * d + 1] = sizes[d];
            wide[2 * d] = repeats[d];
            wide[2 * d + 1] = sizes[d];
            merged[d] = repeats[d] * sizes[d];
        }
        return copied(e, e.call("aten.expand", e.view(x, apart), wide), merged);
    }

    /** A copy with sizes that the strides of {@code x} need not allow. */
    private static Value copied(Emitter e, Value x, long... sizes) {
        return e.view(e.call("aten.clone", x), sizes);
    }

    private static List<Value> tile(Args<Value> a, Emitter e) {
        Value x = a.tensor("self");
        long[] dims = a.integers("dims");
        long[] repeats = new long[Math.max(dims.length, x.type().rank())];
        Arrays.fill(repeats, 1);
        System.arraycopy(dims, 0, repeats, repeats.length - dims.length, dims.length);
        return List.of(repeat(e, x, repeats));
    }

    private static List<Value> interleave(Args<Value> a, Emitter e) {
        Value x = a.tensor("self");
        if (a.isNone("dim")) {
            x = e.view(x, x.type().numel());
        }
        int dim = x.type().sizes().wrap(a.optionalInteger("dim").orElse(0L));
        if (x.type().rank() == 0) {
            x = e.view(x, 1);
        }
        Value apart = e.unsqueeze(x, dim + 1);
        long[] wide = apart.type().sizes().toArray();
        wide[dim + 1] = a.integer("repeats");
        long[] sizes = x.type().sizes().toArray();
        sizes[dim] *= a.integer("repeats");
        return List.of(copied(e, e.call("aten.expand", apart, wide), sizes));
    }

    private static List<Value> roll(Args<Value> a, Emitter e) {
        Value x = a.tensor("self");
        long[] shifts = a.integers("shifts");
        long[] dims = a.integers("dims");
        if (x.type().numel() == 0) {
            return List.of(x);
        }
        if (dims.length == 0) {
            Value flat = shift(e, e.view(x, x.type().numel()), 0, shifts[0]);
            return List.of(e.view(flat, x.type().sizes().toArray()));
        }
        Value y = x;
        for (int i = 0; i < dims.length && x.type().rank() > 0; i++) {
            y = shift(e, y, x.type().sizes().wrap(dims[i]), shifts[i]);
        }
        return List.of(y);
    }

    private static Value shift(Emitter e, Value x, int dim, long by) {
        long size = x.type().sizes().get(dim);
        long start = Math.floorMod(-by, size);
        if (start == 0) {
            return x;
        }
        return e.call(
                "aten.cat",
                List.of(slice(e, x, dim, start, size), slice(e, x, dim, 0, start)),
                (long) dim);
    }

    private static Value slice(Emitter e, Value x, int dim, long start, long end) {
        return e.call("aten.slice.Tensor", x, (long) dim, start, end, 1L);
    }

    private static List<Value> rotate(Args<Value> a, Emitter e) {
        Value x = a.tensor("self");
        int d0 = x.type().sizes().wrap(a.integers("dims")[0]);
        int d1 = x.type().sizes().wrap(a.integers("dims")[1]);
        return List.of(
                switch ((int) Math.floorMod(a.integer("k"), 4)) {
                    case 1 -> e.transpose(e.call("aten.flip", x, new long[] {d1}), d0, d1);
                    case 2 -> e.call("aten.flip", x, new long[] {d0, d1});
                    case 3 -> e.transpose(e.call("aten.flip", x, new long[] {d0}), d0, d1);
                    default -> e.call("aten.clone", x);
                });
    }

    /** Indexes into the flattened input; negative ones count from the end. */
    private static List<Value> take(Args<Value> a, Emitter e) {
        Value x = a.tensor("self");
        Value index = a.tensor("index");
        Value flat = e.view(x, x.type().numel());
        Value wrapped = wrap(e, e.view(index, index.type().numel()), x.type().numel());
        return List.of(
                e.view(
                        e.call("aten.index_select", flat, 0L, wrapped),
                        index.type().sizes().toArray()));
    }

    private static Value wrap(Emitter e, Value index, long size) {
        return e.call(
                "aten.where.self",
                e.call("aten.lt.Scalar", index, 0L),
                e.call("aten.add.Scalar", index, size),
                index);
    }

    private static List<Value> takeAlong(Args<Value> a, Emitter e) {
        Value x = a.tensor("self");
        Value indices = a.tensor("indices");
        Optional<Long> given = a.optionalInteger("dim");
        if (given.isEmpty()) {
            return List.of(
                    e.call(
                            "aten.gather",
                            e.view(x, x.type().numel()),
                            0L,
                            e.view(indices, indices.type().numel())));
        }
        int dim = x.type().sizes().wrap(given.get());
        long[] wide = x.type().sizes().toArray();
        long[] index = indices.type().sizes().toArray();
        for (int d = 0; d < wide.length; d++) {
            if (d != dim) {
                wide[d] = wide[d] == 1 ? index[d] : wide[d];
                index[d] = wide[d];
            }
        }
        return List.of(
                e.call(
                        "aten.gather",
                        e.call("aten.expand", x, wide),
                        (long) dim,
                        e.call("aten.expand", indices, index)));
    }

    private static List<Value> pixelShuffle(Args<Value> a, Emitter e) {
        Value x = a.tensor("self");
        long r = a.integer("upscale_factor");
        long[] s = x.type().sizes().toArray();
        int lead = s.length - 3;
        long batch = Arrays.stream(s, 0, lead).reduce(1, (p, q) -> p * q);
        Value apart = e.view(x, batch, s[lead] / (r * r), r, r, s[lead + 1], s[lead + 2]);
        Value moved = e.call("aten.permute", apart, new long[] {0, 1, 4, 2, 5, 3});
        long[] out = s.clone();
        out[lead] /= r * r;
        out[lead + 1] *= r;
        out[lead + 2] *= r;
        return List.of(copied(e, moved, out));
    }

    private static List<Value> pixelUnshuffle(Args<Value> a, Emitter e) {
        Value x = a.tensor("self");
        long r = a.integer("downscale_factor");
        long[] s = x.type().sizes().toArray();
        int lead = s.length - 3;
        long batch = Arrays.stream(s, 0, lead).reduce(1, (p, q) -> p * q);
        Value apart = e.view(x, batch, s[lead], s[lead + 1] / r, r, s[lead + 2] / r, r);
        Value moved = e.call("aten.permute", apart, new long[] {0, 1, 3, 5, 2, 4});
        long[] out = s.clone();
        out[lead] *= r * r;
        out[lead + 1] /= r;
        out[lead + 2] /= r;
        return List.of(copied(e, moved, out));
    }

    private static List<Value> selectScatter(Args<Value> a, Emitter e) {
        Value x = a.tensor("self");
        int dim = x.type().sizes().wrap(a.integer("dim"));
        long size = x.type().sizes().get(dim);
        long at = a.integer("index") < 0 ? a.integer("index") + size : a.integer("index");
        return List.of(
                join(
                        e,
                        x,
                        e.cast(e.unsqueeze(a.tensor("src"), dim), x.type().dtype()),
                        dim,
                        at,
                        at + 1));
    }

    private static List<Value> sliceScatter(Args<Value> a, Emitter e) {
        Value x = a.tensor("self");
        int dim = x.type().sizes().wrap(a.integer("dim"));
        long size = x.type().sizes().get(dim);
        long start = clamp(a.optionalInteger("start").orElse(0L), size);
        long end = Math.max(start, clamp(a.optionalInteger("end").orElse(size), size));
        long step = a.integer("step");
        Value src = e.cast(a.tensor("src"), x.type().dtype());
        if (step == 1) {
            return List.of(join(e, x, src, dim, start, end));
        }
        List<Value> parts = new ArrayList<>();
        for (long i = start, k = 0; i < end; i += step, k++) {
            parts.add(slice(e, src, dim, k, k + 1));
            if (Math.min(i + step, end) > i + 1) {
                parts.add(slice(e, x, dim, i + 1, Math.min(i + step, end)));
            }
        }
        Value middle =
                parts.isEmpty()
                        ? slice(e, x, dim, start, end)
                        : parts.size() == 1
                                ? parts.getFirst()
                                : e.call("aten.cat", parts, (long) dim);
        return List.of(join(e, x, middle, dim, start, end));
    }

    private static long clamp(long bound, long size) {
        return Math.clamp(bound < 0 ? bound + size : bound, 0, size);
    }

    private static Value join(Emitter e, Value x, Value middle, int dim, long start, long end) {
        Sizes s = x.type().sizes();
        List<Value> parts = new ArrayList<>();
        if (start > 0) {
            parts.add(slice(e, x, dim, 0, start));
        }
        parts.add(middle);
        if (end < s.get(dim)) {
            parts.add(slice(e, x, dim, end, s.get(dim)));
        }
        return parts.size() == 1 ? parts.getFirst() : e.call("aten.cat", parts, (long) dim);
    }
}
