package org.ipex4j.compiler.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;
import org.ipex4j.ir.op.Strided;
import org.ipex4j.ir.op.ViewRules;
import org.junit.jupiter.api.Test;

/** Chains of random views: sizes, strides and offset are libtorch's, and so is the need to copy. */
class ViewRulesAgainstLibtorchTest {
    private static final int CHAINS = 600;

    private final List<String> copied = new ArrayList<>();

    @Test
    void randomChains() {
        int views = 0;
        for (int seed = 0; seed < CHAINS; seed++) {
            views += chain(seed);
        }
        assertThat(views).isGreaterThan(2 * CHAINS);
        assertThat(copied).as("views that need a copy").hasSizeGreaterThan(CHAINS / 100);
    }

    /** Applies random views to a tensor until one needs a copy; returns how many. */
    private int chain(int seed) {
        Random random = new Random(seed);
        Strided now = Strided.contiguous(sizes(random));
        StringBuilder story = new StringBuilder("seed " + seed + ": " + now);
        for (int i = 0; i < 5; i++) {
            Call call = call(random, now);
            if (call == null) {
                continue;
            }
            story.append("\n  ").append(call);
            Optional<List<Strided>> ours = ViewRules.apply(call.op, call.args(now));
            Args<Strided> args = call.args(now);
            if (ours.isEmpty()) {
                copied.add(story.toString());
                if (call.op.name().equals("aten.view")) {
                    assertThatThrownBy(() -> Oracle.views("aten.view", args), story.toString())
                            .isInstanceOf(Oracle.Refused.class)
                            .hasMessageContaining("view size is not compatible");
                }
                return i;
            }
            assertThat(ours.get())
                    .as(story.toString())
                    .isEqualTo(Oracle.views(call.op.name(), args));
            now = ours.get().isEmpty() ? now : ours.get().get(random.nextInt(ours.get().size()));
            story.append(" -> ").append(now);
        }
        return 5;
    }

    private record Call(Op op, List<Object> rest) {
        static Call of(String op, Object... rest) {
            return new Call(OpCatalog.get(op), java.util.Arrays.asList(rest));
        }

        @Override
        public String toString() {
            return op + java.util.Arrays.deepToString(rest.toArray());
        }

        Args<Strided> args(Strided self) {
            List<Object> all = new ArrayList<>(rest);
            all.addFirst(self);
            return Args.of(op.schema(), all.toArray());
        }
    }

    private static Sizes sizes(Random random) {
        long[] sizes = new long[random.nextInt(5)];
        for (int d = 0; d < sizes.length; d++) {
            sizes[d] = random.nextInt(20) == 0 ? 0 : new long[] {1, 2, 3, 4, 6}[random.nextInt(5)];
        }
        return Sizes.of(sizes);
    }

    /** A call that fits the tensor; null if the op drawn cannot be applied to it. */
    private static Call call(Random random, Strided x) {
        int rank = x.sizes().rank();
        int kind = random.nextInt(rank == 0 ? 4 : 18);
        int dim = rank == 0 ? 0 : random.nextInt(2 * rank) - rank;
        long size = rank == 0 ? 1 : x.sizes().get(dim);
        return switch (kind) {
            case 0 -> Call.of("aten.unsqueeze", random.nextInt(2 * rank + 2) - rank - 1);
            case 1 -> Call.of("aten.view", factors(random, x.sizes().numel()));
            case 2 -> Call.of("aten.expand", expansion(random, x.sizes()));
            case 3 -> Call.of("aten.squeeze");
            case 4 -> Call.of("aten.permute", permutation(random, rank));
            case 5 -> Call.of("aten.transpose.int", dim, random.nextInt(rank));
            case 6 ->
                    Call.of(
                            "aten.slice.Tensor",
                            dim,
                            bound(random),
                            bound(random),
                            1 + random.nextInt(3));
            case 7 ->
                    size == 0
                            ? null
                            : Call.of(
                                    "aten.select.int",
                                    dim,
                                    random.nextInt((int) (2 * size)) - size);
            case 8 -> Call.of("aten.squeeze.dim", dim);
            case 9 ->
                    rank < 2 ? null : Call.of("aten.diagonal", random.nextInt(5) - 2, 0, rank - 1);
            case 10 ->
                    Call.of(
                            "aten.unfold",
                            dim,
                            random.nextInt((int) size + 1),
                            1 + random.nextInt(2));
            case 11 -> Call.of("aten.reshape", factors(random, x.sizes().numel()));
            case 12 -> Call.of("aten.split.Tensor", 1 + random.nextInt(3), dim);
            case 13 -> Call.of("aten.chunk", 1 + random.nextInt(3), dim);
            case 14 -> Call.of("aten.unbind.int", dim);
            case 15 -> Call.of("aten.movedim.int", dim, random.nextInt(rank));
            case 16 -> Call.of("aten.unflatten.int", dim, factors(random, size));
            default -> {
                int start = random.nextInt(rank);
                yield Call.of(
                        "aten.flatten.using_ints", start, start + random.nextInt(rank - start));
            }
        };
    }

    private static Long bound(Random random) {
        return random.nextInt(3) == 0 ? null : (Long) (long) (random.nextInt(14) - 7);
    }

    /** Random sizes of this product, at least one. */
    private static long[] factors(Random random, long product) {
        List<Long> out = new ArrayList<>();
        long rest = product;
        while (rest > 1 && random.nextInt(4) != 0) {
            long f = List.of(2L, 3L, 4L, 6L).get(random.nextInt(4));
            if (rest % f == 0) {
                out.add(f);
                rest /= f;
            }
        }
        out.add(rest);
        if (random.nextInt(3) == 0) {
            out.add(1L);
        }
        Collections.shuffle(out, random);
        return out.stream().mapToLong(Long::longValue).toArray();
    }

    private static long[] permutation(Random random, int rank) {
        List<Long> dims = new ArrayList<>();
        for (long d = 0; d < rank; d++) {
            dims.add(random.nextBoolean() ? d : d - rank);
        }
        Collections.shuffle(dims, random);
        return dims.stream().mapToLong(Long::longValue).toArray();
    }

    private static long[] expansion(Random random, Sizes sizes) {
        int added = random.nextInt(2);
        long[] out = new long[sizes.rank() + added];
        for (int d = 0; d < out.length; d++) {
            out[d] =
                    d < added
                            ? 1 + random.nextInt(3)
                            : sizes.get(d - added) == 1
                                    ? random.nextInt(4)
                                    : random.nextBoolean() ? -1 : sizes.get(d - added);
        }
        return out;
    }
}
