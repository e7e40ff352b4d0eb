package org.ipex4j.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.ipex4j.compiler.autodiff.Differentiate;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.plan.BufferType;
import org.ipex4j.ir.plan.CompiledGraph;
import org.ipex4j.ir.plan.LibraryCall;
import org.ipex4j.ir.plan.Step;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pools of a training graph work in any format, and the workspace follows. */
class PoolTrainingLayoutTest {
    /** The library can pool only forwards in one format and backwards in another. */
    private static FakeOracle only(String forward, String backward) {
        return new FakeOracle() {
            @Override
            public Optional<Choice> choose(LibraryCall call) {
                boolean fits =
                        switch (call) {
                            case LibraryCall.Pooling p -> in(forward).test(p.output());
                            case LibraryCall.PoolingBackward p -> in(backward).test(p.output());
                            default -> true;
                        };
                return fits ? super.choose(call) : Optional.empty();
            }
        };
    }

    private static Predicate<BufferType> in(String format) {
        return switch (format) {
            case "plain" -> t -> t.layout().isContiguous(t.sizes());
            case "last" -> t -> t.layout().isChannelsLast(t.sizes());
            default -> t -> !t.layout().isPlain();
        };
    }

    /** Two pools after each other, and gradients of both their inputs. */
    private static Graph joint() {
        GraphBuilder g = new GraphBuilder();
        Value x = g.input(Input.Role.ARGUMENT, "x", TensorType.of(DType.FLOAT32, 2, 16, 13, 9));
        Value y = g.call("aten.relu", x);
        for (int i = 0; i < 2; i++) {
            y =
                    g.call(
                            "aten.max_pool2d",
                            y,
                            new long[] {3, 3},
                            new long[] {2, 2},
                            new long[] {1, 1},
                            new long[] {1, 1},
                            i == 1);
        }
        Graph forward = g.build(g.call("aten.tanh", y));
        return Differentiate.joint(forward, List.of(0), List.of(0)).graph();
    }

    @ParameterizedTest
    @CsvSource({
        "plain,plain",
        "last,last",
        "blocks,blocks",
        "blocks,last",
        "last,blocks",
        "plain,blocks",
        "blocks,plain"
    })
    void theWorkspaceComesInTheGradientsFormat(String forward, String backward) {
        CompiledGraph c =
                CompilerTest.check(joint(), only(forward, backward), CompileOptions.DEFAULT);
        List<LibraryCall> calls =
                c.main().steps().stream()
                        .filter(s -> s instanceof Step.Library)
                        .map(s -> ((Step.Library) s).call())
                        .toList();
        assertThat(c.main().steps())
                .extracting(Step::label)
                .contains("max_pool_training", "max_pool_backward");
        List<LibraryCall.Pooling> pools = of(calls, LibraryCall.Pooling.class);
        assertThat(pools).hasSize(2);
        for (LibraryCall.Pooling p : pools) {
            BufferType workspace = p.workspace().orElseThrow();
            assertThat(List.of(p.source(), p.output(), workspace)).allMatch(in(forward));
            assertThat(workspace.dtype()).isEqualTo(DType.UINT8);
        }
        List<LibraryCall.PoolingBackward> gradients = of(calls, LibraryCall.PoolingBackward.class);
        assertThat(gradients).hasSize(2);
        for (LibraryCall.PoolingBackward p : gradients) {
            BufferType workspace = p.workspace().orElseThrow();
            assertThat(List.of(p.outputGradient(), p.output(), workspace)).allMatch(in(backward));
        }
        Set<DType> bytes =
                c.main().steps().stream()
                        .filter(s -> s instanceof Step.Kernel)
                        .map(s -> s.operands().getFirst().type().dtype())
                        .collect(Collectors.toSet());
        assertThat(bytes.contains(DType.UINT8)).isEqualTo(!forward.equals(backward));
    }

    private static <T extends LibraryCall> List<T> of(List<LibraryCall> calls, Class<T> kind) {
        return calls.stream().filter(kind::isInstance).map(kind::cast).toList();
    }
}
