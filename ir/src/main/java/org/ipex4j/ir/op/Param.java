package org.ipex4j.ir.op;

import java.util.Optional;

/**
 * One parameter of an op's schema. {@code defaultValue} is present where a caller may leave it out.
 */
public record Param(
        String name,
        Kind kind,
        boolean optional,
        boolean mutated,
        Optional<Arg<Object>> defaultValue) {
    /** Argument kinds of ATen schemas. */
    public enum Kind {
        TENSOR("Tensor"),
        TENSORS("Tensor[]"),
        OPTIONAL_TENSORS("Tensor?[]"),
        INT("int"),
        INTS("int[]"),
        REAL("float"),
        REALS("float[]"),
        BOOL("bool"),
        BOOLS("bool[]"),
        NUMBER("Scalar"),
        DTYPE("ScalarType"),
        TEXT("str");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        /** The name in ATen's schema language. */
        public String text() {
            return text;
        }
    }
}
