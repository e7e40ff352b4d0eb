package org.ipex4j.compiler.optimize;

import org.ipex4j.compiler.decompose.Emitter;
import org.ipex4j.ir.graph.Value;

/**
 * What DJL's optimizers do to a gradient first.
 *
 * @param rescale factor ({@code setRescaleGrad})
 * @param clip limit of the absolute value ({@code optClipGrad}); none if negative
 * @param weightDecay share of the parameter that is added
 */
public record Gradient(float rescale, float clip, float weightDecay) {
    /** clip(rescale · gradient). */
    Value clipped(Emitter e, Value gradient) {
        return clip(e, e.mul(gradient, (double) rescale));
    }

    /** clip(rescale · gradient) + weightDecay · parameter. */
    Value decayedAfter(Emitter e, Value gradient, Value parameter) {
        return decay(e, clipped(e, gradient), parameter);
    }

    /** clip(rescale · gradient + weightDecay · parameter). */
    Value decayedBefore(Emitter e, Value gradient, Value parameter) {
        return clip(e, decay(e, e.mul(gradient, (double) rescale), parameter));
    }

    private Value clip(Emitter e, Value g) {
        return clip < 0 ? g : e.call("aten.clamp", g, (double) -clip, (double) clip);
    }

    private Value decay(Emitter e, Value g, Value parameter) {
        return weightDecay == 0 ? g : e.add(g, e.mul(parameter, (double) weightDecay));
    }
}
