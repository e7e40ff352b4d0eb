package org.ipex4j.compiler.samples;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;

/** Collects the samples of all families; see {@link OpSamples}. */
final class SampleTable {
    final Map<Op, List<Sample>> samples = new LinkedHashMap<>();
    final Map<Op, List<ErrorSample>> errors = new LinkedHashMap<>();
    final Map<Op, String> reasons = new LinkedHashMap<>();

    /** Starts or continues the samples of an op. */
    Entry op(String name) {
        return new Entry(OpCatalog.get(name), 1, Optional.empty());
    }

    /**
     * Adds samples to one op. Arguments are as for {@link Args#of}, with a {@link Draw} for each
     * tensor.
     */
    final class Entry {
        private final Op op;
        private final double slack;
        private final Optional<String> oracleGap;

        private Entry(Op op, double slack, Optional<String> oracleGap) {
            this.op = op;
            this.slack = slack;
            this.oracleGap = oracleGap;
        }

        String name() {
            return op.name();
        }

        /**
         * Samples added through the returned entry may differ by this many times the usual
         * tolerance.
         */
        Entry slack(double times) {
            return new Entry(op, times, oracleGap);
        }

        /**
         * For samples added through the returned entry, libtorch differs or cannot be asked, for
         * this reason.
         */
        Entry withoutOracle(String reason) {
            return new Entry(op, slack, Optional.of(reason));
        }

        /** A call that must succeed. */
        Entry sample(String label, Object... args) {
            List<Sample> list = samples.computeIfAbsent(op, o -> new ArrayList<>());
            Args<Draw> drawn = Args.of(op.schema(), args);
            long seed = 31L * op.name().hashCode() + label.hashCode();
            long[] next = {seed * 1_000_003 + list.size()};
            list.add(new Sample(op, label, drawn.map(d -> d.make(next[0]++)), slack, oracleGap));
            return this;
        }

        /** A call that must be refused with a message that contains this text. */
        Entry error(String message, Object... args) {
            Args<Draw> drawn = Args.of(op.schema(), args);
            errors.computeIfAbsent(op, o -> new ArrayList<>())
                    .add(new ErrorSample(op, drawn.map(Draw::type), message, oracleGap));
            return this;
        }

        /** Declares that the op has no samples, and why. */
        void none(String reason) {
            if (reasons.put(op, reason) != null || samples.containsKey(op)) {
                throw new IllegalStateException(
                        op + ": declared without samples, but has some or was declared before");
            }
        }
    }
}
