package org.ipex4j.compiler.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.ArrayList;
import java.util.List;
import org.ipex4j.compiler.samples.ErrorSample;
import org.ipex4j.compiler.samples.OpSamples;
import org.ipex4j.compiler.samples.Sample;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;
import org.junit.jupiter.api.Test;

class ReferenceTableTest {
    @Test
    void everyOpHasAReferenceOrADeclaredReason() {
        List<Op> undeclared =
                OpCatalog.all().stream()
                        .filter(
                                op ->
                                        ReferenceTable.find(op).isPresent()
                                                == ReferenceTable.limitation(op).isPresent())
                        .toList();
        assertThat(undeclared)
                .as("ops without a reference or a declared limitation (or with both)")
                .isEmpty();
    }

    @Test
    void everyOpHasSamplesOrADeclaredReason() {
        List<Op> undeclared =
                OpCatalog.all().stream()
                        .filter(op -> OpSamples.of(op).isEmpty() == OpSamples.reason(op).isEmpty())
                        .toList();
        assertThat(undeclared)
                .as("ops without samples or a declared reason (or with both)")
                .isEmpty();
    }

    @Test
    void samplesEvaluateToTheInferredTypes() {
        List<String> failures = new ArrayList<>();
        for (Sample s : OpSamples.all()) {
            // Evaluation compares the types with the rule's.
            Throwable thrown = catchThrowable(s::expected);
            if (thrown != null) {
                failures.add(s + ": " + thrown);
            }
        }
        assertThat(failures).isEmpty();
    }

    @Test
    void errorSamplesAreRefused() {
        List<String> failures = new ArrayList<>();
        for (ErrorSample s : OpSamples.allErrors()) {
            Throwable thrown = catchThrowable(() -> s.op().infer(s.args()));
            boolean refused =
                    thrown instanceof IllegalArgumentException
                            && thrown.getMessage().startsWith(s.op().name() + ": ")
                            && thrown.getMessage().contains(s.message());
            if (!refused) {
                failures.add(s + ", got: " + thrown);
            }
        }
        assertThat(failures).isEmpty();
    }
}
