package org.ipex4j.engine.ndarray;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.ipex4j.runtime.memory.LiveBytes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManagerTest extends ArrayTest {
    @Test
    void closingAManagerClosesAllBelowIt() {
        NDManager sub = m.newSubManager();
        NDManager deeper = sub.newSubManager();
        NDArray a = deeper.ones(s(2));
        NDArray b = a.add(1);
        assertThat(sub.getManagedArrays()).hasSize(2);
        sub.close();
        assertThat(deeper.isOpen()).isFalse();
        for (NDArray closed : new NDArray[] {a, b}) {
            assertThat(((IpexNDArray) closed).isReleased()).isTrue();
            assertThatThrownBy(closed::neg)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(closed.getUid())
                    .hasMessageContaining("(2)")
                    .hasMessageContaining("closed");
        }
        assertThatThrownBy(() -> sub.ones(s(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(sub.getName());
        assertThat(a.toString()).contains("closed");
        a.close();
        sub.close();
    }

    @Test
    void useAfterCloseNeverCrashes() {
        NDArray a = iota(2, 2);
        a.setName("weights");
        NDArray view = a.get(0);
        a.close();
        same(view, 0, 1);
        assertThatThrownBy(a::toFloatArray)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("weights");
        assertThatThrownBy(() -> a.addi(1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> view.add(a)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> view.addi(a)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> a.reshape(4)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> a.set(new float[4])).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> a.attach(m)).isInstanceOf(IllegalStateException.class);
        assertThat(a.equals(view)).isFalse();
    }

    @Test
    void attachAndDetach() {
        NDManager sub = m.newSubManager();
        NDArray kept = sub.ones(s(1));
        NDArray moved = sub.ones(s(1));
        kept.detach();
        moved.attach(m);
        sub.close();
        same(kept, 1);
        same(moved, 1);
        assertThat(moved.getManager()).isSameAs(m);
        assertThat(kept.getManager()).isSameAs(IpexNDManager.system());
        kept.close();
        NDManager other = m.newSubManager();
        NDArray returned = other.newSubManager().ret(other.newSubManager().ones(s(1)));
        assertThat(returned.getManager()).isSameAs(other);
    }

    @Test
    void tempAttachReturns() {
        NDArray a = m.ones(s(1));
        try (NDManager sub = m.newSubManager()) {
            sub.tempAttachAll(a);
            assertThat(a.getManager()).isSameAs(sub);
            assertThat(a.add(1).getManager()).isSameAs(sub);
        }
        assertThat(a.getManager()).isSameAs(m);
        same(a, 1);
        NDManager capped = m.newSubManager();
        NDArray b = capped.ones(s(1));
        capped.cap();
        try (NDManager sub = m.newSubManager()) {
            sub.tempAttachAll(b);
        }
        assertThat(b.getManager()).isSameAs(capped);
        assertThatThrownBy(() -> capped.ones(s(1))).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void resultsBelongToTheFirstArraysManager() {
        NDManager other = m.newSubManager();
        NDArray a = m.ones(s(1));
        NDArray b = other.ones(s(1));
        assertThat(a.add(b).getManager()).isSameAs(m);
        assertThat(b.add(a).getManager()).isSameAs(other);
        assertThat(a.get(other, 0).getManager()).isSameAs(other);
    }

    @Test
    void scopesCloseWhatIsMadeInThem() {
        NDArray kept;
        NDArray lost;
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            lost = m.ones(s(1));
            kept = lost.add(1);
            NDScope.unregister(kept);
        }
        same(kept, 2);
        assertThat(((IpexNDArray) lost).isReleased()).isTrue();
    }

    @Test
    void internReplacesTheNumbers() {
        NDArray a = f(1, 2);
        NDArray b = f(3, 4);
        a.intern(b);
        same(a, 3, 4);
        assertThat(((IpexNDArray) b).isReleased()).isTrue();
        assertThatThrownBy(() -> a.intern(f(1))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void creation() {
        same(m.arange(5), 0, 1, 2, 3, 4);
        assertThat(m.arange(5).getDataType()).isEqualTo(DataType.INT32);
        assertThat(m.arange(16777217, 16777219).toIntArray()).containsExactly(16777217, 16777218);
        same(m.arange(0f, 1f, 0.25f), 0, 0.25, 0.5, 0.75);
        same(m.arange(3, 0, -1), 3, 2, 1);
        assertThat(m.arange(3, 0, 1).getShape()).isEqualTo(s(0));
        same(m.eye(2), s(2, 2), 1, 0, 0, 1);
        same(m.eye(2, 3, 1), s(2, 3), 0, 1, 0, 0, 0, 1);
        same(m.linspace(0, 1, 3), 0, 0.5, 1);
        same(m.linspace(0f, 1f, 4, false), 0, 0.25, 0.5, 0.75);
        same(m.linspace(2, 5, 1), 2);
        same(m.full(s(2), 3), 3, 3);
        assertThat(m.full(s(1), 16777217).toIntArray()).containsExactly(16777217);
        same(m.full(s(2), 2.5f), 2.5, 2.5);
        same(m.hanningWindow(4), 0, 0.5, 1, 0.5);
        assertThat(m.create(s(2, 2), DataType.BFLOAT16).getShape()).isEqualTo(s(2, 2));
        assertThatThrownBy(() -> m.arange(0f, 1f, 0f)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void engineIsTheDefaultAlone() {
        assertThat(Engine.getInstance().getEngineName()).isEqualTo("IPEX");
        Engine engine = Engine.getEngine("IPEX");
        assertThat(engine.getRank()).isBetween(3, 9);
        assertThat(engine.defaultDevice()).isEqualTo(Device.cpu());
        assertThat(engine.getGpuCount()).isZero();
        assertThat(m.getEngine()).isSameAs(engine);
        assertThatThrownBy(() -> NDManager.newBaseManager(Device.gpu()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("gpu");
        assertThatThrownBy(() -> engine.newSymbolBlock(m))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("symbol");
        assertThatThrownBy(() -> IpexNDManager.system().close())
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void loadsFiles(@TempDir Path dir) throws Exception {
        Path file = dir.resolve("arrays");
        Files.write(file, new NDList(iota(3)).encode());
        same(m.load(file).singletonOrThrow(), 0, 1, 2);
    }

    @Test
    void outOfMemoryIsReportedAndSurvived() {
        assertThatThrownBy(() -> m.zeros(new Shape(1L << 40, 1024)))
                .isInstanceOf(RuntimeException.class)
                .hasMessageContaining("memory");
        assertThatThrownBy(() -> m.zeros(new Shape(1L << 40, 1L << 40)))
                .isInstanceOf(ArithmeticException.class);
        same(m.ones(s(2)), 1, 1);
    }

    @Test
    void nothingLeaks() {
        LiveBytes.assertSteady(
                () -> {
                    for (int i = 0; i < 500; i++) {
                        useMany(i);
                    }
                });
    }

    private void useMany(int i) {
        try (NDManager sub = m.newSubManager()) {
            NDArray a = sub.ones(s(33, 7));
            NDArray b = a.transpose().mul(i).add(a.get(0, 0));
            b.get("1:3, ::-1").addi(1);
            b.set(new ai.djl.ndarray.index.NDIndex("0"), 3.5);
            b.get(b.gt(1e9)).sum().toType(DataType.BFLOAT16, false);
            assertThatThrownBy(() -> b.add(sub.ones(s(2, 2))))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> b.get(sub.create(new long[] {7})))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void manyThreadsShareOps() throws Exception {
        NDArray shared = iota(64, 64);
        double expected = shared.matMul(shared).sum().getFloat();
        try (var pool = Executors.newFixedThreadPool(8)) {
            Callable<Boolean> job =
                    () -> {
                        for (int i = 1; i < 30; i++) {
                            try (NDManager sub = m.newSubManager()) {
                                NDArray a = sub.ones(s(i, 3)).mul(i);
                                if (a.sum().getFloat() != 3f * i * i) {
                                    return false;
                                }
                                NDArray view = shared.get(sub, 0);
                                view.sum();
                            }
                        }
                        return shared.matMul(shared).sum().getFloat() == (float) expected;
                    };
            for (Future<Boolean> f :
                    pool.invokeAll(IntStream.range(0, 16).mapToObj(i -> job).toList())) {
                assertThat(f.get()).isTrue();
            }
        }
    }
}
