package org.ipex4j.compiler.coverage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.ipex4j.compiler.autodiff.Derivatives;
import org.ipex4j.compiler.decompose.Decompose;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;
import org.junit.jupiter.api.Test;

class OpCoverageTest {
    private static final Path PAGE = Path.of("..", "docs", "ops.md");

    @Test
    void thePageIsCurrent() throws IOException {
        if (Boolean.getBoolean("ipex.write.docs")) {
            Files.writeString(PAGE, OpCoverage.page());
        }
        assertThat(PAGE)
                .as("write it anew with -Dipex.write.docs=true")
                .hasContent(OpCoverage.page());
    }

    @Test
    void decompositionsAreOfKnownOps() {
        List<String> unknown =
                Decompose.decomposed().stream()
                        .filter(n -> OpCatalog.find(n).isEmpty())
                        .sorted()
                        .toList();
        assertThat(unknown).as("decompositions of ops that the catalogue does not have").isEmpty();
    }

    @Test
    void everyOpCompilesOrSaysWhyNot() {
        List<Op> undeclared =
                OpCatalog.all().stream()
                        .filter(
                                op ->
                                        OpCoverage.compiled(op).isEmpty()
                                                == OpCoverage.compileLimit(op).isEmpty())
                        .toList();
        assertThat(undeclared)
                .as(
                        "ops that compiled graphs cannot compute and no limitation names (or that have both)")
                .isEmpty();
    }

    @Test
    void everyOpHasADerivativeOrSaysWhyNot() {
        List<Op> undeclared =
                OpCatalog.all().stream()
                        .filter(
                                op ->
                                        OpCoverage.derivative(op).isEmpty()
                                                == Derivatives.limitation(op).isEmpty())
                        .toList();
        assertThat(undeclared)
                .as("ops that cannot be differentiated and no limitation names (or that have both)")
                .isEmpty();
    }
}
