package org.ipex4j.compiler.reference;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;
import org.ipex4j.ir.op.Trait;

/** The reference of every op, or the declared reason why it has none. */
public final class ReferenceTable {
    private static final ReferenceTable INSTANCE = new ReferenceTable();

    private final Map<Op, Reference> references = new HashMap<>();
    private final Map<Op, String> limitations = new HashMap<>();

    private ReferenceTable() {
        References.addAll(this);
    }

    /** Adds the reference of the named op. */
    void add(String op, Reference reference) {
        declare(references, op, reference);
    }

    /** Declares that the named op has no reference, and why. */
    void limit(String op, String reason) {
        declare(limitations, op, reason);
    }

    private <T> void declare(Map<Op, T> table, String name, T value) {
        Op op = OpCatalog.get(name);
        if (references.containsKey(op) || limitations.containsKey(op)) {
            throw new IllegalStateException("reference declared twice: " + name);
        }
        table.put(op, value);
    }

    public static Optional<Reference> find(Op op) {
        return Optional.ofNullable(INSTANCE.references.get(op));
    }

    /** Why an op has no reference; empty if it has one. */
    public static Optional<String> limitation(Op op) {
        return Optional.ofNullable(INSTANCE.limitations.get(op));
    }

    /**
     * Evaluates one call.
     *
     * @throws IllegalArgumentException if the arguments do not fit the op
     * @throws UnsupportedOperationException if the op has no reference
     */
    public static List<RefTensor> evaluate(Op op, Args<RefTensor> args) {
        Reference reference =
                find(op).orElseThrow(
                                () ->
                                        new UnsupportedOperationException(
                                                op
                                                        + " has no reference: "
                                                        + limitation(op)
                                                                .orElse("none is declared")));
        if (op.is(Trait.DATA_DEPENDENT)) {
            return reference.evaluate(args, List.of());
        }
        List<TensorType> types = op.infer(args.map(RefTensor::type));
        List<RefTensor> results = reference.evaluate(args, types);
        List<TensorType> got = results.stream().map(RefTensor::type).toList();
        if (!got.equals(types)) {
            throw new IllegalStateException(
                    op + ": the reference gave " + got + ", the type rule " + types);
        }
        return results;
    }
}
