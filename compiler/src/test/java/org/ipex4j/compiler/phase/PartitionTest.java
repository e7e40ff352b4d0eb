package org.ipex4j.compiler.phase;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.ipex4j.compiler.CompileOptions.Write;
import org.ipex4j.compiler.decompose.Decompose;
import org.ipex4j.compiler.pass.Canonicalize;
import org.ipex4j.compiler.pass.CommonSubexpressions;
import org.ipex4j.compiler.pass.DeadCode;
import org.ipex4j.compiler.pass.FoldConstants;
import org.ipex4j.compiler.pass.PassRunner;
import org.ipex4j.compiler.pass.PoolWorkspaces;
import org.ipex4j.compiler.pass.StageListener;
import org.ipex4j.compiler.phase.TrainingGraphs.Training;
import org.ipex4j.compiler.reference.Interpreter;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.compiler.samples.Closeness;
import org.ipex4j.compiler.samples.RandomGraphs;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.GraphVerifier;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Trait;
import org.junit.jupiter.api.Test;

/** What is saved for backward, what is computed again, and when. */
class PartitionTest {
    private static Graph simple(Graph graph) {
        return new PassRunner(Set.of(), StageListener.NONE, true)
                .run(
                        List.of(
                                new PoolWorkspaces(t -> t == DType.FLOAT32),
                                new Decompose(false, t -> t == DType.FLOAT32),
                                new Canonicalize(),
                                new FoldConstants(),
                                new CommonSubexpressions(),
                                new DeadCode()),
                        graph);
    }

    private static Partition cut(Training t) {
        Graph simple = simple(t.graph());
        Partition cut = Partition.of(simple, t.writes());
        check(simple, cut, t.writes());
        return cut;
    }

    /** What holds of every cut. */
    private static void check(Graph before, Partition cut, List<Write> writes) {
        Graph g = cut.graph();
        GraphVerifier.verify(g);
        Phases phases = cut.phases();
        int last = 0;
        for (Node n : g.nodes()) {
            assertThat(phases.of(n)).as("phase of %s", n.op()).isGreaterThanOrEqualTo(last);
            last = phases.of(n);
            for (Value v : n.operands()) {
                assertThat(phases.of(v)).isLessThanOrEqualTo(last);
            }
        }
        assertThat(last).isLessThan(phases.count());
        Set<Value> outputs = new HashSet<>(g.outputs());
        for (Write w : writes) {
            Value input = g.inputs().get(w.input()).value();
            int written = phases.of(g.outputs().get(w.output()));
            for (Node u : g.users(input)) {
                assertThat(phases.of(u))
                        .as("reads a replaced input: %s", u)
                        .isLessThanOrEqualTo(written);
            }
        }
        // Only what a kernel does in passing is done twice.
        Map<String, Integer> again = new HashMap<>();
        g.nodes().forEach(n -> again.merge(n.op().name(), 1, Integer::sum));
        before.nodes().forEach(n -> again.merge(n.op().name(), -1, Integer::sum));
        for (Node n : g.nodes()) {
            boolean inPassing =
                    n.op().is(Trait.POINTWISE) && !n.op().is(Trait.EXPENSIVE)
                            || n.op().is(Trait.VIEW)
                            || n.is("aten.full")
                            || n.is("aten.clone");
            if (!inPassing) {
                assertThat(again.get(n.op().name()))
                        .as("%s is repeated", n.op())
                        .isLessThanOrEqualTo(0);
            }
        }
        assertThat(outputs).hasSameSizeAs(new HashSet<>(before.outputs()));
        List<RefTensor> inputs = RandomGraphs.inputs(before, 5);
        List<RefTensor> expected = Interpreter.run(before, inputs);
        List<RefTensor> actual = Interpreter.run(g, inputs);
        for (int i = 0; i < expected.size(); i++) {
            Closeness.check("output " + i + " of\n" + g, expected.get(i), actual.get(i), 1);
        }
    }

    /** Values computed in forward that backward reads. */
    private static Set<Value> saved(Partition cut) {
        Set<Value> out = new LinkedHashSet<>();
        for (Node n : cut.graph().nodes()) {
            for (Value v : n.operands()) {
                if (cut.phases().of(n) > 0
                        && cut.phases().of(v) == 0
                        && cut.graph().producer(v) != null) {
                    out.add(v);
                }
            }
        }
        return out;
    }

    private static Set<String> makers(Partition cut, Set<Value> values) {
        return values.stream()
                .map(v -> cut.graph().producer(v).op().name())
                .collect(Collectors.toSet());
    }

    @Test
    void convolutionNormReluSaveConvolutionsAndStatistics() {
        TrainingGraphs t = new TrainingGraphs();
        Value x = t.input("x", false, 2, 8, 64, 64);
        Value y = t.relu(t.norm(t.conv(t.relu(t.norm(t.conv(x, 16, 3, 1))), 16, 3, 1)));
        Partition cut = cut(t.joint(t.g.call("aten.sum.dim_IntList", y, new long[] {2, 3}, false)));
        assertThat(cut.phases().count()).isEqualTo(2);
        Set<Value> saved = saved(cut);
        long large = 2 * 16 * 64 * 64;
        Set<Value> images =
                saved.stream().filter(v -> v.type().numel() == large).collect(Collectors.toSet());
        // The two convolutions' results. The first ReLU's, which the second convolution reads, is
        // one too many for the share that is kept. No masks, no normalised values.
        assertThat(images).allMatch(v -> v.type().dtype() == DType.FLOAT32).hasSize(2);
        assertThat(makers(cut, images)).containsExactly("aten.convolution");
        // Means, reciprocal deviations and what they make of 16 channels each.
        assertThat(saved.stream().filter(v -> v.type().numel() != large))
                .allMatch(v -> v.type().numel() == 16)
                .hasSizeBetween(4, 14);
    }

    @Test
    void masksOfResidualSumsAreComputedAgain() {
        TrainingGraphs t = new TrainingGraphs();
        Value x = t.relu(t.norm(t.conv(t.input("x", false, 2, 3, 64, 64), 16, 3, 1)));
        Value y = t.block(x, 16, 1);
        Value sums = t.g.call("aten.sum.dim_IntList", y, new long[] {2, 3}, false);
        Partition cut = cut(t.joint(sums));
        assertThat(saved(cut).stream().filter(v -> v.type().byteSize() > 64 << 10))
                .isNotEmpty()
                .noneMatch(v -> v.type().dtype() == DType.BOOL);
        Map<String, Long> convolutions =
                cut.graph().nodes().stream()
                        .map(n -> n.op().name() + " in " + cut.phases().of(n))
                        .filter(s -> s.contains("onvolution"))
                        .collect(Collectors.groupingBy(s -> s, Collectors.counting()));
        assertThat(convolutions.get("aten.convolution in 0")).isEqualTo(3);
        assertThat(convolutions).doesNotContainKey("aten.convolution in 1");
    }

    @Test
    void theSmallestOfAChainIsSaved() {
        GraphBuilder g = new GraphBuilder();
        TensorType type = TensorType.of(DType.FLOAT32, 200, 300);
        Value x = g.input(Input.Role.ARGUMENT, "x", type);
        Value t = g.input(Input.Role.TANGENT, "t", type);
        // cosh is read by backward; so is a comparison, a quarter as large, of the same chain.
        Value e = g.call("aten.exp", x);
        Value mask = g.call("aten.gt.Scalar", e, 1.0);
        Value y = g.call("aten.neg", e);
        Value back = g.call("aten.where.self", mask, t, g.call("aten.neg", t));
        Graph graph = g.build(y, back);
        Partition cut = Partition.of(graph);
        check(graph, cut, List.of());
        assertThat(saved(cut)).containsExactly(mask);
    }

    @Test
    void randomNumbersAreDrawnOnce() {
        GraphBuilder g = new GraphBuilder();
        TensorType type = TensorType.of(DType.FLOAT32, 200, 300);
        Value x = g.input(Input.Role.ARGUMENT, "x", type);
        Value state = g.input(Input.Role.ARGUMENT, "state", TensorType.of(DType.INT64, 2));
        Value t = g.input(Input.Role.TANGENT, "t", type);
        Value unit = g.call("ipex.philox_uniform", state, 0, new long[] {200, 300}, DType.FLOAT32);
        Value kept = g.call("aten.ge.Scalar", unit, 0.5);
        Graph graph =
                g.build(g.call("aten.mul.Tensor", x, kept), g.call("aten.mul.Tensor", t, kept));
        Partition cut = Partition.of(graph);
        assertThat(cut.graph().nodes().stream().filter(n -> n.is("ipex.philox_uniform")))
                .hasSize(1);
        assertThat(saved(cut)).containsExactly(kept);
    }

    @Test
    void reductionsOfConstantsAreDoneOnce() {
        GraphBuilder g = new GraphBuilder();
        TensorType type = TensorType.of(DType.FLOAT32, 200);
        Value x = g.input(Input.Role.ARGUMENT, "x", type);
        Value t = g.input(Input.Role.TANGENT, "t", type);
        Value ones = g.call("aten.full", new long[] {300, 200}, 1.0);
        Value peak = g.call("aten.amax", ones, new long[] {0}, false);
        Value twice = g.call("aten.mul.Scalar", peak, 2.0);
        Graph graph =
                g.build(g.call("aten.mul.Tensor", x, twice), g.call("aten.mul.Tensor", t, twice));
        Partition cut = Partition.of(graph);
        check(graph, cut, List.of());
        // The product, which is as large and saves backward the work, or the maximum.
        assertThat(saved(cut)).hasSize(1).isSubsetOf(peak, twice);
    }

    @Test
    void aReplacedInputIsCopiedForLaterReaders() {
        GraphBuilder g = new GraphBuilder();
        TensorType type = TensorType.of(DType.FLOAT32, 200, 300);
        Value s = g.input(Input.Role.ARGUMENT, "s", type);
        Value x = g.input(Input.Role.ARGUMENT, "x", type);
        Value t = g.input(Input.Role.TANGENT, "t", type);
        Value y = g.call("aten.mul.Tensor", x, s);
        Value next = g.call("aten.add.Tensor", s, x);
        Graph graph = g.build(y, next, g.call("aten.mul.Tensor", t, s));
        List<Write> writes = List.of(new Write(1, 0));
        Partition cut = Partition.of(graph, writes);
        check(graph, cut, writes);
        assertThat(makers(cut, saved(cut))).containsExactly("aten.clone");
        // Nobody writes to it: nothing is copied.
        assertThat(saved(Partition.of(graph))).isEmpty();
    }

    @Test
    void viewsOfAReplacedInputAreTakenOfTheCopy() {
        GraphBuilder g = new GraphBuilder();
        TensorType type = TensorType.of(DType.FLOAT32, 200, 300);
        TensorType other = TensorType.of(DType.FLOAT32, 300, 200);
        Value s = g.input(Input.Role.ARGUMENT, "s", type);
        Value x = g.input(Input.Role.ARGUMENT, "x", other);
        Value t = g.input(Input.Role.TANGENT, "t", other);
        Value turned = g.call("aten.permute", s, new long[] {1, 0});
        Value y = g.call("aten.mul.Tensor", x, turned);
        Value next = g.call("aten.mul.Scalar", s, 0.5);
        Graph graph = g.build(y, next, g.call("aten.mul.Tensor", t, turned));
        List<Write> writes = List.of(new Write(1, 0));
        Partition cut = Partition.of(graph, writes);
        check(graph, cut, writes);
        assertThat(makers(cut, saved(cut))).containsExactly("aten.clone");
    }

    @Test
    void threePhases() {
        GraphBuilder g = new GraphBuilder();
        TensorType type = TensorType.of(DType.FLOAT32, 5, 7);
        Value w = g.input(Input.Role.ARGUMENT, "w", type);
        Value x = g.input(Input.Role.ARGUMENT, "x", type);
        Value t = g.input(Input.Role.TANGENT, "t", type);
        Value rate = g.input(Input.Role.UPDATE, "rate", TensorType.of(DType.FLOAT32));
        Value y = g.call("aten.tanh", g.call("aten.mul.Tensor", w, x));
        Value slope = g.call("aten.mul.Tensor", g.call("aten.tanh_backward", t, y), x);
        Value next = g.call("aten.sub.Tensor", w, g.call("aten.mul.Tensor", slope, rate));
        Graph graph = g.build(y, slope, next);
        Partition cut = Partition.of(graph, List.of(new Write(2, 0)));
        check(graph, cut, List.of(new Write(2, 0)));
        assertThat(cut.phases().count()).isEqualTo(3);
        assertThat(cut.phases().of(y)).isZero();
        assertThat(cut.phases().of(slope)).isEqualTo(1);
        assertThat(cut.phases().of(next)).isEqualTo(2);
    }

    @Provide
    Arbitrary<Graph> graphs() {
        return RandomGraphs.graphs(20);
    }

    @Property(tries = 150)
    void randomJointGraphsKeepTheirMeaning(@ForAll("graphs") Graph graph) {
        RandomJoints.of(graph)
                .ifPresent(
                        t -> {
                            Graph simple = simple(t.graph());
                            check(simple, Partition.of(simple, t.writes()), t.writes());
                        });
    }
}
