package org.ipex4j.compiler.optimize;

import java.util.List;
import org.ipex4j.compiler.decompose.Emitter;
import org.ipex4j.ir.graph.Value;

/** A rule whose gradient is first rescaled and clipped; the rule itself decays weights. */
public record Preprocessed(Gradient gradient, UpdateRule rule) implements UpdateRule {
    /** The rule itself if there is nothing to do before it. */
    public static UpdateRule of(float rescale, float clip, UpdateRule rule) {
        return rescale == 1 && clip < 0
                ? rule
                : new Preprocessed(new Gradient(rescale, clip, 0), rule);
    }

    @Override
    public List<String> state() {
        return rule.state();
    }

    @Override
    public double initial(String slot) {
        return rule.initial(slot);
    }

    @Override
    public List<String> numbers() {
        return rule.numbers();
    }

    @Override
    public Updated apply(
            Emitter e, Value parameter, Value grad, List<Value> state, List<Value> numbers) {
        return rule.apply(e, parameter, gradient.clipped(e, grad), state, numbers);
    }
}
