package org.ipex4j.compiler.autodiff;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.ipex4j.compiler.decompose.Emitter;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;

/** Collects the derivatives of all families; see {@link Derivatives}. */
final class DerivativeTable {
    final Map<Op, Derivative> derivatives = new HashMap<>();
    final Map<Op, String> limitations = new HashMap<>();

    /**
     * The gradient of one operand of an op whose first result alone has one. Broadcasts are summed
     * back and the operand's dtype restored by the caller.
     */
    @FunctionalInterface
    interface Formula {
        /** The gradient, of sizes that the operand broadcasts to or that broadcast to it. */
        Value of(Value g, ForwardCall c, Emitter e);
    }

    /** One formula per operand, as in PyTorch's derivatives.yaml. */
    static final class Formulas implements Derivative {
        private final Map<String, Formula> byOperand = new LinkedHashMap<>();

        /** The gradient of the named operand. */
        Formulas of(String operand, Formula formula) {
            byOperand.put(operand, formula);
            return this;
        }

        /** No gradient flows to the named operand. */
        Formulas none(String operand) {
            return of(operand, (g, c, e) -> null);
        }

        @Override
        public List<Value> apply(ForwardCall call, List<Value> grads, Emitter e) {
            Value g = grads.getFirst();
            return g == null
                    ? ZERO.apply(call, grads, e)
                    : Grads.perOperand(
                            call,
                            e,
                            name -> {
                                Formula f = byOperand.get(name);
                                if (f == null) {
                                    throw new IllegalArgumentException(
                                            call.op()
                                                    + " is not differentiable with respect to '"
                                                    + name
                                                    + "'");
                                }
                                return f.of(g, call, e);
                            });
        }
    }

    /** Starts the formulas of an op. */
    Formulas op(String name) {
        Formulas formulas = new Formulas();
        add(name, formulas);
        return formulas;
    }

    /** The formula of an op with a single operand named self. */
    void unary(String name, Formula formula) {
        op(name).of("self", formula);
    }

    void add(String name, Derivative derivative) {
        declare(derivatives, name, derivative);
    }

    /** No gradient flows through these ops. */
    void zero(String... names) {
        for (String n : names) {
            add(n, Derivative.ZERO);
        }
    }

    /** These ops have no derivative, for this reason. */
    void limit(String reason, String... names) {
        for (String n : names) {
            declare(limitations, n, reason);
        }
    }

    private <T> void declare(Map<Op, T> table, String name, T value) {
        Op op = OpCatalog.get(name);
        if (derivatives.containsKey(op) || limitations.containsKey(op)) {
            throw new IllegalStateException("derivative declared twice: " + name);
        }
        table.put(op, value);
    }
}
