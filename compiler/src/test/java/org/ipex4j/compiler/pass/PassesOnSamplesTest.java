package org.ipex4j.compiler.pass;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.ipex4j.compiler.decompose.Decompose;
import org.ipex4j.compiler.reference.Interpreter;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.compiler.samples.Closeness;
import org.ipex4j.compiler.samples.OpSamples;
import org.ipex4j.compiler.samples.Sample;
import org.ipex4j.compiler.samples.SampleGraphs;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.op.Trait;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** No pass changes what a sample computes, whoever gives its tensors. */
class PassesOnSamplesTest {
    @ParameterizedTest
    @EnumSource(Input.Role.class)
    void passesKeepTheMeaningOfEverySample(Input.Role role) {
        List<Pass> passes =
                List.of(
                        new Decompose(false, t -> t == DType.FLOAT32),
                        new Canonicalize(),
                        new FoldBatchNorm(true),
                        new FoldConstants(),
                        new CommonSubexpressions(),
                        new DeadCode());
        List<String> failures = new ArrayList<>();
        int checked = 0;
        for (Sample s : OpSamples.all()) {
            if (s.op().is(Trait.DATA_DEPENDENT)) {
                continue; // a graph cannot hold it
            }
            try {
                Graph before = SampleGraphs.of(s, role);
                Graph after =
                        new PassRunner(Set.of(), StageListener.NONE, true).run(passes, before);
                List<RefTensor> expected = s.expected();
                List<RefTensor> actual = Interpreter.run(after, SampleGraphs.inputs(s));
                for (int i = 0; i < expected.size(); i++) {
                    Optional<String> m =
                            Closeness.mismatch(
                                    expected.get(i), actual.get(i), slack(s, expected.get(i)));
                    m.ifPresent(text -> failures.add(s + ": " + text + "\n" + after));
                }
                checked++;
            } catch (RuntimeException e) {
                failures.add(s + ": " + e);
            }
        }
        assertThat(failures).as("samples that passes break").isEmpty();
        assertThat(checked).isGreaterThan(1000);
    }

    /** Simpler ops round one by one where the op rounds once, which 16-bit types feel. */
    private static double slack(Sample s, RefTensor t) {
        return s.slack() * (t.dtype() == DType.BFLOAT16 || t.dtype() == DType.FLOAT16 ? 8 : 4);
    }
}
