package org.ipex4j.compiler.samples;

import static org.ipex4j.compiler.samples.Draw.bf16;
import static org.ipex4j.compiler.samples.Draw.bool;
import static org.ipex4j.compiler.samples.Draw.f32;
import static org.ipex4j.compiler.samples.Draw.f64;

/** Attention. */
final class AttentionSamples {
    private AttentionSamples() {}

    static void addTo(SampleTable t) {
        t.op("aten.scaled_dot_product_attention")
                .slack(4)
                .sample("plain", f32(2, 3, 7, 8), f32(2, 3, 13, 8), f32(2, 3, 13, 8))
                .sample("another value size", f32(2, 3, 7, 8), f32(2, 3, 13, 8), f32(2, 3, 13, 5))
                .sample(
                        "causal",
                        f32(2, 2, 7, 4),
                        f32(2, 2, 7, 4),
                        f32(2, 2, 7, 4),
                        null,
                        0.0,
                        true)
                .sample(
                        "causal, longer keys",
                        f32(1, 2, 3, 4),
                        f32(1, 2, 7, 4),
                        f32(1, 2, 7, 4),
                        null,
                        0.0,
                        true)
                .sample("mask", f32(2, 2, 3, 4), f32(2, 2, 5, 4), f32(2, 2, 5, 4), bool(2, 1, 3, 5))
                .sample(
                        "row masked out",
                        f32(1, 1, 2, 4),
                        f32(1, 1, 3, 4),
                        f32(1, 1, 3, 4),
                        bool(2, 3).values(0L, 0, 0, 1, 0, 1))
                .sample("bias", f32(2, 2, 3, 4), f32(2, 2, 5, 4), f32(2, 2, 5, 4), f32(3, 5))
                .sample(
                        "scale",
                        f32(2, 2, 3, 4),
                        f32(2, 2, 5, 4),
                        f32(2, 2, 5, 4),
                        null,
                        0.0,
                        false,
                        0.125,
                        false)
                .sample(
                        "grouped heads",
                        f32(2, 6, 3, 4),
                        f32(2, 2, 5, 4),
                        f32(2, 2, 5, 4),
                        null,
                        0.0,
                        false,
                        null,
                        true)
                .sample("3d", f32(2, 3, 4), f32(2, 5, 4), f32(2, 5, 4))
                .sample("2d", f32(3, 4), f32(5, 4), f32(5, 4))
                .sample("broadcast", f32(2, 3, 3, 4), f32(1, 3, 5, 4), f32(1, 3, 5, 4))
                .sample(
                        "transposed",
                        f32(2, 3, 7, 8).transposed(),
                        f32(2, 3, 13, 8).transposed(),
                        f32(2, 3, 13, 8))
                .sample("f64", f64(2, 3, 4), f64(2, 5, 4), f64(2, 5, 4))
                .sample("bf16", bf16(1, 2, 3, 4), bf16(1, 2, 5, 4), bf16(1, 2, 5, 4))
                .error("one embedding size", f32(2, 3, 4), f32(2, 5, 6), f32(2, 5, 6))
                .error("one sequence length", f32(2, 3, 4), f32(2, 5, 4), f32(2, 6, 4))
                .error(
                        "exclude each other",
                        f32(2, 3, 4),
                        f32(2, 5, 4),
                        f32(2, 5, 4),
                        f32(3, 5),
                        0.0,
                        true)
                .error(
                        "does not expand to the scores",
                        f32(2, 3, 4),
                        f32(2, 5, 4),
                        f32(2, 5, 4),
                        f32(4, 5))
                .error("at least 2 dimensions", f32(4), f32(5, 4), f32(5, 4))
                .error("must have one dtype", f32(2, 3, 4), f64(2, 5, 4), f32(2, 5, 4));
    }
}
