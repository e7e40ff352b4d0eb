package org.ipex4j.engine.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ipex4j.compiler.CompileOptions;
import org.ipex4j.compiler.Compiler;
import org.ipex4j.compiler.kernel.LibraryNaN;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.compiler.samples.Closeness;
import org.ipex4j.compiler.samples.OpSamples;
import org.ipex4j.compiler.samples.Sample;
import org.ipex4j.compiler.samples.SampleGraphs;
import org.ipex4j.compiler.samples.SampleTensor;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.op.Trait;
import org.ipex4j.runtime.Runtime;
import org.ipex4j.runtime.Tensor;
import org.ipex4j.runtime.exec.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Samples of the ops that end in library calls, compiled whole and run, give what the reference
 * says.
 */
class LibrarySamplesTest {
    @ParameterizedTest
    @EnumSource(
            value = Input.Role.class,
            names = {"ARGUMENT", "PARAMETER"})
    void compiledLibraryCallsMatchTheReference(Input.Role role) {
        List<String> failures = new ArrayList<>();
        int checked = 0;
        for (Sample s : OpSamples.all()) {
            boolean library = s.op().is(Trait.EXPENSIVE) || s.op().name().contains("pool");
            if (library
                    && s.args().allTensors().stream()
                            .allMatch(t -> t.type().dtype() == DType.FLOAT32)) {
                checked++;
                try {
                    run(s, role);
                } catch (RuntimeException | AssertionError e) {
                    failures.add(s + ": " + e);
                }
            }
        }
        assertThat(failures).isEmpty();
        assertThat(checked).isGreaterThan(100);
    }

    private static boolean hasNan(SampleTensor t) {
        return Arrays.stream(t.value().toDoubles()).anyMatch(Double::isNaN);
    }

    /** Declared limitations with NaN do not hold for strict graphs. */
    private static CompileOptions options(Sample s) {
        boolean nan = s.args().allTensors().stream().anyMatch(LibrarySamplesTest::hasNan);
        CompileOptions o = CompileOptions.DEFAULT;
        return nan && LibraryNaN.limitation(s.op()).isPresent()
                ? o.withFloatMode(CompileOptions.FloatMode.STRICT)
                : o;
    }

    private static void run(Sample s, Input.Role role) {
        Runtime runtime = Runtime.instance();
        Compiler compiler = new Compiler(runtime.target(), runtime.oracle()).verifying();
        List<RefTensor> expected = s.expected();
        Tensor[] given =
                SampleGraphs.inputs(s).stream()
                        .map(RandomGraphExecutionTest::tensor)
                        .toArray(Tensor[]::new);
        try (Executable executable =
                Executable.load(compiler.compile(SampleGraphs.of(s, role), options(s)))) {
            Tensor[] results = executable.run(given, null);
            for (int i = 0; i < results.length; i++) {
                // Sums of many products, in another order.
                Closeness.check(
                        "result " + i,
                        expected.get(i),
                        RandomGraphExecutionTest.reference(results[i]),
                        10 * s.slack());
                results[i].close();
            }
        } finally {
            for (Tensor t : given) {
                t.close();
            }
        }
    }
}
