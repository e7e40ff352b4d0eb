package org.ipex4j.compiler.reference;

import java.util.List;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.Args;

/** Pools of one to three spatial dimensions. */
final class PoolReference {
    private PoolReference() {}

    /** The input elements under one output element, as positions in the input's spatial volume. */
    private record Window(int[] from, int[] to, int[] step, long padded) {
        /** Elements inside the input. */
        int count() {
            int n = 1;
            for (int d = 0; d < 3; d++) {
                n *= Math.max(0, (to[d] - from[d] + step[d] - 1) / step[d]);
            }
            return n;
        }
    }

    @FunctionalInterface
    private interface Windows {
        Window at(int[] out);
    }

    static void addTo(ReferenceTable t) {
        for (int n = 1; n <= 3; n++) {
            int spatial = n;
            t.add(
                    "aten.max_pool" + n + "d",
                    (a, types) -> List.of(max(a, types, spatial, sliding(a, spatial)).getFirst()));
            if (n > 1) {
                t.add(
                        "aten.max_pool" + n + "d_with_indices",
                        (a, types) -> max(a, types, spatial, sliding(a, spatial)));
                t.add(
                        "aten.avg_pool" + n + "d_backward",
                        (a, types) -> averageBackward(a, types, spatial, sliding(a, spatial)));
                t.add(
                        "aten._adaptive_avg_pool" + n + "d_backward",
                        (a, types) ->
                                averageBackward(
                                        a,
                                        types,
                                        spatial,
                                        adaptive(
                                                a,
                                                List.of(a.tensor("grad_output").type()),
                                                spatial)));
                t.add(
                        "aten.max_pool" + n + "d_with_indices_backward",
                        (a, types) -> maxBackward(a, types, spatial));
                t.add(
                        "aten._adaptive_avg_pool" + n + "d",
                        (a, types) -> average(a, types, spatial, adaptive(a, types, spatial)));
            }
            t.add(
                    "aten.avg_pool" + n + "d",
                    (a, types) -> average(a, types, spatial, sliding(a, spatial)));
            t.add(
                    "aten.adaptive_avg_pool" + n + "d",
                    (a, types) -> average(a, types, spatial, adaptive(a, types, spatial)));
            t.add(
                    "aten.adaptive_max_pool" + n + "d",
                    (a, types) -> max(a, types, spatial, adaptive(a, types, spatial)));
        }
    }

    private static int[] spatial(long[] sizes, int n) {
        int[] out = {1, 1, 1};
        for (int i = 0; i < n; i++) {
            out[3 - n + i] = (int) sizes[sizes.length - n + i];
        }
        return out;
    }

    private static int[] argument(Args<RefTensor> args, String name, int n, int filler) {
        int[] out = {filler, filler, filler};
        if (args.schema().has(name)) {
            long[] values = ConvReference.spread(args.integers(name), n);
            for (int i = 0; i < n; i++) {
                out[3 - n + i] = (int) values[i];
            }
        }
        return out;
    }

    private static Windows sliding(Args<RefTensor> args, int n) {
        int[] in = spatial(args.tensor("self").sizes().toArray(), n);
        int[] kernel = argument(args, "kernel_size", n, 1);
        int[] stride =
                args.integers("stride").length == 0 ? kernel : argument(args, "stride", n, 1);
        int[] padding = argument(args, "padding", n, 0);
        int[] dilation = argument(args, "dilation", n, 1);
        return out -> {
            int[] from = new int[3];
            int[] to = new int[3];
            long padded = 1;
            for (int d = 0; d < 3; d++) {
                int start = out[d] * stride[d] - padding[d];
                int end = start + (kernel[d] - 1) * dilation[d] + 1;
                padded *= Math.min(end, in[d] + padding[d]) - start;
                // The first position of the window that lies inside the input.
                from[d] = start < 0 ? Math.floorMod(start, dilation[d]) : start;
                to[d] = Math.min(end, in[d]);
            }
            return new Window(from, to, dilation, padded);
        };
    }

    private static Windows adaptive(Args<RefTensor> args, List<TensorType> types, int n) {
        int[] in = spatial(args.tensor("self").sizes().toArray(), n);
        int[] all = spatial(types.getFirst().sizes().toArray(), n);
        return out -> {
            int[] from = new int[3];
            int[] to = new int[3];
            for (int d = 0; d < 3; d++) {
                from[d] = out[d] * in[d] / all[d];
                to[d] = ((out[d] + 1) * in[d] + all[d] - 1) / all[d];
            }
            Window w = new Window(from, to, new int[] {1, 1, 1}, 0);
            return new Window(from, to, w.step(), w.count());
        };
    }

    private static int[] position(int index, int[] out) {
        return new int[] {
            index / out[2] / out[1] % out[0], index / out[2] % out[1], index % out[2]
        };
    }

    private static List<RefTensor> average(
            Args<RefTensor> args, List<TensorType> types, int n, Windows windows) {
        RefTensor self = args.tensor("self");
        TensorType type = types.getFirst();
        int[] in = spatial(self.sizes().toArray(), n);
        int[] out = spatial(type.sizes().toArray(), n);
        int outArea = out[0] * out[1] * out[2];
        int inArea = in[0] * in[1] * in[2];
        if (type.dtype().isIntegral()) {
            return List.of(
                    RefTensor.buildInts(
                            type,
                            i -> {
                                Window w = windows.at(position(i % outArea, out));
                                long[] sum = {0};
                                visit(w, in, p -> sum[0] += self.integer(i / outArea * inArea + p));
                                return w.count() == 0 ? 0 : sum[0] / divisor(args, w);
                            }));
        }
        return List.of(
                RefTensor.build(
                        type,
                        i -> {
                            Window w = windows.at(position(i % outArea, out));
                            double[] sum = {0};
                            visit(w, in, p -> sum[0] += self.real(i / outArea * inArea + p));
                            return w.count() == 0 ? 0 : sum[0] / divisor(args, w);
                        }));
    }

    /** What an average pool divides the sum of a window by. */
    private static long divisor(Args<RefTensor> args, Window w) {
        boolean includePad =
                !args.schema().has("count_include_pad") || args.bool("count_include_pad");
        long counted = includePad ? w.padded() : w.count();
        return args.schema().has("divisor_override")
                ? args.optionalInteger("divisor_override").orElse(counted)
                : counted;
    }

    /** Each window hands its gradient to all its elements alike. */
    private static List<RefTensor> averageBackward(
            Args<RefTensor> args, List<TensorType> types, int n, Windows windows) {
        RefTensor g = args.tensor("grad_output");
        TensorType type = types.getFirst();
        int[] in = spatial(type.sizes().toArray(), n);
        int[] out = spatial(g.sizes().toArray(), n);
        int outArea = out[0] * out[1] * out[2];
        int inArea = in[0] * in[1] * in[2];
        double[] sums = new double[Math.toIntExact(type.numel())];
        for (int i = 0; i < g.numel(); i++) {
            int plane = i / outArea * inArea;
            Window w = windows.at(position(i % outArea, out));
            double share = g.real(i) / divisor(args, w);
            visit(w, in, p -> sums[plane + p] += share);
        }
        return List.of(RefTensor.of(type, sums));
    }

    /** Each window hands its gradient to the element it took. */
    private static List<RefTensor> maxBackward(
            Args<RefTensor> args, List<TensorType> types, int n) {
        RefTensor g = args.tensor("grad_output");
        RefTensor indices = args.tensor("indices");
        TensorType type = types.getFirst();
        int[] in = spatial(type.sizes().toArray(), n);
        int[] out = spatial(g.sizes().toArray(), n);
        int outArea = out[0] * out[1] * out[2];
        int inArea = in[0] * in[1] * in[2];
        double[] sums = new double[Math.toIntExact(type.numel())];
        for (int i = 0; i < g.numel(); i++) {
            sums[i / outArea * inArea + (int) indices.integer(i)] += g.real(i);
        }
        return List.of(RefTensor.of(type, sums));
    }

    /**
     * Values and, as positions in the spatial volume, where they were found: the first of equals,
     * or the last NaN.
     */
    private static List<RefTensor> max(
            Args<RefTensor> args, List<TensorType> types, int n, Windows windows) {
        RefTensor self = args.tensor("self");
        TensorType type = types.getFirst();
        int[] in = spatial(self.sizes().toArray(), n);
        int[] out = spatial(type.sizes().toArray(), n);
        int outArea = out[0] * out[1] * out[2];
        int inArea = in[0] * in[1] * in[2];
        int[] where = new int[Math.toIntExact(type.numel())];
        for (int i = 0; i < where.length; i++) {
            int plane = i / outArea * inArea;
            int[] best = {-1};
            visit(
                    windows.at(position(i % outArea, out)),
                    in,
                    p -> {
                        boolean first = best[0] < 0;
                        boolean larger =
                                !first
                                        && (self.dtype().isFloating()
                                                ? self.real(plane + p) > self.real(plane + best[0])
                                                        || Double.isNaN(self.real(plane + p))
                                                : self.integer(plane + p)
                                                        > self.integer(plane + best[0]));
                        if (first || larger) {
                            best[0] = p;
                        }
                    });
            where[i] = best[0];
        }
        return List.of(
                self.gather(type.sizes(), i -> i / outArea * inArea + where[i]),
                RefTensor.buildInts(new TensorType(DType.INT64, type.sizes()), i -> where[i]));
    }

    private static void visit(Window w, int[] in, java.util.function.IntConsumer body) {
        for (int z = w.from()[0]; z < w.to()[0]; z += w.step()[0]) {
            for (int y = w.from()[1]; y < w.to()[1]; y += w.step()[1]) {
                for (int x = w.from()[2]; x < w.to()[2]; x += w.step()[2]) {
                    body.accept((z * in[1] + y) * in[2] + x);
                }
            }
        }
    }
}
