package org.ipex4j.engine.ndarray;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDArrayIndexer;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.index.dim.NDIndexAll;
import ai.djl.ndarray.index.dim.NDIndexBooleans;
import ai.djl.ndarray.index.dim.NDIndexElement;
import ai.djl.ndarray.index.dim.NDIndexFixed;
import ai.djl.ndarray.index.dim.NDIndexNull;
import ai.djl.ndarray.index.dim.NDIndexPick;
import ai.djl.ndarray.index.dim.NDIndexSlice;
import ai.djl.ndarray.index.dim.NDIndexTake;
import ai.djl.ndarray.index.full.NDIndexFullPick;
import ai.djl.ndarray.index.full.NDIndexFullSlice;
import ai.djl.ndarray.index.full.NDIndexFullTake;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.ipex4j.engine.dispatch.Dispatcher;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;

/**
 * Reads and writes parts of arrays, with NumPy's rules. An index is split into a basic part
 * (numbers, slices, new axes, ellipsis), which is a view, and arrays of positions or masks, which
 * copy. A slice with a negative step is a view that is then flipped, which copies. Writes go
 * through the view to the array.
 */
final class IpexIndexer extends NDArrayIndexer {
    private final IpexNDManager manager;

    IpexIndexer(IpexNDManager manager) {
        this.manager = manager;
    }

    /** The basic part of an index applied, and what remains to do on the view's dimensions. */
    private record Basic(
            IpexNDArray view,
            List<Integer> flipped,
            List<IpexNDArray> arrays,
            List<AutoCloseable> temporary) {
        boolean hasArrays() {
            return arrays.stream().anyMatch(a -> a != null);
        }

        void closeTemporary(IpexNDArray kept) {
            if (view != kept) {
                view.close();
            }
            for (AutoCloseable t : temporary) {
                ((IpexNDArray) t).close();
            }
        }
    }

    @Override
    public NDArray get(NDArray array, NDIndex index) {
        IpexNDArray self = manager.from(array);
        for (NDIndexElement e : index.getIndices()) {
            if (e instanceof NDIndexPick) {
                return get(
                        self,
                        NDIndexFullPick.fromIndex(index, array.getShape())
                                .orElseThrow(() -> picksOnly(index)));
            }
        }
        Basic basic = basic(self, index);
        IpexNDArray result = basic.view();
        if (!basic.flipped().isEmpty()) {
            result =
                    call("aten.flip", result, basic.flipped().stream().mapToLong(i -> i).toArray());
        }
        if (basic.hasArrays()) {
            IpexNDArray source = result;
            result = call("aten.index.Tensor", source, basic.arrays());
            if (source != basic.view()) {
                source.close();
            }
        }
        basic.closeTemporary(result);
        return result;
    }

    @Override
    public void set(NDArray array, NDIndex index, Object value) {
        IpexNDArray self = (IpexNDArray) array;
        IpexNDArray source;
        if (value instanceof NDArray v) {
            source = manager.from(v);
        } else if (value instanceof Number n) {
            source = manager.scalar(n);
        } else {
            throw new IllegalArgumentException(
                    "NDArray.set: a number or an array expected, got " + value);
        }
        Basic basic = basic(self, index);
        IpexNDArray view = basic.view();
        try {
            if (basic.hasArrays()) {
                write(view, source, basic);
            } else if (basic.flipped().isEmpty()) {
                assign(view, source);
            } else {
                try (IpexNDArray full = call("aten.expand", source, view.sizes().toArray());
                        IpexNDArray flipped =
                                call(
                                        "aten.flip",
                                        full,
                                        basic.flipped().stream().mapToLong(i -> i).toArray())) {
                    assign(view, flipped);
                }
            }
        } finally {
            basic.closeTemporary(null);
            if (source != value) {
                source.close();
            }
        }
    }

    /** Writes through arrays of positions: a changed copy of the view, written back. */
    private void write(IpexNDArray view, IpexNDArray source, Basic basic) {
        if (!basic.flipped().isEmpty()) {
            throw new UnsupportedOperationException(
                    "NDArray.set: a negative step beside an array of indices is not supported");
        }
        IpexNDArray typed = source.cast(view.type().dtype());
        try (IpexNDArray changed = call("aten.index_put", view, basic.arrays(), typed)) {
            assign(view, changed);
        } finally {
            if (typed != source) {
                typed.close();
            }
        }
    }

    /** Writes {@code source}, broadcast and converted, into {@code target}. */
    static void assign(IpexNDArray target, IpexNDArray source) {
        IpexNDArray fitting = source;
        // NumPy and PyTorch drop leading dimensions of size 1 of an assigned value.
        while (fitting.sizes().rank() > target.sizes().rank() && fitting.sizes().get(0) == 1) {
            fitting = source.closing(fitting, fitting.call("aten.select.int", fitting, 0, 0));
        }
        try (IpexNDArray full = fitting.call("aten.expand", fitting, target.sizes().toArray())) {
            Op copy = OpCatalog.get("aten._to_copy");
            Dispatcher.callInto(copy, Args.of(copy.schema(), full, target.type().dtype()), target);
        } finally {
            if (fitting != source) {
                fitting.close();
            }
        }
    }

    private Basic basic(IpexNDArray self, NDIndex index) {
        List<NDIndexElement> elements = index.getIndices();
        int taken =
                elements.stream().mapToInt(e -> e instanceof NDIndexNull ? 0 : e.getRank()).sum();
        int rank = self.sizes().rank();
        if (taken > rank) {
            throw new IllegalArgumentException(
                    "NDArray index of "
                            + taken
                            + " dimensions for an array of shape "
                            + self.getShape());
        }
        Cursor c = new Cursor(self);
        for (int i = 0; i < elements.size(); i++) {
            if (i == index.getEllipsisIndex()) {
                c.skip(rank - taken);
            }
            c.apply(elements.get(i));
        }
        return c.finish();
    }

    /** Walks the elements of an index, replacing the view as it goes. */
    private final class Cursor {
        private final IpexNDArray self;
        private IpexNDArray view;
        private int dim;
        private final List<Integer> flipped = new ArrayList<>();
        private final List<IpexNDArray> arrays = new ArrayList<>();
        private final List<AutoCloseable> temporary = new ArrayList<>();

        Cursor(IpexNDArray self) {
            this.self = self;
            this.view = call("aten.alias", self);
        }

        void skip(int dims) {
            dim += dims;
            arrays.addAll(Collections.nCopies(dims, null));
        }

        private void replace(IpexNDArray next) {
            view.close();
            view = next;
        }

        private IpexNDArray temp(IpexNDArray made, NDArray given) {
            if (made != given) {
                temporary.add(made);
            }
            return made;
        }

        void apply(NDIndexElement e) {
            switch (e) {
                case NDIndexAll all -> skip(1);
                case NDIndexNull none -> {
                    replace(call("aten.unsqueeze", view, dim));
                    skip(1);
                }
                case NDIndexFixed fixed ->
                        replace(call("aten.select.int", view, dim, fixed.getIndex()));
                case NDIndexSlice s -> slice(s);
                case NDIndexTake t -> {
                    NDArray given = t.getIndex();
                    arrays.add(temp(manager.from(given).cast(DType.INT64), given));
                    dim++;
                }
                case NDIndexBooleans b -> mask(b.getIndex());
                default ->
                        throw new UnsupportedOperationException(
                                "NDArray index element "
                                        + e.getClass().getSimpleName()
                                        + " is not supported here");
            }
        }

        private void mask(NDArray given) {
            IpexNDArray bool = temp(manager.from(given).cast(DType.BOOL), given);
            for (int i = 0; i < bool.sizes().rank(); i++) {
                if (bool.sizes().get(i) != view.sizes().get(dim + i)) {
                    throw new IllegalArgumentException(
                            "NDArray index: mask of shape "
                                    + given.getShape()
                                    + " does not fit shape "
                                    + self.getShape());
                }
            }
            try (IpexNDArray positions = call("aten.nonzero", bool)) {
                for (IpexNDArray each : callAll("aten.unbind.int", positions, 1)) {
                    temporary.add(each);
                    arrays.add(each);
                    dim++;
                }
            }
        }

        private void slice(NDIndexSlice s) {
            long step = s.getStep() == null ? 1 : s.getStep();
            if (step == 0) {
                throw new IllegalArgumentException(
                        "NDArray index: the step of a slice must not be 0");
            }
            if (step > 0) {
                replace(call("aten.slice.Tensor", view, dim, s.getMin(), s.getMax(), step));
            } else {
                // Python's rule: from start down to, and without, stop. The same elements upwards,
                // then flipped.
                long size = view.sizes().get(dim);
                long start =
                        s.getMin() == null ? size - 1 : Math.min(wrap(s.getMin(), size), size - 1);
                long stop = s.getMax() == null ? -1 : Math.max(wrap(s.getMax(), size), -1);
                long count = Math.max(0, (start - stop - step - 1) / -step);
                long low = start + (count - 1) * step;
                replace(
                        count == 0
                                ? call("aten.slice.Tensor", view, dim, 0, 0, 1)
                                : call("aten.slice.Tensor", view, dim, low, start + 1, -step));
                flipped.add(dim);
            }
            skip(1);
        }

        private long wrap(long bound, long size) {
            return bound < 0 ? Math.max(bound + size, -1) : bound;
        }

        Basic finish() {
            while (!arrays.isEmpty() && arrays.getLast() == null) {
                arrays.removeLast();
            }
            return new Basic(view, flipped, arrays, temporary);
        }
    }

    private IpexNDArray call(String op, Object... args) {
        return callAll(op, args)[0];
    }

    private IpexNDArray[] callAll(String op, Object... args) {
        Op found = OpCatalog.get(op);
        return Dispatcher.call(found, Args.of(found.schema(), args), manager);
    }

    private static UnsupportedOperationException picksOnly(NDIndex index) {
        return new UnsupportedOperationException(
                "NDArray index: a pick goes with whole axes only, got "
                        + index.getRank()
                        + " elements");
    }

    /**
     * Gathers along an axis; the index may leave out dimensions of the array, which count as size
     * 1.
     */
    @Override
    public NDArray get(NDArray array, NDIndexFullPick fullPick) {
        IpexNDArray self = manager.from(array);
        NDArray given = fullPick.getIndices();
        IpexNDArray index = manager.from(given).cast(DType.INT64);
        int missing = self.sizes().rank() - index.sizes().rank();
        IpexNDArray fitted = index;
        if (missing > 0) {
            long[] have = index.sizes().toArray();
            long[] whole = self.sizes().toArray();
            long[] padded = null;
            for (int at = 0; at <= missing && padded == null; at++) {
                if (java.util.Arrays.equals(
                        have, java.util.Arrays.copyOfRange(whole, at, at + have.length))) {
                    padded = new long[whole.length];
                    java.util.Arrays.fill(padded, 1);
                    System.arraycopy(have, 0, padded, at, have.length);
                }
            }
            if (padded == null) {
                throw new IllegalArgumentException(
                        "NDArray pick: index of shape "
                                + given.getShape()
                                + " does not fit shape "
                                + array.getShape());
            }
            fitted = call("aten.reshape", index, padded);
        }
        IpexNDArray result = call("aten.gather", self, fullPick.getAxis(), fitted);
        if (fitted != index) {
            fitted.close();
        }
        if (index != given) {
            index.close();
        }
        return result;
    }

    @Override
    public NDArray get(NDArray array, NDIndexFullTake fullTake) {
        IpexNDArray self = manager.from(array);
        NDArray given = fullTake.getIndices();
        IpexNDArray index = manager.from(given).cast(DType.INT64);
        IpexNDArray result = call("aten.index_select", self, fullTake.getAxis(), index);
        if (index != given) {
            index.close();
        }
        return result;
    }

    @Override
    public NDArray get(NDArray array, NDIndexFullSlice fullSlice) {
        IpexNDArray view = sliced(manager.from(array), fullSlice);
        return squeeze(view, fullSlice.getToSqueeze());
    }

    private IpexNDArray squeeze(IpexNDArray view, int[] dims) {
        if (dims.length == 0) {
            return view;
        }
        try (view) {
            return call("aten.squeeze.dims", view, dims);
        }
    }

    private IpexNDArray sliced(IpexNDArray self, NDIndexFullSlice s) {
        IpexNDArray view = call("aten.alias", self);
        for (int d = 0; d < s.getMin().length; d++) {
            try (IpexNDArray previous = view) {
                view =
                        call(
                                "aten.slice.Tensor",
                                previous,
                                d,
                                s.getMin()[d],
                                s.getMax()[d],
                                s.getStep()[d]);
            }
        }
        return view;
    }

    @Override
    public void set(NDArray array, NDIndexFullSlice fullSlice, NDArray value) {
        try (IpexNDArray view =
                squeeze(sliced((IpexNDArray) array, fullSlice), fullSlice.getToSqueeze())) {
            assign(view, manager.from(value));
        }
    }

    @Override
    public void set(NDArray array, NDIndexFullSlice fullSlice, Number value) {
        try (IpexNDArray source = manager.scalar(value)) {
            set(array, fullSlice, source);
        }
    }

    @Override
    public void set(NDArray array, NDIndexBooleans indices, NDArray value) {
        set(array, new NDIndex().addBooleanIndex(indices.getIndex()), value);
    }

    @Override
    public void setScalar(NDArray array, NDIndex index, Number value) {
        try (NDArray part = get(array, index)) {
            if (part.size() != 1) {
                throw new IllegalArgumentException(
                        "NDArray.setScalar: the index names "
                                + part.size()
                                + " elements of shape "
                                + array.getShape());
            }
        }
        set(array, index, value);
    }
}
