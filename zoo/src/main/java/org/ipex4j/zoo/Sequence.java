package org.ipex4j.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.util.ArrayList;
import java.util.List;

/** {@code nn.Sequential}: children named {@code 0}, {@code 1}, … or as given. */
final class Sequence extends TorchModule {
    private final List<Block> order = new ArrayList<>();

    static Sequence of(Block... blocks) {
        Sequence s = new Sequence();
        for (Block b : blocks) {
            s.add(b);
        }
        return s;
    }

    Sequence add(Block block) {
        return add(Integer.toString(order.size()), block);
    }

    Sequence add(String name, Block block) {
        order.add(addChildBlock(name, block));
        return this;
    }

    int size() {
        return order.size();
    }

    @Override
    NDArray forward(Run run, NDArray x) {
        for (Block b : order) {
            x = run.through(b, x);
        }
        return x;
    }

    @Override
    Shape walk(Shape shape, Step step) {
        for (Block b : order) {
            shape = step.visit(b, shape);
        }
        return shape;
    }
}
