package org.ipex4j.engine.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.ipex4j.compiler.loop.LoopGroup;
import org.ipex4j.compiler.loop.LoopKernel;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.plan.Layout;

/**
 * Prints the bandwidth of common kernels; run by hand: {@code java ... KernelBandwidth [threads]}.
 */
final class KernelBandwidth {
    private static final java.lang.management.ThreadMXBean CPU =
            java.lang.management.ManagementFactory.getThreadMXBean();

    private KernelBandwidth() {}

    public static void main(String[] args) {
        int threads = args.length > 0 ? Integer.parseInt(args[0]) : 2;
        long big = 8 << 20;
        measure("copy 32 MB", threads, g -> g.call("aten.clone", x(g, big)), Map.of());
        measure("relu 32 MB", threads, g -> g.call("aten.relu", x(g, big)), Map.of());
        measure(
                "add 3x32 MB",
                threads,
                g -> g.call("aten.add.Tensor", x(g, big), x(g, big)),
                Map.of());
        measure("gelu(tanh) 32 MB", threads, g -> g.call("aten.gelu", x(g, big), "tanh"), Map.of());
        measure("bf16 copy 32 MB", threads, g -> g.call("aten.clone", half(g, 2 * big)), Map.of());
        measure("bf16 relu(add) 3x32 MB", threads, KernelBandwidth::halves, Map.of());
        measure("bf16 relu(add) 3x384 KB", threads, g -> halves(g, 3 << 16), Map.of());
        measure("f32 relu(add) 3x384 KB", threads, g -> floats(g, 3 << 15), Map.of());
        measure(
                "bf16 gelu(tanh) 32 MB",
                threads,
                g -> g.call("aten.gelu", half(g, 2 * big), "tanh"),
                Map.of());
        measure(
                "f32 to bf16 32 + 16 MB",
                threads,
                g -> g.call("aten._to_copy", x(g, big), DType.BFLOAT16),
                Map.of());
        measure(
                "bf16 to f32 16 + 32 MB",
                threads,
                g -> g.call("aten._to_copy", half(g, big), DType.FLOAT32),
                Map.of());
        measure("bf16 softmax 8192x1024", threads, g -> softmax(g, half(g, 8192, 1024)), Map.of());
        measure("bf16 sum all 32 MB", threads, g -> g.call("aten.sum", half(g, 2 * big)), Map.of());
        measure("sum all 32 MB", threads, g -> g.call("aten.sum", x(g, big)), Map.of());
        measure("softmax 8192x1024", threads, g -> softmax(g, x(g, 8192, 1024)), Map.of());
        measure("gelu(erf) 32 MB", threads, g -> g.call("aten.gelu", x(g, big), "none"), Map.of());
        measure("softmax 512x1024", threads, g -> softmax(g, x(g, 512, 1024)), Map.of());
        measure("softmax 49152x128", threads, g -> softmax(g, x(g, 49152, 128)), Map.of());
        measure("layer norm 8192x768", threads, g -> layerNorm(g, x(g, 8192, 768)), Map.of());
        measure(
                "column sum 8192x1024",
                threads,
                g -> g.call("aten.sum.dim_IntList", x(g, 8192, 1024), new long[] {0}, false),
                Map.of());
        measure(
                "batch norm 16x64x56x56",
                threads,
                g ->
                        g.call(
                                "aten.relu",
                                g.call("aten.mul.Tensor", x(g, 16, 64, 56, 56), x(g, 64, 1, 1))),
                Map.of());
        measure(
                "mean HW 16x2048x7x7",
                threads,
                g -> g.call("aten.sum.dim_IntList", x(g, 16, 2048, 7, 7), new long[] {2, 3}, true),
                Map.of());
        measure(
                "mean HW 16x2048x7x7 nChw16c",
                threads,
                g -> g.call("aten.sum.dim_IntList", x(g, 16, 2048, 7, 7), new long[] {2, 3}, true),
                Map.of(0, Layout.blockedChannels(org.ipex4j.ir.Sizes.of(16, 2048, 7, 7), 16)));
        measure(
                "transpose 2048x2048",
                threads,
                g -> g.call("aten.clone", x(g, 2048, 2048)),
                Map.of(0, Layout.strided(1, 2048)));
        measure(
                "nchw->nhwc 16x64x56x56",
                threads,
                g -> g.call("aten.clone", x(g, 16, 64, 56, 56)),
                Map.of(0, Layout.channelsLast(org.ipex4j.ir.Sizes.of(16, 64, 56, 56))));
        measure(
                "embedding 4096x768",
                threads,
                g ->
                        g.call(
                                "aten.embedding",
                                x(g, 30000, 768),
                                g.input(
                                        Input.Role.ARGUMENT,
                                        "i",
                                        TensorType.of(DType.INT64, 4096))),
                Map.of());
        for (long n : new long[] {64, 1024, 16384, 65536}) {
            measure("relu " + n, threads, g -> g.call("aten.relu", x(g, n)), Map.of());
        }
    }

    private static Value x(GraphBuilder g, long... sizes) {
        return g.input(Input.Role.ARGUMENT, "x", TensorType.of(DType.FLOAT32, sizes));
    }

    private static Value half(GraphBuilder g, long... sizes) {
        return g.input(Input.Role.ARGUMENT, "h", TensorType.of(DType.BFLOAT16, sizes));
    }

    private static Value halves(GraphBuilder g) {
        return halves(g, 16 << 20);
    }

    private static Value halves(GraphBuilder g, long n) {
        return g.call("aten.relu", g.call("aten.add.Tensor", half(g, n), half(g, n)));
    }

    private static Value floats(GraphBuilder g, long n) {
        return g.call("aten.relu", g.call("aten.add.Tensor", x(g, n), x(g, n)));
    }

    private static Value softmax(GraphBuilder g, Value x) {
        Value e =
                g.call(
                        "aten.exp",
                        g.call("aten.sub.Tensor", x, g.call("aten.amax", x, new long[] {1}, true)));
        return g.call(
                "aten.div.Tensor", e, g.call("aten.sum.dim_IntList", e, new long[] {1}, true));
    }

    private static Value layerNorm(GraphBuilder g, Value x) {
        double n = x.type().sizes().get(-1);
        Value d =
                g.call(
                        "aten.sub.Tensor",
                        x,
                        g.call(
                                "aten.mul.Scalar",
                                g.call("aten.sum.dim_IntList", x, new long[] {1}, true),
                                1 / n));
        Value var =
                g.call(
                        "aten.mul.Scalar",
                        g.call(
                                "aten.sum.dim_IntList",
                                g.call("aten.mul.Tensor", d, d),
                                new long[] {1},
                                true),
                        1 / n);
        Value y =
                g.call(
                        "aten.mul.Tensor",
                        d,
                        g.call("aten.rsqrt", g.call("aten.add.Scalar", var, 1e-5)));
        return g.call(
                "aten.add.Tensor", g.call("aten.mul.Tensor", y, x(g, (long) n)), x(g, (long) n));
    }

    private static void measure(
            String what,
            int threads,
            Function<GraphBuilder, Value> build,
            Map<Integer, Layout> inputLayouts) {
        GraphBuilder g = new GraphBuilder();
        Value out = build.apply(g);
        List<LoopGroup> groups = KernelHarness.groups(g.build(out));
        if (groups.size() != 1) {
            System.out.println(what + ": " + groups.size() + " kernels");
            return;
        }
        Map<Value, Layout> layouts = new HashMap<>();
        inputLayouts.forEach((i, l) -> layouts.put(groups.getFirst().inputs().get(i), l));
        LoopKernel k = KernelHarness.compile(groups.getFirst(), layouts);
        try (Arena arena = Arena.ofConfined()) {
            List<MemorySegment> buffers = new ArrayList<>();
            double bytes = 0;
            for (Value v : k.buffers()) {
                MemorySegment m =
                        KernelHarness.buffer(
                                arena,
                                v.type(),
                                Layout.contiguous(v.type().sizes()),
                                (RefTensor) null);
                m.fill((byte) 0);
                bytes +=
                        v.type().dtype() == DType.INT64 || v.type().sizes().numel() == 30000 * 768
                                ? 0
                                : v.type().byteSize();
                buffers.add(m);
            }
            if (what.startsWith("embedding")) {
                bytes *= 2;
            }
            MemorySegment pointers = arena.allocate(8L * buffers.size(), 8);
            for (int i = 0; i < buffers.size(); i++) {
                pointers.setAtIndex(ValueLayout.ADDRESS, i, buffers.get(i));
            }
            MemorySegment params = arena.allocateFrom(ValueLayout.JAVA_LONG, k.params());
            long address = KernelHarness.address(k.unit());
            int used = Math.min(threads, k.maxThreads());
            int repeat = Math.max(1, (int) Math.min(20000, 2e7 / Math.max(1000, bytes)));
            double[] seconds = new double[60];
            for (int round = -10; round < seconds.length; round++) {
                long t0 = used == 1 ? CPU.getCurrentThreadCpuTime() : System.nanoTime();
                for (int i = 0; i < repeat; i++) {
                    KernelHarness.call(address, pointers, params, used);
                }
                if (round >= 0) {
                    seconds[round] =
                            ((used == 1 ? CPU.getCurrentThreadCpuTime() : System.nanoTime()) - t0)
                                    * 1e-9
                                    / repeat;
                }
            }
            Arrays.sort(seconds);
            System.out.printf(
                    "%-32s %2d threads %10.2f us best, %10.2f us median %8.1f GB/s%n",
                    what,
                    used,
                    seconds[0] * 1e6,
                    seconds[seconds.length / 2] * 1e6,
                    bytes / seconds[0] * 1e-9);
        }
    }
}
