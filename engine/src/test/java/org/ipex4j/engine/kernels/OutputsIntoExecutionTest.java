package org.ipex4j.engine.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.ipex4j.compiler.CompileOptions;
import org.ipex4j.compiler.CompileOptions.Write;
import org.ipex4j.compiler.Compiler;
import org.ipex4j.compiler.reference.Interpreter;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.compiler.samples.Closeness;
import org.ipex4j.compiler.samples.RandomGraphs;
import org.ipex4j.compiler.samples.UpdatingGraphs;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.Input.Role;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.plan.Layout;
import org.ipex4j.runtime.Runtime;
import org.ipex4j.runtime.Tensor;
import org.ipex4j.runtime.exec.Executable;
import org.junit.jupiter.api.Test;

/** Graphs that replace their inputs, run natively. */
class OutputsIntoExecutionTest {
    private final GraphBuilder g = new GraphBuilder();

    private static Executable load(Graph graph, CompileOptions options, Write... writes) {
        Runtime runtime = Runtime.instance();
        return Executable.load(
                new Compiler(runtime.target(), runtime.oracle())
                        .verifying()
                        .compile(graph, options.withOutputsInto(List.of(writes))));
    }

    private static Tensor vector(double... values) {
        return RandomGraphExecutionTest.tensor(
                RefTensor.build(TensorType.of(DType.FLOAT32, values.length), i -> values[i]));
    }

    private static float[] floats(Tensor t) {
        return t.segment().toArray(ValueLayout.JAVA_FLOAT);
    }

    private static void close(Tensor... tensors) {
        Arrays.stream(tensors).forEach(Tensor::close);
    }

    private Value input(Role role, String name, long... sizes) {
        return g.input(role, name, TensorType.of(DType.FLOAT32, sizes));
    }

    @Provide
    Arbitrary<Graph> graphs() {
        return RandomGraphs.graphs(14);
    }

    @Property(tries = 40, seed = "3")
    void randomGraphsAgreeRunAfterRun(@ForAll("graphs") Graph graph) {
        UpdatingGraphs.Updating updating = UpdatingGraphs.of(graph);
        List<RefTensor> inputs = new ArrayList<>(RandomGraphs.inputs(updating.graph(), 7));
        Tensor[] given =
                inputs.stream().map(RandomGraphExecutionTest::tensor).toArray(Tensor[]::new);
        try (Executable executable =
                load(
                        updating.graph(),
                        CompileOptions.DEFAULT,
                        updating.writes().toArray(Write[]::new))) {
            for (int run = 0; run < 2; run++) {
                List<RefTensor> expected = Interpreter.run(updating.graph(), inputs);
                Tensor[] results = executable.run(given, null);
                for (int i = 0; i < results.length; i++) {
                    Closeness.check(
                            "run " + run + ", output " + i + " of\n" + updating.graph(),
                            expected.get(i),
                            RandomGraphExecutionTest.reference(results[i]),
                            RandomGraphs.SLACK);
                }
                // The next run starts from what this one really left.
                for (Write w : updating.writes()) {
                    RefTensor now = RandomGraphExecutionTest.reference(given[w.input()]);
                    assertThat(now)
                            .isEqualTo(RandomGraphExecutionTest.reference(results[w.output()]));
                    inputs.set(w.input(), now);
                }
                close(results);
            }
        } finally {
            close(given);
        }
    }

    /** What parameters alone determine is computed anew after a run has changed them. */
    @Test
    void prologuesServeTheOldValueAndRunAgainForTheNew() {
        Value w = input(Role.PARAMETER, "w", 16, 16);
        Value x = input(Role.ARGUMENT, "x", 4, 16);
        Value packed = g.call("aten.tanh", w); // a prologue
        Value y = g.call("aten.mm", x, packed);
        Value changed = g.call("aten.sub.Tensor", w, g.call("aten.mean", y));
        Graph graph = g.build(y, changed);
        List<RefTensor> inputs = new ArrayList<>(RandomGraphs.inputs(graph, 1));
        Tensor[] given =
                inputs.stream().map(RandomGraphExecutionTest::tensor).toArray(Tensor[]::new);
        try (Executable executable = load(graph, CompileOptions.DEFAULT, new Write(1, 0))) {
            assertThat(executable.graph().prologues()).isNotEmpty();
            for (int run = 0; run < 4; run++) {
                List<RefTensor> expected = Interpreter.run(graph, inputs);
                long version = given[0].version();
                Tensor[] results = executable.run(given, null);
                assertThat(given[0].version()).isEqualTo(version + 1);
                for (int i = 0; i < 2; i++) {
                    Closeness.check(
                            "run " + run + ", output " + i,
                            expected.get(i),
                            RandomGraphExecutionTest.reference(results[i]),
                            10);
                }
                inputs.set(0, RandomGraphExecutionTest.reference(given[0]));
                close(results);
            }
        } finally {
            close(given);
        }
    }

    @Test
    void stridedInputsAreWrittenThroughTheirStrides() {
        Value p = input(Role.ARGUMENT, "p", 3);
        Value x = input(Role.ARGUMENT, "x", 5);
        Value even = g.call("aten.slice.Tensor", g.call("aten.mul.Scalar", x, 2), 0L, 0L, 5L, 2L);
        Graph graph = g.build(g.call("aten.add.Tensor", even, p));
        CompileOptions options =
                CompileOptions.DEFAULT.withInputLayouts(
                        List.of(Layout.strided(new long[] {2}), Layout.strided(new long[] {1})));
        try (Executable executable = load(graph, options, new Write(0, 0));
                Tensor whole = vector(1, -1, 2, -1, 3, -1);
                Tensor every = whole.view(Sizes.of(3), new long[] {2}, 0);
                Tensor source = vector(1, 2, 3, 4, 5)) {
            close(executable.run(new Tensor[] {every, source}, null));
            assertThat(floats(whole)).containsExactly(3, -1, 8, -1, 13, -1);
        }
    }

    @Test
    void inputsThatShareMemoryAreRefused() {
        Value a = input(Role.ARGUMENT, "a", 3);
        Value b = input(Role.ARGUMENT, "b", 3);
        Value c = input(Role.ARGUMENT, "c", 3);
        Value sum = g.call("aten.add.Tensor", g.call("aten.add.Tensor", a, b), c);
        try (Executable executable = load(g.build(sum), CompileOptions.DEFAULT, new Write(0, 1));
                Tensor x = vector(1, 2, 3);
                Tensor y = vector(4, 5, 6);
                Tensor pair = vector(1, 2, 3, 4, 5);
                Tensor low = pair.view(Sizes.of(3), new long[] {1}, 0);
                Tensor high = pair.view(Sizes.of(3), new long[] {1}, 2)) {
            assertThatThrownBy(() -> executable.run(new Tensor[] {x, y, y}, null))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("input 1 is to be changed but shares memory with input 2");
            assertThatThrownBy(() -> executable.run(new Tensor[] {high, low, x}, null))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("input 1 is to be changed but shares memory with input 0");
            // What is only read may be given twice.
            close(executable.run(new Tensor[] {x, y, x}, null));
            assertThat(floats(y)).containsExactly(6, 9, 12);
            close(executable.run(new Tensor[] {low, y, high}, null));
            assertThat(floats(y)).containsExactly(6 + 1 + 3, 9 + 2 + 4, 12 + 3 + 5);
        }
    }

    @Test
    void readOnlyInputsAreRefused() {
        Value a = input(Role.ARGUMENT, "a", 3);
        try (Arena arena = Arena.ofShared();
                Executable executable =
                        load(
                                g.build(g.call("aten.mul.Scalar", a, 2)),
                                CompileOptions.DEFAULT,
                                new Write(0, 0));
                Tensor fixed =
                        Tensor.wrap(
                                arena.allocate(12, 4).asReadOnly(),
                                TensorType.of(DType.FLOAT32, 3))) {
            assertThatThrownBy(() -> executable.run(new Tensor[] {fixed}, null))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("input 0 is to be changed but is read-only");
        }
    }

    @Test
    void theVersionChangesAlsoWhenTheRunFails() {
        Value p = input(Role.ARGUMENT, "p", 3);
        Value table = input(Role.ARGUMENT, "table", 3);
        Value index = g.input(Role.ARGUMENT, "index", TensorType.of(DType.INT64, 3));
        Value picked = g.call("aten.index_select", table, 0L, index);
        Graph graph = g.build(g.call("aten.add.Tensor", p, picked));
        try (Executable executable = load(graph, CompileOptions.DEFAULT, new Write(0, 0));
                Tensor x = vector(1, 2, 3);
                Tensor t = vector(4, 5, 6);
                Tensor i = Tensor.empty(TensorType.of(DType.INT64, 3))) {
            i.segment().copyFrom(java.lang.foreign.MemorySegment.ofArray(new long[] {0, 9, 1}));
            long before = x.version();
            assertThatThrownBy(() -> executable.run(new Tensor[] {x, t, i}, null))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThat(x.version()).isGreaterThan(before);
        }
    }

    @Test
    void aResultMayBeWantedElsewhereToo() {
        Value a = input(Role.ARGUMENT, "a", 3);
        try (Executable executable =
                        load(
                                g.build(g.call("aten.mul.Scalar", a, 2)),
                                CompileOptions.DEFAULT,
                                new Write(0, 0));
                Tensor x = vector(1, 2, 3);
                Tensor out = vector(0, 0, 0)) {
            executable.run(new Tensor[] {x}, new Tensor[] {out});
            assertThat(floats(x)).containsExactly(2, 4, 6);
            assertThat(floats(out)).containsExactly(2, 4, 6);
        }
    }
}
