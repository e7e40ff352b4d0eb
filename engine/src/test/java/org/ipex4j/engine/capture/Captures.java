package org.ipex4j.engine.capture;

import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import java.util.List;
import org.ipex4j.engine.GraphBreak;
import org.ipex4j.engine.ndarray.IpexNDArray;
import org.ipex4j.engine.ndarray.IpexNDManager;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.Node;

/** Captures forwards without compiling them. */
final class Captures {
    private Captures() {}

    static ForwardRun run(Block block, boolean fullGraph, NDList inputs) {
        try (Segments none =
                new Segments(
                        1,
                        g -> {
                            throw new AssertionError("nothing is compiled here");
                        })) {
            return ForwardRun.run(
                    (store, in) -> block.forward(store, in, false, null),
                    new BlockTree(block),
                    fullGraph ? BlockTracer.Mode.FULL_GRAPH : BlockTracer.Mode.PIECES,
                    none,
                    p -> ((IpexNDArray) p.getArray()).tensor(),
                    inputs,
                    (IpexNDManager) inputs.head().getManager(),
                    true,
                    List.of());
        }
    }

    /** The graph of a forward without breaks. */
    static Graph graph(Block block, NDList inputs) {
        return run(block, true, inputs).capture().graph();
    }

    static List<GraphBreak> breaks(Block block, NDList inputs) {
        return run(block, false, inputs).breaks();
    }

    static List<String> ops(Graph graph) {
        return graph.nodes().stream().map(n -> n.op().name()).toList();
    }

    /** {@code aten.relu (in path, File.java:12)} without the line number. */
    static List<String> sources(Graph graph) {
        return graph.nodes().stream().map(Captures::source).toList();
    }

    private static String source(Node n) {
        return n.op().name() + " " + n.source().block();
    }
}
