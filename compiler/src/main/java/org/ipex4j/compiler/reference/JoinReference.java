package org.ipex4j.compiler.reference;

import java.util.ArrayList;
import java.util.List;
import org.ipex4j.ir.Scalar;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.Args;

/** Ops that put tensors together, repeat, move or pad their elements. */
final class JoinReference {
    private JoinReference() {}

    /** Maps an output coordinate to an input coordinate, changing the array it is given. */
    @FunctionalInterface
    private interface Move {
        void apply(long[] at);
    }

    static void addTo(ReferenceTable t) {
        t.add("aten.cat", JoinReference::cat);
        t.add("aten.stack", JoinReference::stack);
        t.add("aten.repeat", (a, types) -> List.of(repeat(a.tensor("self"), types.getFirst())));
        t.add("aten.tile", (a, types) -> List.of(repeat(a.tensor("self"), types.getFirst())));
        t.add("aten.repeat_interleave.self_int", JoinReference::repeatInterleave);
        t.add("aten.repeat_interleave.self_Tensor", (a, types) -> repeatInterleaveTensor(a));
        t.add("aten.roll", JoinReference::roll);
        t.add(
                "aten.flip",
                (a, types) -> {
                    Sizes sizes = a.tensor("self").sizes();
                    return moved(
                            a.tensor("self"),
                            sizes,
                            at -> {
                                for (long d : a.integers("dims")) {
                                    if (at.length > 0) {
                                        at[sizes.wrap(d)] =
                                                sizes.get((int) d) - 1 - at[sizes.wrap(d)];
                                    }
                                }
                            });
                });
        t.add("aten.rot90", JoinReference::rot90);
        t.add(
                "aten.constant_pad_nd",
                (a, types) ->
                        List.of(
                                constantPad(
                                        a.tensor("self"),
                                        types.getFirst(),
                                        a.integers("pad"),
                                        a.number("value"))));
        t.add(
                "aten.pad",
                (a, types) ->
                        List.of(
                                a.text("mode").equals("constant")
                                        ? constantPad(
                                                a.tensor("self"),
                                                types.getFirst(),
                                                a.integers("pad"),
                                                Scalar.of(a.optionalReal("value").orElse(0.0)))
                                        : edgePad(
                                                a.tensor("self"),
                                                types.getFirst(),
                                                a.integers("pad"),
                                                a.text("mode"))));
        for (int n = 1; n <= 3; n++) {
            int pads = 2 * n;
            t.add(
                    "aten.reflection_pad" + n + "d",
                    (a, types) ->
                            List.of(
                                    edgePad(
                                            a.tensor("self"),
                                            types.getFirst(),
                                            ConvReference.spread(a.integers("padding"), pads),
                                            "reflect")));
            t.add(
                    "aten.replication_pad" + n + "d",
                    (a, types) ->
                            List.of(
                                    edgePad(
                                            a.tensor("self"),
                                            types.getFirst(),
                                            ConvReference.spread(a.integers("padding"), pads),
                                            "replicate")));
        }
    }

    private static int position(Sizes sizes, long[] at) {
        long p = 0;
        for (int d = 0; d < sizes.rank(); d++) {
            p = p * sizes.get(d) + at[d];
        }
        return Math.toIntExact(p);
    }

    private static List<RefTensor> moved(RefTensor self, Sizes out, Move move) {
        return List.of(
                self.gather(
                        out,
                        i -> {
                            long[] at = Indexing.coordinates(out, i);
                            move.apply(at);
                            return position(self.sizes(), at);
                        }));
    }

    private static RefTensor pick(
            TensorType type,
            java.util.function.IntFunction<RefTensor> tensor,
            java.util.function.IntUnaryOperator position) {
        return type.dtype().isFloating()
                ? RefTensor.build(type, i -> tensor.apply(i).real(position.applyAsInt(i)))
                : RefTensor.buildInts(type, i -> tensor.apply(i).integer(position.applyAsInt(i)));
    }

    private static List<RefTensor> cat(Args<RefTensor> args, List<TensorType> types) {
        TensorType type = types.getFirst();
        int dim = type.sizes().wrap(args.integer("dim"));
        List<RefTensor> parts = new ArrayList<>();
        for (RefTensor x : args.tensors("tensors")) {
            if (x.numel() > 0) {
                parts.add(x.to(type.dtype()));
            }
        }
        return List.of(join(parts, type, dim));
    }

    private static RefTensor join(List<RefTensor> parts, TensorType type, int dim) {
        int n = Math.toIntExact(type.numel());
        RefTensor[] from = new RefTensor[n];
        int[] where = new int[n];
        for (int i = 0; i < n; i++) {
            long[] at = Indexing.coordinates(type.sizes(), i);
            int part = 0;
            while (at[dim] >= parts.get(part).sizes().get(dim)) {
                at[dim] -= parts.get(part++).sizes().get(dim);
            }
            from[i] = parts.get(part);
            where[i] = position(from[i].sizes(), at);
        }
        return pick(type, i -> from[i], i -> where[i]);
    }

    private static List<RefTensor> stack(Args<RefTensor> args, List<TensorType> types) {
        TensorType type = types.getFirst();
        int dim = type.sizes().wrap(args.integer("dim"));
        Sizes slice = type.sizes().with(dim, 1);
        return List.of(
                join(
                        args.tensors("tensors").stream()
                                .map(x -> x.to(type.dtype()).reshape(slice))
                                .toList(),
                        type,
                        dim));
    }

    private static RefTensor repeat(RefTensor self, TensorType type) {
        int lead = type.rank() - self.rank();
        return self.gather(
                type.sizes(),
                i -> {
                    long[] at = Indexing.coordinates(type.sizes(), i);
                    long[] in = new long[self.rank()];
                    for (int d = 0; d < in.length; d++) {
                        in[d] = at[lead + d] % self.sizes().get(d);
                    }
                    return position(self.sizes(), in);
                });
    }

    private static List<RefTensor> repeatInterleave(Args<RefTensor> args, List<TensorType> types) {
        RefTensor self = lines(args);
        int dim = self.sizes().wrap(args.optionalInteger("dim").orElse(0L));
        long repeats = args.integer("repeats");
        return moved(self, types.getFirst().sizes(), at -> at[dim] /= repeats);
    }

    /** The tensor to repeat in: flat if no dimension is given. */
    private static RefTensor lines(Args<RefTensor> args) {
        RefTensor self = args.tensor("self");
        return args.isNone("dim") || self.rank() == 0 ? self.reshape(Sizes.of(self.numel())) : self;
    }

    private static List<RefTensor> repeatInterleaveTensor(Args<RefTensor> args) {
        RefTensor self = lines(args);
        int dim = self.sizes().wrap(args.optionalInteger("dim").orElse(0L));
        int size = (int) self.sizes().get(dim);
        RefTensor repeats = args.tensor("repeats");
        if (repeats.rank() > 1 || (repeats.numel() != 1 && repeats.numel() != size)) {
            throw new IllegalArgumentException(
                    "aten.repeat_interleave.self_Tensor: 'repeats' must have 1 or "
                            + size
                            + " elements, has sizes "
                            + repeats.sizes());
        }
        List<Integer> source = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            long times = repeats.integer(repeats.numel() == 1 ? 0 : i);
            if (times < 0) {
                throw new IllegalArgumentException(
                        "aten.repeat_interleave.self_Tensor: 'repeats' must not be negative, got "
                                + times);
            }
            for (long r = 0; r < times; r++) {
                source.add(i);
            }
        }
        return moved(
                self,
                self.sizes().with(dim, source.size()),
                at -> at[dim] = source.get((int) at[dim]));
    }

    private static List<RefTensor> roll(Args<RefTensor> args, List<TensorType> types) {
        RefTensor self = args.tensor("self");
        long[] shifts = args.integers("shifts");
        long[] dims = args.integers("dims");
        if (dims.length == 0) {
            int n = Math.max(1, self.numel());
            return List.of(
                    self.gather(self.sizes(), i -> (int) Math.floorMod(i - shifts[0], (long) n)));
        }
        return moved(
                self,
                self.sizes(),
                at -> {
                    for (int i = 0; i < dims.length; i++) {
                        int d = self.sizes().wrap(dims[i]);
                        at[d] = Math.floorMod(at[d] - shifts[i], self.sizes().get(d));
                    }
                });
    }

    private static List<RefTensor> rot90(Args<RefTensor> args, List<TensorType> types) {
        RefTensor self = args.tensor("self");
        int a = self.sizes().wrap(args.integers("dims")[0]);
        int b = self.sizes().wrap(args.integers("dims")[1]);
        long turns = Math.floorMod(args.integer("k"), 4L);
        return moved(
                self,
                types.getFirst().sizes(),
                at -> {
                    long x = at[a];
                    long y = at[b];
                    long lastA = self.sizes().get(a) - 1;
                    long lastB = self.sizes().get(b) - 1;
                    at[a] = turns == 0 ? x : turns == 1 ? y : turns == 2 ? lastA - x : lastA - y;
                    at[b] = turns == 0 ? y : turns == 1 ? lastB - x : turns == 2 ? lastB - y : x;
                });
    }

    private static RefTensor constantPad(
            RefTensor self, TensorType type, long[] pad, Scalar value) {
        RefTensor fill = RefTensor.of(value).to(type.dtype());
        int n = Math.toIntExact(type.numel());
        int[] where = new int[n];
        for (int i = 0; i < n; i++) {
            long[] at = Indexing.coordinates(type.sizes(), i);
            boolean inside = true;
            for (int j = 0; j < pad.length / 2; j++) {
                int d = at.length - 1 - j;
                at[d] -= pad[2 * j];
                inside &= at[d] >= 0 && at[d] < self.sizes().get(d);
            }
            where[i] = inside ? position(self.sizes(), at) : -1;
        }
        return pick(type, i -> where[i] < 0 ? fill : self, i -> Math.max(0, where[i]));
    }

    private static RefTensor edgePad(RefTensor self, TensorType type, long[] pad, String mode) {
        return moved(
                        self,
                        type.sizes(),
                        at -> {
                            for (int j = 0; j < pad.length / 2; j++) {
                                int d = at.length - 1 - j;
                                long size = self.sizes().get(d);
                                long i = at[d] - pad[2 * j];
                                at[d] =
                                        switch (mode) {
                                            case "reflect" ->
                                                    i < 0 ? -i : i >= size ? 2 * (size - 1) - i : i;
                                            case "replicate" -> Math.clamp(i, 0, size - 1);
                                            case "circular" -> Math.floorMod(i, size);
                                            default ->
                                                    throw new IllegalArgumentException(
                                                            "aten.pad: unknown mode '"
                                                                    + mode
                                                                    + "'");
                                        };
                            }
                        })
                .getFirst();
    }
}
