package org.ipex4j.ir.op;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;

/**
 * The stride rule of every view op: from where its input's elements lie, where the results' do. One
 * table serves type inference (of a contiguous input), eager views, aliases in plans and the
 * reference interpreter. Sizes and errors are as in ATen.
 */
public final class ViewRules {
    /** Results of a view op, or null if no strides express them, so that a copy is needed. */
    @FunctionalInterface
    private interface Rule {
        List<Strided> apply(Args<Strided> args);
    }

    private static final Map<String, Rule> TABLE =
            Map.ofEntries(
                    Map.entry("aten.alias", a -> List.of(self(a))),
                    Map.entry("aten.detach", a -> List.of(self(a))),
                    Map.entry("aten.view", a -> view(self(a), a.integers("size"))),
                    Map.entry("aten._unsafe_view", a -> view(self(a), a.integers("size"))),
                    Map.entry("aten.reshape", a -> view(self(a), a.integers("shape"))),
                    Map.entry(
                            "aten.flatten.using_ints",
                            a -> flatten(self(a), a.integer("start_dim"), a.integer("end_dim"))),
                    Map.entry(
                            "aten.unflatten.int",
                            a -> unflatten(self(a), a.integer("dim"), a.integers("sizes"))),
                    Map.entry("aten.permute", a -> List.of(permute(self(a), a.integers("dims")))),
                    Map.entry(
                            "aten.transpose.int",
                            a -> List.of(transpose(self(a), a.integer("dim0"), a.integer("dim1")))),
                    Map.entry(
                            "aten.swapaxes",
                            a ->
                                    List.of(
                                            transpose(
                                                    self(a),
                                                    a.integer("axis0"),
                                                    a.integer("axis1")))),
                    Map.entry("aten.t", a -> List.of(t(self(a)))),
                    Map.entry(
                            "aten.movedim.intlist",
                            a ->
                                    List.of(
                                            movedim(
                                                    self(a),
                                                    a.integers("source"),
                                                    a.integers("destination")))),
                    Map.entry(
                            "aten.movedim.int",
                            a ->
                                    List.of(
                                            movedim(
                                                    self(a),
                                                    new long[] {a.integer("source")},
                                                    new long[] {a.integer("destination")}))),
                    Map.entry("aten.squeeze", a -> List.of(squeezeAll(self(a)))),
                    Map.entry("aten.squeeze.dim", a -> List.of(squeeze(self(a), a.integer("dim")))),
                    Map.entry(
                            "aten.squeeze.dims", a -> List.of(squeeze(self(a), a.integers("dim")))),
                    Map.entry("aten.unsqueeze", a -> List.of(unsqueeze(self(a), a.integer("dim")))),
                    Map.entry("aten.expand", a -> List.of(expand(self(a), a.integers("size")))),
                    Map.entry(
                            "aten.broadcast_to", a -> List.of(expand(self(a), a.integers("size")))),
                    Map.entry("aten.slice.Tensor", a -> List.of(slice(a))),
                    Map.entry(
                            "aten.select.int",
                            a -> List.of(select(self(a), a.integer("dim"), a.integer("index")))),
                    Map.entry(
                            "aten.narrow",
                            a ->
                                    List.of(
                                            narrow(
                                                    self(a),
                                                    a.integer("dim"),
                                                    a.integer("start"),
                                                    a.integer("length")))),
                    Map.entry(
                            "aten.split.Tensor",
                            a -> split(self(a), a.integer("split_size"), a.integer("dim"))),
                    Map.entry(
                            "aten.split_with_sizes",
                            a ->
                                    splitWithSizes(
                                            self(a), a.integers("split_sizes"), a.integer("dim"))),
                    Map.entry(
                            "aten.chunk",
                            a -> chunk(self(a), a.integer("chunks"), a.integer("dim"))),
                    Map.entry("aten.unbind.int", a -> unbind(self(a), a.integer("dim"))),
                    Map.entry(
                            "aten.diagonal",
                            a ->
                                    List.of(
                                            diagonal(
                                                    self(a),
                                                    a.integer("offset"),
                                                    a.integer("dim1"),
                                                    a.integer("dim2")))),
                    Map.entry(
                            "aten.unfold",
                            a ->
                                    List.of(
                                            unfold(
                                                    self(a),
                                                    a.integer("dimension"),
                                                    a.integer("size"),
                                                    a.integer("step")))),
                    Map.entry("aten.as_strided", a -> List.of(asStrided(a))));

    private ViewRules() {}

    /** True for the ops of the table: those with {@link Trait#VIEW}. */
    public static boolean has(Op op) {
        return TABLE.containsKey(op.name());
    }

    /**
     * Where the results of a view op lie, in the storage of its input.
     *
     * @return empty if only a copy of the input (made contiguous) can be viewed so: {@code view}
     *     and its kin on strides that do not allow it
     * @throws IllegalArgumentException if the arguments do not fit the input's sizes, or if {@code
     *     op} is no view
     */
    public static Optional<List<Strided>> apply(Op op, Args<Strided> args) {
        Rule rule = TABLE.get(op.name());
        if (rule == null) {
            throw new IllegalArgumentException(op + " is not a view");
        }
        try {
            return Optional.ofNullable(rule.apply(args));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(op + ": " + e.getMessage(), e);
        }
    }

    /** The type rule of a view op: its stride rule on a contiguous input. */
    static TypeRule typeRule(String name) {
        Rule rule = TABLE.get(name);
        if (rule == null) {
            throw new IllegalStateException("no stride rule for " + name);
        }
        return args -> {
            List<Strided> views = rule.apply(args.map(t -> Strided.contiguous(t.sizes())));
            List<TensorType> out = new ArrayList<>(views.size());
            for (Strided v : views) {
                out.add(new TensorType(args.tensor("self").dtype(), v.sizes()));
            }
            return out;
        };
    }

    private static Strided self(Args<Strided> args) {
        return args.tensor("self");
    }

    private static List<Strided> view(Strided self, long[] wanted) {
        Sizes sizes = inferSize(wanted, self.sizes().numel(), self.sizes());
        long[] strides = viewStrides(self, sizes);
        return strides == null ? null : List.of(new Strided(sizes, strides, self.offset()));
    }

    /** Replaces a -1 by what makes the element counts equal. */
    private static Sizes inferSize(long[] wanted, long numel, Sizes from) {
        int unknown = -1;
        long known = 1;
        for (int i = 0; i < wanted.length; i++) {
            if (wanted[i] == -1) {
                Check.that(unknown < 0, "only one size can be -1, got %s", Arrays.toString(wanted));
                unknown = i;
            } else {
                Check.that(
                        wanted[i] >= 0,
                        "invalid size %s in %s",
                        wanted[i],
                        Arrays.toString(wanted));
                known = Math.multiplyExact(known, wanted[i]);
            }
        }
        long[] out = wanted.clone();
        if (unknown >= 0) {
            Check.that(
                    known != 0 && numel % known == 0,
                    "sizes %s do not fit the %s elements of %s",
                    Arrays.toString(wanted),
                    numel,
                    from);
            out[unknown] = numel / known;
        } else {
            Check.that(
                    known == numel,
                    "sizes %s do not fit the %s elements of %s",
                    Arrays.toString(wanted),
                    numel,
                    from);
        }
        return Sizes.of(out);
    }

    /**
     * Strides of {@code to} over the elements of {@code from}, or null. Dimensions of {@code from}
     * that are contiguous with each other form chunks; each chunk must be cut by whole dimensions
     * of {@code to}.
     */
    private static long[] viewStrides(Strided from, Sizes to) {
        Sizes sizes = from.sizes();
        long[] strides = from.strides();
        if (sizes.numel() == 0 || sizes.rank() == 0) {
            return sizes.equals(to) ? strides : to.contiguousStrides();
        }
        long[] out = new long[to.rank()];
        int next = to.rank() - 1;
        long step = strides[sizes.rank() - 1];
        long chunk = 1;
        long cut = 1;
        for (int d = sizes.rank() - 1; d >= 0; d--) {
            chunk *= sizes.get(d);
            if (d > 0 && (sizes.get(d - 1) == 1 || strides[d - 1] == chunk * step)) {
                continue;
            }
            while (next >= 0 && (cut < chunk || to.get(next) == 1)) {
                out[next] = cut * step;
                cut *= to.get(next);
                next--;
            }
            if (cut != chunk) {
                return null;
            }
            if (d > 0) {
                step = strides[d - 1];
                chunk = 1;
                cut = 1;
            }
        }
        return next < 0 ? out : null;
    }

    private static List<Strided> flatten(Strided self, long start, long end) {
        int from = self.sizes().wrap(start);
        int to = self.sizes().wrap(end);
        Check.that(from <= to, "'start_dim' (%s) must not come after 'end_dim' (%s)", start, end);
        if (self.sizes().rank() == 0) {
            return view(self, new long[] {1});
        }
        if (from == to) {
            return List.of(self);
        }
        long[] sizes = self.sizes().toArray();
        long[] out = new long[sizes.length - (to - from)];
        long product = 1;
        for (int i = from; i <= to; i++) {
            product *= sizes[i];
        }
        System.arraycopy(sizes, 0, out, 0, from);
        out[from] = product;
        System.arraycopy(sizes, to + 1, out, from + 1, sizes.length - to - 1);
        return view(self, out);
    }

    private static List<Strided> unflatten(Strided self, long dim, long[] sizes) {
        Check.that(sizes.length > 0, "'sizes' must not be empty");
        int d = self.sizes().wrap(dim);
        Sizes parts = inferSize(sizes, self.sizes().get(d), Sizes.of(self.sizes().get(d)));
        return view(self, splice(self.sizes().toArray(), d, 1, parts.toArray()));
    }

    /** A copy of {@code values} with {@code count} of them at {@code at} replaced by {@code by}. */
    private static long[] splice(long[] values, int at, int count, long... by) {
        long[] out = new long[values.length - count + by.length];
        System.arraycopy(values, 0, out, 0, at);
        System.arraycopy(by, 0, out, at, by.length);
        System.arraycopy(values, at + count, out, at + by.length, values.length - at - count);
        return out;
    }

    private static Strided permute(Strided self, long[] dims) {
        Check.that(
                dims.length == self.sizes().rank(),
                "'dims' %s must name each dimension of %s once",
                Arrays.toString(dims),
                self.sizes());
        return permute(self, Check.dims(self.sizes(), dims));
    }

    private static Strided permute(Strided self, int[] dims) {
        long[] sizes = new long[dims.length];
        long[] strides = new long[dims.length];
        for (int i = 0; i < dims.length; i++) {
            sizes[i] = self.sizes().get(dims[i]);
            strides[i] = self.strides()[dims[i]];
        }
        return new Strided(Sizes.of(sizes), strides, self.offset());
    }

    private static Strided transpose(Strided self, long dim0, long dim1) {
        int a = self.sizes().wrap(dim0);
        int b = self.sizes().wrap(dim1);
        int[] dims = identity(self.sizes().rank());
        if (dims.length > 0) {
            dims[a] = b;
            dims[b] = a;
        }
        return permute(self, dims);
    }

    private static int[] identity(int rank) {
        int[] dims = new int[rank];
        for (int i = 0; i < rank; i++) {
            dims[i] = i;
        }
        return dims;
    }

    private static Strided t(Strided self) {
        Check.that(
                self.sizes().rank() <= 2,
                "'self' must have at most 2 dimensions, has sizes %s",
                self.sizes());
        return self.sizes().rank() < 2 ? self : transpose(self, 0, 1);
    }

    private static Strided movedim(Strided self, long[] source, long[] destination) {
        Check.that(
                source.length == destination.length,
                "'source' %s and 'destination' %s must have one length",
                Arrays.toString(source),
                Arrays.toString(destination));
        int[] from = Check.dims(self.sizes(), source);
        int[] to = Check.dims(self.sizes(), destination);
        if (self.sizes().rank() == 0) {
            return self;
        }
        int[] order = new int[self.sizes().rank()];
        Arrays.fill(order, -1);
        boolean[] moved = new boolean[order.length];
        for (int i = 0; i < from.length; i++) {
            order[to[i]] = from[i];
            moved[from[i]] = true;
        }
        int next = 0;
        for (int i = 0; i < order.length; i++) {
            if (order[i] < 0) {
                while (moved[next]) {
                    next++;
                }
                order[i] = next++;
            }
        }
        return permute(self, order);
    }

    private static Strided squeezeAll(Strided self) {
        return without(self, d -> self.sizes().get(d) == 1);
    }

    private static Strided squeeze(Strided self, long... dims) {
        int[] wrapped = Check.dims(self.sizes(), dims);
        return without(
                self,
                d -> self.sizes().get(d) == 1 && Arrays.stream(wrapped).anyMatch(w -> w == d));
    }

    private static Strided without(Strided self, java.util.function.IntPredicate drop) {
        int[] kept =
                java.util.stream.IntStream.range(0, self.sizes().rank())
                        .filter(drop.negate())
                        .toArray();
        return permute(self, kept);
    }

    private static Strided unsqueeze(Strided self, long dim) {
        int rank = self.sizes().rank();
        Check.that(
                dim >= -rank - 1 && dim <= rank,
                "dimension out of range: expected %s to %s, got %s for sizes %s",
                -rank - 1,
                rank,
                dim,
                self.sizes());
        int d = (int) (dim < 0 ? dim + rank + 1 : dim);
        long stride = d < rank ? self.sizes().get(d) * self.strides()[d] : 1;
        return new Strided(
                Sizes.of(splice(self.sizes().toArray(), d, 0, 1)),
                splice(self.strides(), d, 0, stride),
                self.offset());
    }

    private static Strided expand(Strided self, long[] wanted) {
        Sizes sizes = self.sizes();
        int added = wanted.length - sizes.rank();
        Check.that(
                added >= 0,
                "%s does not expand to %s: fewer dimensions",
                sizes,
                Arrays.toString(wanted));
        long[] out = new long[wanted.length];
        long[] strides = new long[wanted.length];
        for (int i = wanted.length - 1; i >= 0; i--) {
            int d = i - added;
            long size = d < 0 ? 1 : sizes.get(d);
            out[i] = d >= 0 && wanted[i] == -1 ? size : wanted[i];
            Check.that(
                    out[i] == size || size == 1 && out[i] >= 0,
                    "%s does not expand to %s",
                    sizes,
                    Arrays.toString(wanted));
            if (out[i] == size) {
                // A new dimension of size 1 gets the stride that unsqueeze would give it, or 0 in a
                // scalar, as in
                // ATen.
                strides[i] =
                        d >= 0
                                ? self.strides()[d]
                                : sizes.rank() == 0 ? 0 : out[i + 1] * strides[i + 1];
            }
        }
        return new Strided(Sizes.of(out), strides, self.offset());
    }

    /** Demands that {@code src} expands to the sizes given. */
    static void checkExpands(Strided src, Sizes to) {
        expand(src, to.toArray());
    }

    private static int realDim(Strided self, long dim, String what) {
        Check.that(self.sizes().rank() > 0, "%s needs at least one dimension", what);
        return self.sizes().wrap(dim);
    }

    private static Strided slice(Args<Strided> args) {
        return slice(
                self(args),
                args.integer("dim"),
                args.optionalInteger("start"),
                args.optionalInteger("end"),
                args.integer("step"));
    }

    static Strided slice(
            Strided self, long dim, Optional<Long> first, Optional<Long> last, long step) {
        int d = realDim(self, dim, "slice");
        long size = self.sizes().get(d);
        Check.that(step > 0, "'step' must be positive, got %s", step);
        long start = clamp(first.orElse(0L), size);
        long end = Math.max(start, clamp(last.orElse(size), size));
        return range(self, d, start, (end - start + step - 1) / step, step);
    }

    /** A slice bound, counted from the end if negative, within [0, size]. */
    private static long clamp(long bound, long size) {
        return Math.clamp(bound < 0 ? bound + size : bound, 0, size);
    }

    private static Strided range(Strided self, int d, long start, long length, long step) {
        long[] strides = self.strides().clone();
        long offset = self.offset() + start * strides[d];
        strides[d] *= step;
        return new Strided(self.sizes().with(d, length), strides, offset);
    }

    static Strided select(Strided self, long dim, long index) {
        int d = realDim(self, dim, "select");
        long size = self.sizes().get(d);
        Check.that(
                index >= -size && index < size,
                "index %s is out of range for dimension %s of sizes %s",
                index,
                d,
                self.sizes());
        long at = index < 0 ? index + size : index;
        return new Strided(
                Sizes.of(splice(self.sizes().toArray(), d, 1)),
                splice(self.strides(), d, 1),
                self.offset() + at * self.strides()[d]);
    }

    private static Strided narrow(Strided self, long dim, long start, long length) {
        int d = realDim(self, dim, "narrow");
        long size = self.sizes().get(d);
        Check.that(length >= 0, "'length' must not be negative, got %s", length);
        Check.that(
                start >= -size && start <= size,
                "'start' %s is out of range for dimension %s of sizes %s",
                start,
                d,
                self.sizes());
        long from = start < 0 ? start + size : start;
        Check.that(
                from + length <= size,
                "'start' %s + 'length' %s exceeds dimension %s of sizes %s",
                from,
                length,
                d,
                self.sizes());
        return range(self, d, from, length, 1);
    }

    private static List<Strided> split(Strided self, long splitSize, long dim) {
        int d = realDim(self, dim, "split");
        long size = self.sizes().get(d);
        Check.that(splitSize >= 0, "'split_size' must not be negative, got %s", splitSize);
        Check.that(
                splitSize > 0 || size == 0,
                "'split_size' may be 0 only for a dimension of size 0, got sizes %s",
                self.sizes());
        List<Strided> out = new ArrayList<>();
        long start = 0;
        do {
            long length = Math.min(splitSize, size - start);
            out.add(range(self, d, start, length, 1));
            start += length;
        } while (start < size);
        return out;
    }

    private static List<Strided> splitWithSizes(Strided self, long[] lengths, long dim) {
        int d = realDim(self, dim, "split");
        Check.atLeast("split_sizes", lengths, 0);
        Check.that(
                Arrays.stream(lengths).sum() == self.sizes().get(d),
                "'split_sizes' %s must add up to dimension %s of sizes %s",
                Arrays.toString(lengths),
                d,
                self.sizes());
        List<Strided> out = new ArrayList<>();
        long start = 0;
        for (long length : lengths) {
            out.add(range(self, d, start, length, 1));
            start += length;
        }
        return out;
    }

    private static List<Strided> chunk(Strided self, long chunks, long dim) {
        Check.that(chunks > 0, "'chunks' must be positive, got %s", chunks);
        int d = realDim(self, dim, "chunk");
        long size = self.sizes().get(d);
        // An empty dimension still gives as many chunks as were asked for.
        return size == 0
                ? splitWithSizes(self, new long[Math.toIntExact(chunks)], d)
                : split(self, (size + chunks - 1) / chunks, d);
    }

    private static List<Strided> unbind(Strided self, long dim) {
        int d = realDim(self, dim, "unbind");
        List<Strided> out = new ArrayList<>();
        for (long i = 0; i < self.sizes().get(d); i++) {
            out.add(select(self, d, i));
        }
        return out;
    }

    private static Strided diagonal(Strided self, long offset, long dim1, long dim2) {
        int a = self.sizes().wrap(dim1);
        int b = self.sizes().wrap(dim2);
        Check.that(
                a != b && self.sizes().rank() >= 2,
                "the diagonal needs two distinct dimensions, got %s and %s of sizes %s",
                dim1,
                dim2,
                self.sizes());
        long rows = self.sizes().get(a);
        long columns = self.sizes().get(b);
        long length =
                Math.max(
                        0,
                        offset >= 0
                                ? Math.min(rows, columns - offset)
                                : Math.min(rows + offset, columns));
        long start =
                length == 0
                        ? 0
                        : offset >= 0 ? offset * self.strides()[b] : -offset * self.strides()[a];
        int high = Math.max(a, b);
        int low = Math.min(a, b);
        int rank = self.sizes().rank();
        long[] sizes = splice(splice(self.sizes().toArray(), high, 1), low, 1);
        long[] strides = splice(splice(self.strides(), high, 1), low, 1);
        return new Strided(
                Sizes.of(splice(sizes, rank - 2, 0, length)),
                splice(strides, rank - 2, 0, self.strides()[a] + self.strides()[b]),
                self.offset() + start);
    }

    private static Strided unfold(Strided self, long dimension, long size, long step) {
        int d = self.sizes().wrap(dimension);
        Check.that(size >= 0, "'size' must not be negative, got %s", size);
        Check.that(step > 0, "'step' must be positive, got %s", step);
        int rank = self.sizes().rank();
        long available = rank == 0 ? 1 : self.sizes().get(d);
        Check.that(
                size <= available,
                "'size' %s exceeds dimension %s of sizes %s",
                size,
                d,
                self.sizes());
        if (rank == 0) {
            return new Strided(Sizes.of(size), new long[] {1}, self.offset());
        }
        long[] strides = splice(self.strides(), rank, 0, self.strides()[d]);
        strides[d] *= step;
        long[] sizes = splice(self.sizes().toArray(), rank, 0, size);
        sizes[d] = (available - size) / step + 1;
        return new Strided(Sizes.of(sizes), strides, self.offset());
    }

    private static Strided asStrided(Args<Strided> args) {
        Strided self = self(args);
        long[] sizes = args.integers("size");
        long[] strides = args.integers("stride");
        Check.that(
                sizes.length == strides.length,
                "'size' %s and 'stride' %s must have one length",
                Arrays.toString(sizes),
                Arrays.toString(strides));
        Check.atLeast("stride", strides, 0);
        long offset = args.optionalInteger("storage_offset").orElse(self.offset());
        Check.that(offset >= 0, "'storage_offset' must not be negative, got %s", offset);
        return new Strided(Sizes.of(sizes), strides, offset);
    }
}
