package org.ipex4j.ir.graph;

import org.ipex4j.ir.TensorType;

/** One SSA value; {@code id} is unique within its graph. */
public record Value(int id, TensorType type) {
    @Override
    public String toString() {
        return "%" + id;
    }
}
