package org.ipex4j.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import org.ipex4j.engine.ParameterCast;

/**
 * A block with one input and one output whose children carry PyTorch's module names. A subclass
 * says twice how data flows through its children: with arrays in {@link #forward(Run, NDArray)},
 * with shapes in {@link #walk}.
 */
abstract class TorchModule extends AbstractBlock {

    /** What is done to each child in turn, in the order of the data flow. */
    @FunctionalInterface
    interface Step {
        /** Visits a child and gives the shape that leaves it. */
        Shape visit(Block child, Shape input);
    }

    /** One forward pass: what every child needs to run. */
    record Run(ParameterStore store, boolean training, PairList<String, Object> params) {
        NDArray through(Block child, NDArray input) {
            return child.forward(store, new NDList(input), training, params).singletonOrThrow();
        }

        NDArray parameter(ai.djl.nn.Parameter parameter, NDArray like) {
            return store.getValue(parameter, like.getDevice(), training);
        }
    }

    /** Runs the block on one array. */
    abstract NDArray forward(Run run, NDArray input);

    /** Leads a shape through the children as {@link #forward(Run, NDArray)} leads an array. */
    abstract Shape walk(Shape input, Step step);

    @Override
    protected final NDList forwardInternal(
            ParameterStore store,
            NDList inputs,
            boolean training,
            PairList<String, Object> params) {
        return new NDList(forward(new Run(store, training, params), inputs.singletonOrThrow()));
    }

    @Override
    protected void initializeChildBlocks(
            NDManager manager, DataType dataType, Shape... inputShapes) {
        walk(
                inputShapes[0],
                (child, in) -> {
                    child.initialize(manager, dataType, in);
                    return child.getOutputShapes(new Shape[] {in})[0];
                });
    }

    @Override
    public void cast(DataType dataType) {
        ParameterCast.apply(this, dataType);
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {
            walk(inputShapes[0], (child, in) -> child.getOutputShapes(new Shape[] {in})[0])
        };
    }
}
