package org.ipex4j.engine.ndarray;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.recurrent.RNN;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** Compared with the cells' equations written out for one feature and one hidden unit. */
class RecurrentTest extends ArrayTest {
    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    private static NDList run(
            NDArray x,
            NDList states,
            NDList params,
            Recurrent.Cell cell,
            boolean both,
            boolean batchFirst) {
        var ex = x.getNDArrayInternal();
        return switch (cell) {
            case RNN_RELU ->
                    ex.rnn(
                            x,
                            states.get(0),
                            params,
                            true,
                            1,
                            RNN.Activation.RELU,
                            0,
                            false,
                            both,
                            batchFirst);
            case RNN_TANH ->
                    ex.rnn(
                            x,
                            states.get(0),
                            params,
                            true,
                            1,
                            RNN.Activation.TANH,
                            0,
                            false,
                            both,
                            batchFirst);
            case GRU -> ex.gru(x, states.get(0), params, true, 1, 0, false, both, batchFirst);
            case LSTM -> ex.lstm(x, states, params, true, 1, 0, false, both, batchFirst);
        };
    }

    @Test
    void rnn() {
        NDList params = new NDList(f(s(1, 1), 0.5), f(s(1, 1), -0.25), f(0.1), f(0.2));
        NDArray x = f(s(1, 3, 1), 1, -2, 3);
        for (Recurrent.Cell cell :
                new Recurrent.Cell[] {Recurrent.Cell.RNN_RELU, Recurrent.Cell.RNN_TANH}) {
            DoubleUnaryOperator activate =
                    cell == Recurrent.Cell.RNN_TANH ? Math::tanh : v -> Math.max(0, v);
            double h = 0.75;
            double[] expected = new double[3];
            for (int t = 0; t < 3; t++) {
                h = activate.applyAsDouble(0.5 * new double[] {1, -2, 3}[t] + 0.1 - 0.25 * h + 0.2);
                expected[t] = h;
            }
            NDList out = run(x, new NDList(f(s(1, 1, 1), 0.75)), params, cell, false, true);
            same(out.get(0), s(1, 3, 1), expected);
            same(out.get(1), s(1, 1, 1), h);
        }
    }

    @Test
    void gru() {
        double[] wi = {0.5, -0.25, 1};
        double[] wh = {0.3, 0.7, -0.6};
        double[] bi = {0.1, 0.2, 0.3};
        double[] bh = {-0.1, 0.4, 0.5};
        NDList params = new NDList(f(s(3, 1), wi), f(s(3, 1), wh), f(bi), f(bh));
        double h = -0.5;
        double[] expected = new double[2];
        for (int t = 0; t < 2; t++) {
            double x = t == 0 ? 1 : -2;
            double r = sigmoid(wi[0] * x + bi[0] + wh[0] * h + bh[0]);
            double z = sigmoid(wi[1] * x + bi[1] + wh[1] * h + bh[1]);
            double n = Math.tanh(wi[2] * x + bi[2] + r * (wh[2] * h + bh[2]));
            h = (1 - z) * n + z * h;
            expected[t] = h;
        }
        // Time first.
        NDList out =
                run(
                        f(s(2, 1, 1), 1, -2),
                        new NDList(f(s(1, 1, 1), -0.5)),
                        params,
                        Recurrent.Cell.GRU,
                        false,
                        false);
        same(out.get(0), s(2, 1, 1), expected);
        same(out.get(1), s(1, 1, 1), h);
    }

    @Test
    void lstmInBothDirections() {
        double[] wi = {0.5, -0.25, 1, 0.2};
        double[] wh = {0.3, 0.7, -0.6, 0.1};
        double[] bi = {0.1, 0.2, 0.3, 0.4};
        double[] bh = {-0.1, 0.4, 0.5, 0};
        NDArray weight = f(s(4, 1), wi);
        NDArray hidden = f(s(4, 1), wh);
        NDList params = new NDList(weight, hidden, weight, hidden, f(bi), f(bh), f(bi), f(bh));
        double[] xs = {1, -2};
        double[][] outputs = new double[2][2];
        double[] lastH = new double[2];
        double[] lastC = new double[2];
        for (int d = 0; d < 2; d++) {
            double h = 0.1;
            double c = 0.2;
            for (int i = 0; i < 2; i++) {
                int t = d == 0 ? i : 1 - i;
                double[] g = new double[4];
                for (int k = 0; k < 4; k++) {
                    g[k] = wi[k] * xs[t] + bi[k] + wh[k] * h + bh[k];
                }
                c = sigmoid(g[1]) * c + sigmoid(g[0]) * Math.tanh(g[2]);
                h = sigmoid(g[3]) * Math.tanh(c);
                outputs[t][d] = h;
            }
            lastH[d] = h;
            lastC[d] = c;
        }
        NDArray x = f(s(1, 2, 1), xs);
        NDList states = new NDList(f(s(2, 1, 1), 0.1, 0.1), f(s(2, 1, 1), 0.2, 0.2));
        NDList out = run(x, states, params, Recurrent.Cell.LSTM, true, true);
        assertThat(out).hasSize(3);
        same(out.get(0), s(1, 2, 2), outputs[0][0], outputs[0][1], outputs[1][0], outputs[1][1]);
        same(out.get(1), s(2, 1, 1), lastH);
        same(out.get(2), s(2, 1, 1), lastC);
        assertThat(out.get(0).getManager()).isSameAs(m);
        assertThatThrownBy(
                        () -> run(x, states, new NDList(weight), Recurrent.Cell.LSTM, true, true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("8 parameters expected");
    }
}
