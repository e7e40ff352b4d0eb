package org.ipex4j.ir.graph;

/** One input of a graph. */
public record Input(Value value, Role role, String name) {
    /** Who provides the tensor, and how often it changes. */
    public enum Role {
        /** Given at each call. */
        ARGUMENT("input"),
        /**
         * A parameter or buffer of the model: the same tensor at each call, changed now and then.
         */
        PARAMETER("param"),
        /** A tensor met while capturing: never changes. */
        CONSTANT("const"),
        /** The gradient of an output, given when backward begins. */
        TANGENT("tangent"),
        /** What an update of the parameters depends on, a learning rate: given when it begins. */
        UPDATE("update");

        private final String text;

        Role(String text) {
            this.text = text;
        }

        /** True for parameters and constants: what depends on them alone is computed once. */
        public boolean isInvariant() {
            return this == PARAMETER || this == CONSTANT;
        }

        /** When the tensor is given: 0 with the call, 1 for backward, 2 for the update. */
        public int phase() {
            return this == TANGENT ? 1 : this == UPDATE ? 2 : 0;
        }

        public String text() {
            return text;
        }
    }
}
