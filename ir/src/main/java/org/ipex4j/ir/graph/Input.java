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
        CONSTANT("const");

        private final String text;

        Role(String text) {
            this.text = text;
        }

        public String text() {
            return text;
        }
    }
}
