package org.ipex4j.compiler.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.ipex4j.compiler.loop.LoopGroup;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Source;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.plan.LibraryCall;

/** One thing a kernel graph does: a library call, a view, a generated kernel, or a host routine. */
public sealed interface KernelNode {
    /** The values read, in operand order. */
    List<Value> reads();

    /** The values made. */
    List<Value> writes();

    /** The graph nodes that this one does the work of. */
    List<Node> nodes();

    /**
     * The ops fused and the block path, for profiles: {@code convolution+relu (layer1.0.conv1)}.
     */
    default String label() {
        String ops =
                nodes().stream()
                        .map(n -> stem(n.op().name()))
                        .distinct()
                        .collect(Collectors.joining("+"));
        return ops.isEmpty() ? kind() : ops + block(nodes());
    }

    /** The name without namespace and overload. */
    private static String stem(String op) {
        String name = op.substring(op.indexOf('.') + 1);
        int dot = name.indexOf('.');
        return dot < 0 ? name : name.substring(0, dot);
    }

    /** What sort of node it is, in one word. */
    String kind();

    private static String block(List<Node> nodes) {
        return nodes.stream()
                .map(Node::source)
                .map(Source::block)
                .filter(b -> !b.isEmpty())
                .findFirst()
                .map(b -> " (" + b + ")")
                .orElse("");
    }

    /**
     * A library call.
     *
     * @param call layouts are {@code ANY} until layouts are assigned
     * @param operands as {@link LibraryCall#inputs()}, then one per binary post-op
     * @param accumulate the value that a {@code Sum} post-op adds: the result takes over its buffer
     * @param result the value after the last post-op
     * @param second what the call makes beside it, as {@link LibraryCall#secondOutput()}
     * @param nodes the call's own node first, then those absorbed as post-ops
     * @param implementation the library's name for it; empty before layouts are assigned
     */
    record Library(
            LibraryCall call,
            List<Value> operands,
            Optional<Value> accumulate,
            Value result,
            Optional<Value> second,
            List<Node> nodes,
            String implementation)
            implements KernelNode {
        public Library {
            operands = List.copyOf(operands);
            nodes = List.copyOf(nodes);
        }

        @Override
        public List<Value> reads() {
            if (accumulate.isEmpty()) {
                return operands;
            }
            List<Value> all = new ArrayList<>(operands);
            all.add(accumulate.get());
            return all;
        }

        @Override
        public List<Value> writes() {
            return second.isPresent() ? List.of(result, second.get()) : List.of(result);
        }

        @Override
        public String kind() {
            return call.kind();
        }
    }

    /** A view: {@code result} lies in the storage of {@code base}; nothing is executed. */
    record Alias(Node view, Value base, Value result) implements KernelNode {
        @Override
        public List<Value> reads() {
            return List.of(base);
        }

        @Override
        public List<Value> writes() {
            return List.of(result);
        }

        @Override
        public List<Node> nodes() {
            return List.of(view);
        }

        @Override
        public String kind() {
            return "view";
        }
    }

    /** A generated kernel. */
    record Loop(LoopGroup group) implements KernelNode {
        @Override
        public List<Value> reads() {
            return group.inputs();
        }

        @Override
        public List<Value> writes() {
            return group.outputs();
        }

        @Override
        public List<Node> nodes() {
            return group.nodes();
        }

        @Override
        public String kind() {
            return "loop";
        }
    }

    /** An op that the runtime's own code does on contiguous buffers. */
    record Host(Node node) implements KernelNode {
        @Override
        public List<Value> reads() {
            return node.operands();
        }

        @Override
        public List<Value> writes() {
            return node.results();
        }

        @Override
        public List<Node> nodes() {
            return List.of(node);
        }

        @Override
        public String kind() {
            return "host";
        }
    }
}
