package org.ipex4j.engine.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.ipex4j.compiler.CompileOptions;
import org.ipex4j.compiler.Compiler;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.compiler.samples.SampleTensor;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.plan.Layout;
import org.ipex4j.ir.plan.LibraryOracle;
import org.ipex4j.runtime.Runtime;
import org.ipex4j.runtime.Tensor;
import org.ipex4j.runtime.exec.Executable;

/**
 * Compiles graphs with the whole compiler and runs them natively: oneDNN, generated kernels,
 * planned memory.
 */
final class CompiledHarness {
    private CompiledHarness() {}

    /** The outputs of a graph; inputs lie in memory as the samples say. */
    static List<RefTensor> run(Graph graph, List<SampleTensor> inputs) {
        return run(graph, inputs, Runtime.instance().oracle(), CompileOptions.DEFAULT);
    }

    /** The same, NaN kept where the library would drop it. */
    static List<RefTensor> runStrict(Graph graph, List<SampleTensor> inputs) {
        return run(
                graph,
                inputs,
                Runtime.instance().oracle(),
                CompileOptions.DEFAULT.withFloatMode(CompileOptions.FloatMode.STRICT));
    }

    /** The same by way of an oracle of the test's own. */
    static List<RefTensor> run(Graph graph, List<SampleTensor> inputs, LibraryOracle oracle) {
        return run(graph, inputs, oracle, CompileOptions.DEFAULT);
    }

    private static List<RefTensor> run(
            Graph graph, List<SampleTensor> inputs, LibraryOracle oracle, CompileOptions base) {
        List<Layout> layouts = inputs.stream().map(t -> Layout.strided(t.strides())).toList();
        CompileOptions options = base.withInputLayouts(layouts);
        Runtime runtime = Runtime.instance();
        Compiler compiler = new Compiler(runtime.target(), oracle).verifying();
        List<Tensor> open = new ArrayList<>();
        try (Executable executable = Executable.load(compiler.compile(graph, options))) {
            for (SampleTensor t : inputs) {
                open.add(tensor(t));
            }
            Tensor[] first = executable.run(open.toArray(Tensor[]::new), null);
            open.addAll(List.of(first));
            // A second run meets used working memory and finished prologues.
            Tensor[] results =
                    executable.run(open.subList(0, inputs.size()).toArray(Tensor[]::new), null);
            open.addAll(List.of(results));
            List<RefTensor> out = new ArrayList<>();
            for (int i = 0; i < results.length; i++) {
                RefTensor value = read(results[i]);
                if (!value.equals(read(first[i]))) {
                    throw new AssertionError(
                            "result "
                                    + i
                                    + " differs from run to run: "
                                    + read(first[i])
                                    + ", then "
                                    + value);
                }
                out.add(value);
            }
            return out;
        } finally {
            open.forEach(Tensor::close);
        }
    }

    static SampleTensor dense(RefTensor value) {
        return new SampleTensor(value, value.sizes().contiguousStrides());
    }

    private static Tensor tensor(SampleTensor t) {
        Tensor out = Tensor.empty(t.type(), t.strides());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment content =
                    KernelHarness.buffer(arena, t.type(), Layout.strided(t.strides()), t.value());
            long bytes = t.span() * t.type().dtype().byteSize();
            MemorySegment.copy(content, 0, out.segment(), 0, bytes);
        }
        return out;
    }

    private static RefTensor read(Tensor t) {
        TensorType type = t.type();
        return KernelHarness.read(t.segment(), type, Layout.strided(t.strides()));
    }
}
