package org.ipex4j.compiler.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Scale;
import org.junit.jupiter.api.Test;

/**
 * Against values from tables (DLMF, Abramowitz and Stegun) and against the functions' own
 * equations.
 */
class SpecialFunctionsTest {
    @Test
    void knownValues() {
        assertThat(SpecialFunctions.erf(0.5)).isCloseTo(0.5204998778130465, within(1e-15));
        assertThat(SpecialFunctions.erf(3)).isCloseTo(0.9999779095030014, within(1e-15));
        assertThat(SpecialFunctions.erfc(5) / 1.5374597944280349e-12).isCloseTo(1, within(1e-13));
        assertThat(SpecialFunctions.lgamma(0.5)).isCloseTo(0.5723649429247001, within(1e-14));
        assertThat(SpecialFunctions.lgamma(100)).isCloseTo(359.1342053695754, within(1e-11));
        assertThat(SpecialFunctions.lgamma(-1.5)).isCloseTo(0.860047015376481, within(1e-14));
        assertThat(SpecialFunctions.digamma(1)).isCloseTo(-0.5772156649015329, within(1e-14));
        assertThat(SpecialFunctions.digamma(-0.5)).isCloseTo(0.03648997397857652, within(1e-14));
        assertThat(SpecialFunctions.trigamma(1)).isCloseTo(Math.PI * Math.PI / 6, within(1e-14));
        assertThat(SpecialFunctions.trigamma(0.5)).isCloseTo(Math.PI * Math.PI / 2, within(1e-14));
        assertThat(SpecialFunctions.trigamma(-0.5)).isCloseTo(8.934802200544679, within(1e-14));
    }

    @Test
    void edges() {
        assertThat(SpecialFunctions.erfinv(1)).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(SpecialFunctions.erfinv(1.5)).isNaN();
        assertThat(SpecialFunctions.erfc(Double.NEGATIVE_INFINITY)).isEqualTo(2);
        assertThat(SpecialFunctions.lgamma(-2)).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(SpecialFunctions.digamma(-2)).isNaN();
        assertThat(SpecialFunctions.digamma(0)).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(SpecialFunctions.trigamma(-2)).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(SpecialFunctions.trigamma(Double.POSITIVE_INFINITY)).isZero();
        assertThat(SpecialFunctions.trigamma(Double.NEGATIVE_INFINITY)).isNaN();
    }

    @Property
    void erfinvInvertsErf(@ForAll @DoubleRange(min = -0.9999, max = 0.9999) @Scale(6) double y) {
        assertThat(SpecialFunctions.erf(SpecialFunctions.erfinv(y))).isCloseTo(y, within(1e-14));
    }

    @Property
    void erfAndErfcMakeOne(@ForAll @DoubleRange(min = -6, max = 6) double x) {
        assertThat(SpecialFunctions.erf(x) + SpecialFunctions.erfc(x)).isCloseTo(1, within(1e-14));
    }

    @Property
    void gammaRecurs(@ForAll @DoubleRange(min = 0.01, max = 50) double x) {
        assertThat(SpecialFunctions.lgamma(x + 1) - SpecialFunctions.lgamma(x))
                .isCloseTo(Math.log(x), within(1e-12));
        assertThat(SpecialFunctions.digamma(x + 1) - SpecialFunctions.digamma(x))
                .isCloseTo(1 / x, within(1e-11 / x + 1e-13));
        assertThat(SpecialFunctions.trigamma(x) - SpecialFunctions.trigamma(x + 1))
                .isCloseTo(1 / (x * x), within(1e-11 / (x * x) + 1e-13));
    }
}
