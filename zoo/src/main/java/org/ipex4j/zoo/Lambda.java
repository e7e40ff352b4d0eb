package org.ipex4j.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.function.UnaryOperator;

/**
 * A function without parameters. Unlike DJL's LambdaBlock it knows the shape of its result, so that
 * initialising a model runs nothing.
 */
final class Lambda extends TorchModule {
    private final UnaryOperator<NDArray> function;
    private final UnaryOperator<Shape> shape;

    private Lambda(UnaryOperator<NDArray> function, UnaryOperator<Shape> shape) {
        this.function = function;
        this.shape = shape;
    }

    static Lambda of(UnaryOperator<NDArray> function, UnaryOperator<Shape> shape) {
        return new Lambda(function, shape);
    }

    /** A function that keeps the shape. */
    static Lambda pointwise(UnaryOperator<NDArray> function) {
        return new Lambda(function, UnaryOperator.identity());
    }

    @Override
    NDArray forward(Run run, NDArray x) {
        return function.apply(x);
    }

    @Override
    Shape walk(Shape in, Step step) {
        return shape.apply(in);
    }

    @Override
    protected void initializeChildBlocks(
            NDManager manager, DataType dataType, Shape... inputShapes) {
        // Nothing inside.
    }
}
