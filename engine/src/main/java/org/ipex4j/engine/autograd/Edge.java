package org.ipex4j.engine.autograd;

/**
 * Where a gradient goes: to an output of a node, or, at the end of the way, to an array.
 *
 * @param node null for an array
 * @param output of the node
 * @param leaf the array that requires the gradient; null for a node
 */
record Edge(Node node, int output, AutogradMeta leaf) {
    static Edge to(Node node, int output) {
        return new Edge(node, output, null);
    }

    static Edge to(AutogradMeta leaf) {
        return new Edge(null, 0, leaf);
    }
}
