package org.ipex4j.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.ipex4j.compiler.pass.StageListener;
import org.ipex4j.compiler.reference.Interpreter;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.Input.Role;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.plan.CompiledGraph;
import org.ipex4j.ir.plan.LibraryCall;
import org.ipex4j.ir.plan.LibraryOracle;
import org.ipex4j.ir.plan.Step;
import org.ipex4j.ir.plan.Target;
import org.junit.jupiter.api.Test;

class CompilerTest {
    static final Target TARGET =
            new Target("znver4", "", 64, Set.of("avx512f"), 2, 32 << 10, 1 << 20, 32 << 20);

    static final class Net {
        final GraphBuilder g = new GraphBuilder();
        int count;

        Value param(long... sizes) {
            return g.input(Role.PARAMETER, "p" + count++, TensorType.of(DType.FLOAT32, sizes));
        }

        Value arg(long... sizes) {
            return g.input(Role.ARGUMENT, "x" + count++, TensorType.of(DType.FLOAT32, sizes));
        }

        Value conv(Value x, long out, long k, long stride, long groups) {
            long in = x.type().sizes().get(1);
            return g.call(
                    "aten.conv2d",
                    x,
                    param(out, in / groups, k, k),
                    null,
                    new long[] {stride},
                    new long[] {k / 2},
                    new long[] {1},
                    groups);
        }

        Value bn(Value x) {
            long c = x.type().sizes().get(1);
            return g.call(
                    "aten.batch_norm",
                    x,
                    param(c),
                    param(c),
                    param(c),
                    param(c),
                    false,
                    0.1,
                    1e-5,
                    true);
        }

        Value relu(Value x) {
            return g.call("aten.relu", x);
        }

        Value linear(Value x, long out) {
            return g.call("aten.linear", x, param(out, x.type().sizes().get(-1)), param(out));
        }

        /** A ResNet basic block, with a projection if the channels change. */
        Value block(Value x, long out, long stride) {
            Value y = bn(conv(relu(bn(conv(x, out, 3, stride, 1))), out, 3, 1, 1));
            Value skip =
                    x.type().sizes().get(1) == out && stride == 1
                            ? x
                            : bn(conv(x, out, 1, stride, 1));
            return relu(g.call("aten.add.Tensor", y, skip));
        }
    }

    static Graph smallResNet(int batch) {
        Net n = new Net();
        Value x = n.relu(n.bn(n.conv(n.arg(batch, 3, 17, 13), 16, 7, 2, 1)));
        x = n.g.call("aten.max_pool2d", x, new long[] {3, 3}, new long[] {2, 2}, new long[] {1, 1});
        x = n.block(n.block(x, 16, 1), 32, 2);
        x = n.g.call("aten.mean.dim", x, new long[] {2, 3}, false);
        return n.g.build(n.linear(x, 10));
    }

    /** Values around 1, positive for what may be a variance. */
    static List<RefTensor> inputs(Graph graph, long seed) {
        Random random = new Random(seed);
        List<RefTensor> out = new ArrayList<>();
        graph.inputs()
                .forEach(
                        in -> {
                            boolean vector = in.value().type().rank() == 1;
                            out.add(
                                    in.value().type().dtype().isFloating()
                                            ? RefTensor.build(
                                                    in.value().type(),
                                                    i ->
                                                            (float)
                                                                    (vector
                                                                            ? 0.5
                                                                                    + random
                                                                                            .nextDouble()
                                                                            : random.nextGaussian()
                                                                                    * 0.4))
                                            : RefTensor.buildInts(
                                                    in.value().type(), i -> random.nextInt(3)));
                        });
        return out;
    }

    /** Compiles, runs the plan on bytes and compares with the reference of the original graph. */
    static CompiledGraph check(Graph graph, LibraryOracle oracle, CompileOptions options) {
        FakeLoops loops = new FakeLoops();
        checkPlan(
                graph,
                new Compiler(TARGET, oracle, loops, StageListener.NONE, true)
                        .compile(graph, options),
                loops);
        FusedLoops fused = new FusedLoops();
        CompiledGraph compiled =
                new Compiler(TARGET, oracle, fused, StageListener.NONE, true)
                        .compile(graph, options);
        checkPlan(graph, compiled, fused.known);
        return compiled;
    }

    private static void checkPlan(Graph graph, CompiledGraph compiled, FakeLoops loops) {
        List<RefTensor> inputs = inputs(graph, 7);
        List<RefTensor> expected = Interpreter.run(graph, inputs);
        List<RefTensor> actual = new PlanInterpreter(loops.groups).run(compiled, inputs);
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.size(); i++) {
            assertClose(actual.get(i), expected.get(i), "output " + i);
        }
    }

    static void assertClose(RefTensor actual, RefTensor expected, String what) {
        assertThat(actual.type()).as(what).isEqualTo(expected.type());
        double scale = 1e-3;
        for (int i = 0; i < expected.numel(); i++) {
            if (Double.isFinite(expected.real(i))) {
                scale = Math.max(scale, Math.abs(expected.real(i)));
            }
        }
        for (int i = 0; i < expected.numel(); i++) {
            double e = expected.real(i);
            double a = actual.real(i);
            boolean close = Double.compare(a, e) == 0 || Math.abs(a - e) <= 2e-5 * scale;
            assertThat(close).as("%s: element %d is %s, expected %s", what, i, a, e).isTrue();
        }
    }

    @Test
    void smallResNetOnRowMajorLayouts() {
        check(smallResNet(2), LibraryOracle.PLAIN, CompileOptions.DEFAULT);
    }

    @Test
    void smallResNetOnBlockedLayoutsIsLibraryCallsOnly() {
        FakeOracle oracle = new FakeOracle();
        oracle.channelsLastConvolution = "gemm:jit";
        CompiledGraph c = check(smallResNet(2), oracle, CompileOptions.DEFAULT);
        assertThat(c.main().steps()).allMatch(s -> s instanceof Step.Library);
        List<String> kinds =
                c.main().steps().stream().map(s -> ((Step.Library) s).call().kind()).toList();
        assertThat(kinds)
                .containsExactly(
                        "convolution",
                        "pooling",
                        "convolution",
                        "convolution",
                        "convolution",
                        "convolution",
                        "convolution",
                        "pooling",
                        "matmul");
        List<LibraryCall> convs =
                c.main().steps().stream()
                        .map(s -> ((Step.Library) s).call())
                        .filter(x -> x instanceof LibraryCall.Convolution)
                        .toList();
        assertThat(convs.getFirst().inputs().getFirst().layout().isPlain()).isTrue();
        assertThat(convs).allMatch(x -> x.output().layout().innerBlocks().length == 1);
        assertThat(c.prologues()).hasSize(6);
    }
}
