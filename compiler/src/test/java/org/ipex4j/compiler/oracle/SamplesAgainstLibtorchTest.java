package org.ipex4j.compiler.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.compiler.samples.Closeness;
import org.ipex4j.compiler.samples.ErrorSample;
import org.ipex4j.compiler.samples.HalfSamples;
import org.ipex4j.compiler.samples.OpSamples;
import org.ipex4j.compiler.samples.Sample;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every sample of every op: the reference gives what libtorch gives, and both refuse what must be
 * refused. {@code -Dipex.samples=REGEX} selects ops by name.
 */
class SamplesAgainstLibtorchTest {
    private static final String SELECTED = System.getProperty("ipex.samples", ".*");

    static Stream<Sample> samples() {
        return OpSamples.all().stream()
                .filter(s -> s.oracleGap().isEmpty())
                .filter(s -> s.op().name().matches(SELECTED));
    }

    static Stream<Sample> halves() {
        return OpCatalog.all().stream()
                .filter(op -> op.name().matches(SELECTED))
                .flatMap(op -> HalfSamples.of(op).stream())
                .filter(s -> s.oracleGap().isEmpty());
    }

    static Stream<ErrorSample> errors() {
        return OpSamples.allErrors().stream().filter(s -> s.op().name().matches(SELECTED));
    }

    static Stream<Op> ops() {
        return OpCatalog.all().stream();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("samples")
    void referenceAgrees(Sample sample) {
        List<RefTensor> reference = sample.expected();
        List<RefTensor> torch = Oracle.call(sample.op().name(), sample.reference());
        assertThat(reference).hasSameSizeAs(torch);
        for (int i = 0; i < torch.size(); i++) {
            Closeness.check(
                    sample + " result " + i, torch.get(i), reference.get(i), sample.slack());
        }
    }

    /** The same in bf16. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("halves")
    void referenceAgreesInHalf(Sample sample) {
        List<RefTensor> torch;
        try {
            torch = Oracle.call(sample.op().name(), sample.reference());
        } catch (Oracle.Refused e) {
            assertThat(e).hasMessageContaining("not implemented for 'BFloat16'");
            return;
        }
        List<RefTensor> reference = sample.expected();
        assertThat(reference).hasSameSizeAs(torch);
        for (int i = 0; i < torch.size(); i++) {
            assertThat(HalfSamples.mismatch(torch.get(i), reference.get(i), sample.slack()))
                    .as("%s result %s", sample, i)
                    .isEmpty();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("errors")
    void bothRefuse(ErrorSample sample) {
        assertThatThrownBy(() -> sample.op().infer(sample.args()), "type rule on %s", sample)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(sample.op().name() + ": ")
                .hasMessageContaining(sample.message());
        if (sample.oracleGap().isEmpty()) {
            Args<RefTensor> zeros = sample.args().map(RefTensor::zeros);
            assertThatThrownBy(
                            () -> Oracle.call(sample.op().name(), zeros), "libtorch on %s", sample)
                    .isInstanceOf(Oracle.Refused.class);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ops")
    void everyOpHasSamplesOrAReason(Op op) {
        assertThat(OpSamples.of(op).isEmpty())
                .as("no samples")
                .isEqualTo(OpSamples.reason(op).isPresent());
    }
}
