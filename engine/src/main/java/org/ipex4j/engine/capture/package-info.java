/**
 * From a DJL block to compiled graphs. {@link org.ipex4j.engine.capture.CompiledBlock} finds the
 * graph for a call by its guards ({@code Signature}), or runs the block's forward once under a
 * tracer ({@code ForwardRun}, {@code BlockTracer}): op calls go into a {@code Recording}, in-place
 * ops become pure ones ({@code Aliases}), and {@code SourceFinder} tells block and Java line of
 * each. A forward without graph breaks becomes a {@code Capture}, compiled and bound to the model's
 * parameters in a {@code Region}.
 *
 * <p>Where Java code reads numbers, brings in arrays of its own or draws random numbers, the graph
 * breaks: the forward then runs under the tracer at each call, and what it records between two
 * breaks runs as one compiled piece ({@code Segments}), whichever blocks it spans.
 */
package org.ipex4j.engine.capture;
