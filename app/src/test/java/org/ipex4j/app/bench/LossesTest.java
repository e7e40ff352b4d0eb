package org.ipex4j.app.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class LossesTest {
    private final Losses losses = new Losses();

    @Test
    void workersAreComparedWithTorch() {
        losses.add("ipex", List.of(7.0, 6.006));
        losses.add("ipex-eager", List.of(7.0, 6.0));
        losses.add("torch", List.of(7.0, 6.0));
        assertThat(losses.reference()).contains("torch");
        assertThat(losses.difference("ipex")).isCloseTo(1e-3, within(1e-9));
        assertThat(losses.difference("ipex-eager")).isZero();
        assertThat(losses.difference("torch")).isNaN();
        losses.requireAgreement(1.1e-3);
    }

    @Test
    void disagreementNamesTheWorkersAndShowsTheLosses() {
        losses.add("ipex", List.of(7.0, 6.5));
        losses.add("torch", List.of(7.0, 6.0));
        assertThatThrownBy(() -> losses.requireAgreement(1e-3))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("losses of ipex differ from those of torch")
                .hasMessageContaining("8.3e-02")
                .hasMessageContaining("7.00000 6.50000");
    }

    @Test
    void aLossThatIsNoNumberIsAnErrorEvenAlone() {
        losses.add("ipex", List.of(7.0, Double.NaN));
        assertThat(losses.reference()).isEmpty();
        assertThatThrownBy(() -> losses.requireAgreement(1e-3))
                .hasMessageContaining("losses of ipex are not finite");
    }
}
