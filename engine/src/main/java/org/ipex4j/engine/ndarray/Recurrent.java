package org.ipex4j.engine.ndarray;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.ArrayList;
import java.util.List;
import org.ipex4j.engine.dispatch.Autocasting;

/**
 * Recurrent layers, unrolled into ops step by step; gates in PyTorch's order (LSTM: input, forget,
 * cell, output; GRU: reset, update, new). Parameters come in the order of DJL's blocks: for each
 * layer the weights of each direction (input, hidden), then the biases of each direction (input,
 * hidden). To autocast a layer is one op, all of whose operands are cast.
 */
final class Recurrent {
    private static final String AUTOCAST_AS = "aten.mkldnn_rnn_layer";

    /** What one step computes. */
    enum Cell {
        RNN_RELU(1, 1),
        RNN_TANH(1, 1),
        GRU(3, 1),
        LSTM(4, 2);

        final int gates;
        final int states;

        Cell(int gates, int states) {
            this.gates = gates;
            this.states = states;
        }
    }

    private final Cell cell;
    private final NDList params;
    private final boolean hasBiases;
    private final int layers;
    private final double dropRate;
    private final boolean training;
    private final int directions;
    private final boolean batchFirst;

    Recurrent(
            Cell cell,
            NDList params,
            boolean hasBiases,
            int layers,
            double dropRate,
            boolean training,
            boolean bidirectional,
            boolean batchFirst) {
        this.cell = cell;
        this.params = params;
        this.hasBiases = hasBiases;
        this.layers = layers;
        this.dropRate = dropRate;
        this.training = training;
        this.directions = bidirectional ? 2 : 1;
        this.batchFirst = batchFirst;
        int expected = layers * directions * (hasBiases ? 4 : 2);
        if (params.size() != expected) {
            throw new IllegalArgumentException(
                    cell
                            + ": "
                            + expected
                            + " parameters expected for "
                            + layers
                            + " layers and "
                            + directions
                            + " directions, got "
                            + params.size());
        }
    }

    /**
     * Runs all layers.
     *
     * @param input [batch, time, features], or [time, batch, features] unless batch comes first
     * @param states each [layers * directions, batch, hidden]
     * @return the last layer's outputs, of the input's order, then the final states
     */
    NDList run(IpexNDArray input, NDList states) {
        if (input.sizes().rank() != 3 || states.size() != cell.states) {
            throw new IllegalArgumentException(
                    cell
                            + ": input of 3 dimensions and "
                            + cell.states
                            + " states expected, got "
                            + input.getShape()
                            + " and "
                            + states.size());
        }
        IpexNDManager target = input.getManager();
        try (IpexNDManager scope = target.newSubManager()) {
            IpexNDArray x = scoped(scope, cast(scope, input, false));
            if (batchFirst) {
                x = x.call("aten.transpose.int", x, 0, 1);
            }
            List<List<IpexNDArray>> last = new ArrayList<>();
            for (int s = 0; s < cell.states; s++) {
                last.add(new ArrayList<>());
            }
            for (int layer = 0; layer < layers; layer++) {
                List<IpexNDArray> sides = new ArrayList<>();
                for (int direction = 0; direction < directions; direction++) {
                    IpexNDArray[] h = new IpexNDArray[cell.states];
                    for (int s = 0; s < cell.states; s++) {
                        IpexNDArray state = cast(scope, target.from(states.get(s)), false);
                        IpexNDArray all = scoped(scope, state);
                        h[s] = all.call("aten.select.int", all, 0, layer * directions + direction);
                    }
                    sides.add(direction(scope, x, h, layer, direction));
                    for (int s = 0; s < cell.states; s++) {
                        last.get(s).add(h[s]);
                    }
                }
                x = sides.size() == 1 ? sides.getFirst() : x.call("aten.cat", sides, 2);
                if (dropRate > 0 && training && layer < layers - 1) {
                    x =
                            (IpexNDArray)
                                    x.getNDArrayInternal()
                                            .dropout(x, (float) dropRate, true)
                                            .singletonOrThrow();
                }
            }
            if (batchFirst) {
                IpexNDArray turned = x.call("aten.transpose.int", x, 0, 1);
                x = turned.call("aten.clone", turned);
            }
            NDList result = new NDList(x);
            for (List<IpexNDArray> l : last) {
                result.add(x.call("aten.stack", l, 0));
            }
            result.attach(target);
            return result;
        }
    }

    /** A view whose results belong to the scope. */
    private static IpexNDArray scoped(IpexNDManager scope, IpexNDArray array) {
        IpexNDArray view = array.call("aten.alias", array);
        view.attach(scope);
        return view;
    }

    private static IpexNDArray cast(IpexNDManager scope, IpexNDArray array, boolean parameter) {
        return Autocasting.operand(AUTOCAST_AS, array, parameter, scope);
    }

    private IpexNDArray param(
            IpexNDManager scope, int layer, int direction, boolean bias, int which) {
        if (bias && !hasBiases) {
            return null;
        }
        int perLayer = directions * (hasBiases ? 4 : 2);
        int at = layer * perLayer + (bias ? 2 * directions : 0) + 2 * direction + which;
        return cast(scope, scope.from(params.get(at)), true);
    }

    /** All steps of one layer in one direction; leaves the final states in {@code h}. */
    private IpexNDArray direction(
            IpexNDManager scope, IpexNDArray x, IpexNDArray[] h, int layer, int direction) {
        IpexNDArray weight = param(scope, layer, direction, false, 1);
        IpexNDArray bias = param(scope, layer, direction, true, 1);
        // The input's share of all steps is one product.
        IpexNDArray inputs =
                x.call(
                        "aten.linear",
                        x,
                        param(scope, layer, direction, false, 0),
                        param(scope, layer, direction, true, 0));
        int steps = (int) x.sizes().get(0);
        IpexNDArray[] outputs = new IpexNDArray[steps];
        for (int i = 0; i < steps; i++) {
            int t = direction == 0 ? i : steps - 1 - i;
            IpexNDArray step = inputs.call("aten.select.int", inputs, 0, t);
            IpexNDArray hidden = step.call("aten.linear", h[0], weight, bias);
            advance(step, hidden, h);
            outputs[t] = h[0];
        }
        return x.call("aten.stack", List.of(outputs), 0);
    }

    private void advance(IpexNDArray input, IpexNDArray hidden, IpexNDArray[] h) {
        switch (cell) {
            case RNN_RELU -> h[0] = input.call("aten.relu", input.add(hidden));
            case RNN_TANH -> h[0] = input.call("aten.tanh", input.add(hidden));
            case GRU -> {
                IpexNDArray[] i = input.callAll("aten.chunk", input, cell.gates, 1);
                IpexNDArray[] g = input.callAll("aten.chunk", hidden, cell.gates, 1);
                IpexNDArray reset = input.call("aten.sigmoid", i[0].add(g[0]));
                IpexNDArray update = input.call("aten.sigmoid", i[1].add(g[1]));
                IpexNDArray fresh = input.call("aten.tanh", i[2].add(reset.mul(g[2])));
                NDArray kept = update.mul(h[0].sub(fresh));
                h[0] = (IpexNDArray) fresh.add(kept);
            }
            case LSTM -> {
                NDArray sum = input.add(hidden);
                IpexNDArray[] g = input.callAll("aten.chunk", sum, cell.gates, 1);
                IpexNDArray in = input.call("aten.sigmoid", g[0]);
                IpexNDArray forget = input.call("aten.sigmoid", g[1]);
                IpexNDArray fresh = input.call("aten.tanh", g[2]);
                IpexNDArray out = input.call("aten.sigmoid", g[3]);
                h[1] = (IpexNDArray) forget.mul(h[1]).add(in.mul(fresh));
                h[0] = (IpexNDArray) out.mul(h[1].tanh());
            }
        }
    }
}
