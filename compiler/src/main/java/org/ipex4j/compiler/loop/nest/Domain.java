package org.ipex4j.compiler.loop.nest;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.ipex4j.compiler.loop.expr.Index;
import org.ipex4j.ir.Sizes;

/**
 * The iteration space of a nest: logical dimensions, some of them reduced, some of them split into
 * (outer, inner of a fixed block) to suit a blocked layout.
 */
public final class Domain {
    /** One loop of the space. */
    public record Dim(long size, boolean reduced, int logical) {}

    private final Sizes sizes;
    private final long reducedLogical;
    private final List<Dim> dims = new ArrayList<>();
    private final List<Index.Affine> index = new ArrayList<>();

    /**
     * @param reducedLogical bit set of logical dimensions that are reduced (or scanned)
     * @param splits block size per logical dimension to split; it divides the size
     */
    public Domain(Sizes sizes, long reducedLogical, Map<Integer, Integer> splits) {
        this.sizes = sizes;
        this.reducedLogical = reducedLogical;
        for (int d = 0; d < sizes.rank(); d++) {
            boolean reduced = (reducedLogical >> d & 1) != 0;
            int block = splits.getOrDefault(d, 1);
            if (block > 1) {
                index.add(
                        Index.Affine.dim(dims.size())
                                .times(block)
                                .plus(Index.Affine.dim(dims.size() + 1)));
                dims.add(new Dim(sizes.get(d) / block, reduced, d));
                dims.add(new Dim(block, reduced, d));
            } else {
                index.add(Index.Affine.dim(dims.size()));
                dims.add(new Dim(sizes.get(d), reduced, d));
            }
        }
        if (dims.size() > 60) {
            throw new IllegalArgumentException("too many dimensions: " + sizes);
        }
    }

    /** Logical sizes. */
    public Sizes sizes() {
        return sizes;
    }

    public List<Dim> dims() {
        return dims;
    }

    /** The position along each logical dimension. */
    public List<Index> index() {
        return List.copyOf(index);
    }

    public boolean isReduced(int logical) {
        return (reducedLogical >> logical & 1) != 0;
    }

    public long reducedLogical() {
        return reducedLogical;
    }

    /** Bit set of loops that are not reduced. */
    public long rowDims() {
        long bits = 0;
        for (int d = 0; d < dims.size(); d++) {
            if (!dims.get(d).reduced()) {
                bits |= 1L << d;
            }
        }
        return bits;
    }

    public long allDims() {
        return dims.isEmpty() ? 0 : -1L >>> (64 - dims.size());
    }

    /** Iterations of the loops in a bit set. */
    public double iterations(long bits) {
        double n = 1;
        for (int d = 0; d < dims.size(); d++) {
            if ((bits >> d & 1) != 0) {
                n *= dims.get(d).size();
            }
        }
        return n;
    }
}
