package org.ipex4j.compiler.autodiff;

import java.util.Optional;
import org.ipex4j.compiler.decompose.Decompose;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;

/** The derivative of every op, or the declared reason why it has none, family by family. */
public final class Derivatives {
    private static final DerivativeTable TABLE = new DerivativeTable();

    static {
        ArithmeticDerivatives.addTo(TABLE);
        UnaryDerivatives.addTo(TABLE);
        ActivationDerivatives.addTo(TABLE);
        SelectionDerivatives.addTo(TABLE);
        ReductionDerivatives.addTo(TABLE);
        StatisticsDerivatives.addTo(TABLE);
        NormDerivatives.addTo(TABLE);
        MatmulDerivatives.addTo(TABLE);
        WindowDerivatives.addTo(TABLE);
        ViewDerivatives.addTo(TABLE);
        JoinDerivatives.addTo(TABLE);
        IndexDerivatives.addTo(TABLE);
        ResizeDerivatives.addTo(TABLE);
        RandomDerivatives.addTo(TABLE);
        NonDifferentiable.addTo(TABLE);
    }

    private Derivatives() {}

    /** The op's own derivative; empty for ops that are decomposed first or have none. */
    public static Optional<Derivative> of(Op op) {
        return Optional.ofNullable(TABLE.derivatives.get(op));
    }

    /** Why an op has no derivative; empty if it has one, by itself or by its decomposition. */
    public static Optional<String> limitation(Op op) {
        return Optional.ofNullable(TABLE.limitations.get(op));
    }

    /** Whether no gradient ever flows through the op. */
    public static boolean isZero(Op op) {
        return TABLE.derivatives.get(op) == Derivative.ZERO;
    }

    /** Whether the named op is decomposed before it is differentiated. */
    public static boolean isDecomposed(String name) {
        Op op = OpCatalog.get(name);
        return !TABLE.derivatives.containsKey(op)
                && !TABLE.limitations.containsKey(op)
                && (Decompose.decomposed().contains(name) || Composites.FORMS.containsKey(name));
    }
}
