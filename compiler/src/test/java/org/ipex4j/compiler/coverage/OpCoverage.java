package org.ipex4j.compiler.coverage;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.ipex4j.compiler.autodiff.Derivatives;
import org.ipex4j.compiler.decompose.Decompose;
import org.ipex4j.compiler.kernel.LibraryNaN;
import org.ipex4j.compiler.kernel.Lowering;
import org.ipex4j.compiler.loop.lower.LoweringTable;
import org.ipex4j.compiler.reference.ReferenceTable;
import org.ipex4j.compiler.samples.OpSamples;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;
import org.ipex4j.ir.op.Trait;

/** What each op has: the tables of all rooms side by side, as the page {@code docs/ops.md}. */
final class OpCoverage {
    /** One column of the page. */
    record Column(String title, Function<Op, String> cell) {}

    /** A new table of a room gets its column here. */
    private static final List<Column> COLUMNS =
            List.of(
                    new Column("Op", op -> "`" + op.name() + "`"),
                    new Column(
                            "Traits",
                            op ->
                                    op.traits().stream()
                                            .sorted()
                                            .map(t -> t.name().toLowerCase())
                                            .collect(Collectors.joining(", "))),
                    new Column(
                            "Reference",
                            op ->
                                    ReferenceTable.limitation(op)
                                            .map(OpCoverage::note)
                                            .orElse("yes")),
                    new Column(
                            "Samples",
                            op -> OpSamples.reason(op).map(OpCoverage::note).orElse("yes")),
                    new Column(
                            "Compiled",
                            op ->
                                    compileLimit(op)
                                            .map(OpCoverage::note)
                                            .orElseGet(() -> compiled(op))),
                    new Column(
                            "Derivative",
                            op ->
                                    Derivatives.limitation(op)
                                            .map(OpCoverage::note)
                                            .orElseGet(() -> derivative(op))),
                    new Column("Limitations", op -> LibraryNaN.limitation(op).orElse("")));

    private OpCoverage() {}

    /** How compiled graphs compute the op; empty if they cannot. */
    static String compiled(Op op) {
        List<String> ways = new ArrayList<>();
        if (Decompose.decomposed().contains(op.name())) {
            ways.add("decomposed");
        }
        if (op.is(Trait.VIEW)) {
            ways.add("view");
        }
        if (Lowering.isLibrary(op)) {
            ways.add("library");
        }
        if (LoweringTable.contains(op.name())) {
            ways.add("loops");
        }
        if (op.name().equals("aten.cat")) {
            ways.add("loops, one for each part");
        }
        if (Lowering.isHost(op)) {
            ways.add("host");
        }
        if (op.name().equals("aten._native_batch_norm_legit_no_training")) {
            ways.add("pass fold-batch-norm");
        }
        return String.join(", ", ways);
    }

    /** How gradients flow through the op; empty if they cannot. */
    static String derivative(Op op) {
        if (Derivatives.isZero(op)) {
            return "zero";
        }
        return Derivatives.of(op).isPresent()
                ? "yes"
                : Derivatives.isDecomposed(op.name()) ? "decomposed" : "";
    }

    /** Why compiled graphs do not compute the op, if they do not. */
    static Optional<String> compileLimit(Op op) {
        if (op.is(Trait.RANDOM)) {
            return Optional.of(
                    "random numbers are drawn outside of graphs, by the engine's generator");
        }
        return Optional.empty();
    }

    private static String note(String reason) {
        return "no: " + reason;
    }

    /** The whole page. */
    static String page() {
        StringBuilder out =
                new StringBuilder(
                        """
                # Ops

                Every op of the catalogue (PyTorch's names and semantics) and what each room has for it. Generated from the tables
                themselves; after a change of theirs, write it anew with

                    mvn -pl ir,compiler test -Dtest=OpCoverageTest -Dipex.write.docs=true -Dsurefire.failIfNoSpecifiedTests=false

                Limitations hold for graphs compiled by default and for ops run one by one; "strict" is `CompileOptions.strictFloats(true)`,
                which leaves those cases to generated kernels: exact, and slower. A post-op is what a convolution or matrix product does to its
                result before it writes it.

                """);
        out.append(OpCatalog.all().size()).append(" ops.\n\n");
        out.append(row(COLUMNS.stream().map(Column::title).toList()));
        out.append(row(IntStream.range(0, COLUMNS.size()).mapToObj(i -> "---").toList()));
        for (Op op : OpCatalog.all()) {
            out.append(row(COLUMNS.stream().map(c -> c.cell().apply(op)).toList()));
        }
        return out.toString();
    }

    private static String row(List<String> cells) {
        return cells.stream().collect(Collectors.joining(" | ", "| ", " |\n"));
    }
}
