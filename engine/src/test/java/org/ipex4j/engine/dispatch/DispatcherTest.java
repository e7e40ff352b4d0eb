package org.ipex4j.engine.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Scalar;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;
import org.ipex4j.runtime.Tensor;
import org.junit.jupiter.api.Test;

class DispatcherTest {
    private static Signature signature(String op, Object... args) {
        Op found = OpCatalog.get(op);
        return Signature.of(found, Args.of(found.schema(), args), null, true);
    }

    @Test
    void signaturesDifferInAllThatCodeDependsOn() {
        try (Tensor a = Tensor.empty(TensorType.of(DType.FLOAT32, 2, 3));
                Tensor same = Tensor.empty(TensorType.of(DType.FLOAT32, 2, 3));
                Tensor sizes = Tensor.empty(TensorType.of(DType.FLOAT32, 3, 2));
                Tensor type = Tensor.empty(TensorType.of(DType.FLOAT64, 2, 3));
                Tensor strides = a.view(Sizes.of(2, 3), new long[] {1, 2}, 0)) {
            Signature base = signature("aten.sum.dim_IntList", a, new long[] {0}, false);
            assertThat(base)
                    .isEqualTo(signature("aten.sum.dim_IntList", same, new long[] {0}, false))
                    .hasSameHashCodeAs(
                            signature("aten.sum.dim_IntList", same, new long[] {0}, false));
            List<Signature> others = new ArrayList<>();
            others.add(base);
            others.add(signature("aten.sum.dim_IntList", sizes, new long[] {0}, false));
            others.add(signature("aten.sum.dim_IntList", type, new long[] {0}, false));
            others.add(signature("aten.sum.dim_IntList", strides, new long[] {0}, false));
            others.add(signature("aten.sum.dim_IntList", a, new long[] {1}, false));
            others.add(signature("aten.sum.dim_IntList", a, new long[] {0, 1}, false));
            others.add(signature("aten.sum.dim_IntList", a, null, false));
            others.add(signature("aten.sum.dim_IntList", a, new long[] {0}, true));
            others.add(signature("aten.sum.dim_IntList", a, new long[] {0}, false, DType.FLOAT64));
            others.add(signature("aten.mean.dim", a, new long[] {0}, false));
            others.add(signature("aten.gelu", a));
            others.add(signature("aten.gelu", a, "tanh"));
            others.add(signature("aten.add.Scalar", a, Scalar.of(1L)));
            others.add(signature("aten.add.Scalar", a, Scalar.of(1.0)));
            others.add(signature("aten.add.Scalar", a, Scalar.of(true)));
            others.add(signature("aten.cat", List.of(a, same), 0));
            others.add(signature("aten.cat", List.of(a), 0));
            assertThat(Set.copyOf(others)).hasSameSizeAs(others);
        }
    }

    private static OpCache.Loaded counting(AtomicInteger closed) {
        return new OpCache.Loaded() {
            private volatile boolean open = true;

            @Override
            public Tensor[] run(Tensor[] inputs, Tensor[] outs) {
                if (!open) {
                    throw new IllegalStateException("closed while in use");
                }
                Thread.yield();
                if (!open) {
                    throw new IllegalStateException("closed while in use");
                }
                return new Tensor[0];
            }

            @Override
            public void close() {
                open = false;
                closed.incrementAndGet();
            }
        };
    }

    @Test
    void theCacheLoadsOnceAndStaysBounded() throws Exception {
        AtomicInteger loads = new AtomicInteger();
        AtomicInteger closed = new AtomicInteger();
        OpCache cache =
                new OpCache(
                        8,
                        op -> {
                            loads.incrementAndGet();
                            return counting(closed);
                        });
        List<Signature> keys = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            try (Tensor t = Tensor.empty(TensorType.of(DType.FLOAT32, i + 1))) {
                keys.add(signature("aten.relu", t));
            }
        }
        for (int repeat = 0; repeat < 3; repeat++) {
            cache.run(keys.getFirst(), () -> null, new Tensor[0], null);
        }
        assertThat(loads).hasValue(1);
        try (var pool = Executors.newFixedThreadPool(4)) {
            List<Future<?>> jobs = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                int seed = t;
                jobs.add(
                        pool.submit(
                                () -> {
                                    for (int i = 0; i < 2000; i++) {
                                        cache.run(
                                                keys.get((i * 7 + seed) % 40),
                                                () -> null,
                                                new Tensor[0],
                                                null);
                                    }
                                }));
            }
            for (Future<?> job : jobs) {
                job.get();
            }
        }
        assertThat(cache.size()).isLessThanOrEqualTo(8 + 4);
        assertThat(loads.get() - closed.get()).isEqualTo(cache.size());
    }

    @Test
    void aFailedCompilationIsTriedAgain() {
        AtomicInteger loads = new AtomicInteger();
        OpCache cache =
                new OpCache(
                        8,
                        op -> {
                            if (loads.incrementAndGet() == 1) {
                                throw new IllegalArgumentException("first");
                            }
                            return counting(new AtomicInteger());
                        });
        try (Tensor t = Tensor.empty(TensorType.of(DType.FLOAT32, 1))) {
            Signature key = signature("aten.relu", t);
            assertThatThrownBy(() -> cache.run(key, () -> null, new Tensor[0], null))
                    .hasMessage("first");
            assertThat(cache.size()).isZero();
            cache.run(key, () -> null, new Tensor[0], null);
            assertThat(loads).hasValue(2);
        }
    }

    @Test
    void oneNumberServesAll() {
        int before = OpCache.shared().size();
        Op add = OpCatalog.get("aten.add.Scalar");
        Set<Float> seen = ConcurrentHashMap.newKeySet();
        try (Tensor t = Tensor.empty(TensorType.of(DType.FLOAT32, 5, 1, 3))) {
            t.segment().fill((byte) 0);
            for (int i = 0; i < 10; i++) {
                Tensor[] out = Lifted.run(add, Args.of(add.schema(), t, Scalar.of(i + 0.5)), null);
                seen.add(
                        out[0].segment()
                                .get(java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED, 0));
                out[0].close();
            }
        }
        assertThat(seen).hasSize(10).contains(9.5f);
        assertThat(OpCache.shared().size() - before).isLessThanOrEqualTo(1);
    }
}
