package org.ipex4j.engine;

import org.ipex4j.ir.graph.Graph;

/**
 * What runs captured graphs. Built in are {@code ipex}, the compiler, and {@code eager}, which runs
 * a graph op by op. Others come by {@link Backends#register} or as services of this type on the
 * class path.
 */
public interface Backend {
    /** What {@link CompileOptions#backend(String)} calls it. */
    String name();

    /**
     * Prepares a graph to be run many times.
     *
     * @param graph verified; sizes are concrete
     * @param request what the caller chose
     */
    CompiledFunction compile(Graph graph, Request request);

    /**
     * The caller's choices as a backend sees them.
     *
     * @param options those of {@code compile}
     * @param optimize those of {@code optimize}, or its defaults if the block was not optimized
     * @param anew to be compiled even if an earlier process has left the result on disk
     */
    record Request(CompileOptions options, OptimizeOptions optimize, boolean anew) {}
}
