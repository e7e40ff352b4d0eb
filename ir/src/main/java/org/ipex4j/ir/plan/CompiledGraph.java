package org.ipex4j.ir.plan;

import java.util.List;

/**
 * A graph compiled into a main plan and prologues. The main plan's inputs are, in order, the
 * graph's arguments ({@code arguments} positions of the graph's inputs) and then the {@code bound}
 * values: graph parameters and constants used as they are, and results of prologues.
 *
 * @param arguments indexes of the graph inputs given at each call, in the main plan's input order
 * @param bound where each further input of the main plan comes from
 * @param prologues computed from parameters and constants, once per version of those
 * @param results what each output of the graph is
 * @param written graph inputs that a run changes; the results that replace them are {@link
 *     Result.InputView}s
 */
public record CompiledGraph(
        Plan main,
        List<Integer> arguments,
        List<Bound> bound,
        List<Prologue> prologues,
        List<Result> results,
        List<Integer> written) {
    public CompiledGraph {
        arguments = List.copyOf(arguments);
        bound = List.copyOf(bound);
        prologues = List.copyOf(prologues);
        results = List.copyOf(results);
        written = List.copyOf(written);
    }

    /** A graph that changes none of its inputs. */
    public CompiledGraph(
            Plan main,
            List<Integer> arguments,
            List<Bound> bound,
            List<Prologue> prologues,
            List<Result> results) {
        this(main, arguments, bound, prologues, results, List.of());
    }

    /** An input of the main plan that does not change from call to call. */
    public sealed interface Bound {
        /** The graph's i-th input (a parameter or constant), as it is. */
        record Input(int graphInput) implements Bound {}

        /** A result of a prologue. */
        record Computed(int prologue, int output) implements Bound {}
    }

    /**
     * A computation on parameters and constants alone.
     *
     * @param inputs the graph inputs it reads, in its plan's input order
     * @param key equal keys compute equal results from equal inputs: results are shared between
     *     compiled graphs by key and input versions
     */
    public record Prologue(String key, Plan plan, List<Integer> inputs) {}

    /** What a graph output is. */
    public sealed interface Result {
        /** The main plan's i-th output. */
        record Output(int index) implements Result {}

        /**
         * A graph input as it is after the run, or a view of it with other sizes and strides (in
         * elements).
         */
        record InputView(int graphInput, BufferType type, long elementOffset) implements Result {}

        /** A bound value: it depends on parameters alone. */
        record BoundValue(Bound bound, BufferType type, long elementOffset) implements Result {}
    }
}
