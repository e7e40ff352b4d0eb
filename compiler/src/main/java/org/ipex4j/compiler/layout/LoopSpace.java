package org.ipex4j.compiler.layout;

import java.util.Set;
import org.ipex4j.compiler.loop.LoopGroup;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Trait;

/**
 * What a loop group iterates over, as far as layouts matter: the sizes of its largest tensors, and
 * whether it meets every element of those at the element's own position, so that they may lie in
 * memory in any order that all of them share.
 */
final class LoopSpace {
    /** Reductions that do not care where an element lies. */
    private static final Set<String> FREE_REDUCTIONS =
            Set.of(
                    "aten.sum",
                    "aten.sum.dim_IntList",
                    "aten.mean",
                    "aten.mean.dim",
                    "aten.amax",
                    "aten.amin");

    private final LoopGroup group;
    private final Sizes sizes;
    private final boolean aligned;

    private LoopSpace(LoopGroup group, Sizes sizes, boolean aligned) {
        this.group = group;
        this.sizes = sizes;
        this.aligned = aligned;
    }

    static LoopSpace of(LoopGroup g) {
        Sizes sizes = g.outputs().getFirst().type().sizes();
        for (Node n : g.nodes()) {
            if (FREE_REDUCTIONS.contains(n.op().name())) {
                sizes = n.operands().getFirst().type().sizes();
                break;
            }
        }
        return new LoopSpace(g, sizes, aligned(g, sizes));
    }

    private static boolean aligned(LoopGroup g, Sizes space) {
        for (Node n : g.nodes()) {
            boolean full = touches(n, space);
            boolean ok =
                    n.op().is(Trait.POINTWISE)
                            || n.is("aten.full")
                            || FREE_REDUCTIONS.contains(n.op().name())
                            // Views of what is small; and a small tensor spread over the space.
                            || n.op().is(Trait.VIEW) && (!full || isExpand(n, space));
            if (!ok) {
                return false;
            }
        }
        return g.outputs().stream()
                .allMatch(v -> v.type().sizes().equals(space) || isSmall(v, space));
    }

    private static boolean isExpand(Node n, Sizes space) {
        return n.is("aten.expand") && !n.operands().getFirst().type().sizes().equals(space);
    }

    private static boolean touches(Node n, Sizes space) {
        return n.operands().stream().anyMatch(v -> !isSmall(v, space))
                || n.results().stream().anyMatch(v -> !isSmall(v, space));
    }

    /** A row of the space at most: not spread over all its elements. */
    private static boolean isSmall(Value v, Sizes space) {
        return v.type().numel() < space.numel();
    }

    /** The sizes of the tensors that lie in the group's format. */
    Sizes sizes() {
        return sizes;
    }

    /** True if every element of a full tensor is met at its own position only. */
    boolean isAligned() {
        return aligned;
    }

    /** True if the group reduces images to a number per channel. */
    boolean reducesPixels() {
        return aligned
                && sizes.rank() >= 3
                && group.nodes().stream()
                        .filter(n -> FREE_REDUCTIONS.contains(n.op().name()))
                        .anyMatch(n -> n.result().type().numel() == sizes.get(1));
    }

    /** True for tensors that lie in the group's format. */
    boolean isFull(Value v) {
        return v.type().sizes().equals(sizes);
    }

    /** True for results that are laid out in the group's format; others are row-major. */
    boolean follows(Value output) {
        boolean spatial = output.type().rank() >= 3 && output.type().rank() <= 5;
        return spatial && (!aligned || isFull(output));
    }

    /**
     * Blocked layouts suit tensors with whole blocks of channels: f32, the 16-bit floats that are
     * computed in it, and their masks.
     */
    boolean allowsBlocks(int block) {
        if (!aligned || sizes.rank() < 3 || sizes.rank() > 5 || sizes.get(1) % block != 0) {
            return false;
        }
        for (Node n : group.nodes()) {
            for (Value v : n.operands()) {
                if (!fits(v, block)) {
                    return false;
                }
            }
            for (Value v : n.results()) {
                if (!fits(v, block)) {
                    return false;
                }
            }
        }
        return group.inputs().stream().allMatch(this::isFloatOrMask)
                && group.outputs().stream().allMatch(this::isFloatOrMask);
    }

    /** Masks lie beside the floats that they are of. */
    private boolean isFloatOrMask(Value v) {
        return !isFull(v)
                || switch (v.type().dtype()) {
                    case FLOAT32, BFLOAT16, FLOAT16, BOOL -> true;
                    default -> false;
                };
    }

    /**
     * What broadcasts to the space has the whole channel dimension or none of it, so that it can be
     * read along with blocks of channels.
     */
    private boolean fits(Value v, int block) {
        Sizes s = v.type().sizes();
        return isFull(v)
                || isSmall(v, sizes)
                        && s.stream().allMatch(d -> d == 1 || d % block == 0 || !isChannel(s, d));
    }

    private boolean isChannel(Sizes s, long d) {
        return s.rank() == sizes.rank() ? s.get(1) == d : d == sizes.get(1);
    }
}
