package org.ipex4j.ir.op;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.ipex4j.ir.TensorType;

/**
 * An operator: what is true of it everywhere. Derivative, decomposition, reference and lowering are
 * tables of the rooms that use them. Ops are compared by identity; {@link OpCatalog} holds them
 * all.
 */
public final class Op {
    private final Schema schema;
    private final Set<Trait> traits;
    private final TypeRule rule;
    private final CostRule cost;

    Op(Schema schema, Set<Trait> traits, TypeRule rule, CostRule cost) {
        this.schema = schema;
        this.traits = traits.isEmpty() ? Set.of() : EnumSet.copyOf(traits);
        this.rule = rule;
        this.cost = cost;
    }

    /** The full name, overload included: {@code aten.add.Tensor}, {@code aten.relu}. */
    public String name() {
        return schema.name();
    }

    public Schema schema() {
        return schema;
    }

    public boolean is(Trait trait) {
        return traits.contains(trait);
    }

    public Set<Trait> traits() {
        return Set.copyOf(traits);
    }

    /** Result types of a call; errors begin with the op's name. */
    public List<TensorType> infer(Args<TensorType> args) {
        try {
            return rule.infer(args);
        } catch (IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage());
            throw new IllegalArgumentException(
                    message.startsWith(name()) ? message : name() + ": " + message, e);
        }
    }

    /** Floating-point operations of a call with these types. */
    public double flops(Args<TensorType> args, List<TensorType> results) {
        return cost.flops(args, results);
    }

    @Override
    public String toString() {
        return name();
    }
}
