package org.ipex4j.zoo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.NormalInitializer;
import org.ipex4j.engine.CastableLayer;

/**
 * Vision Transformer of torchvision. Dosovitskiy et al., An Image is Worth 16x16 Words, 2020.
 * Images must have the size the positions were made for, 224x224.
 */
public final class VisionTransformer extends ImageClassifier {
    private final int hidden;
    private final int tokens;
    private final Block projection;
    private final Parameter classToken;
    private final Encoder encoder;
    private final Sequence heads;

    private VisionTransformer(
            String name, int patch, int layers, int heads, int hidden, int mlp, int classes) {
        super(name);
        this.hidden = hidden;
        tokens = (224 / patch) * (224 / patch) + 1;
        classToken =
                addParameter(
                        Parameter.builder()
                                .setName("class_token")
                                .setType(Parameter.Type.OTHER)
                                .optShape(new Shape(1, 1, hidden))
                                .optInitializer(new NormalInitializer(0.02f))
                                .build());
        projection = addChildBlock("conv_proj", Layers.conv(hidden, patch, patch, 0, 1, true));
        encoder = addChildBlock("encoder", new Encoder(layers, heads, hidden, mlp, tokens));
        this.heads =
                addChildBlock("heads", new Sequence().add("head", Layers.linear(classes, 0.01f)));
    }

    public static VisionTransformer b16(int classes) {
        return new VisionTransformer("vit_b_16", 16, 12, 12, 768, 3072, classes);
    }

    public static VisionTransformer b32(int classes) {
        return new VisionTransformer("vit_b_32", 32, 12, 12, 768, 3072, classes);
    }

    public static VisionTransformer l16(int classes) {
        return new VisionTransformer("vit_l_16", 16, 24, 16, 1024, 4096, classes);
    }

    @Override
    NDArray forward(Run run, NDArray image) {
        NDArray patches = run.through(projection, image);
        long n = patches.getShape().get(0);
        NDArray words = patches.reshape(n, hidden, -1).transpose(0, 2, 1);
        if (words.getShape().get(1) != tokens - 1) {
            throw new IllegalArgumentException(
                    name()
                            + ": "
                            + image.getShape()
                            + " gives "
                            + words.getShape().get(1)
                            + " patches, expected "
                            + (tokens - 1)
                            + ": give images of 224x224");
        }
        NDArray start = run.parameter(classToken, image).broadcast(n, 1, hidden);
        NDArray x = run.through(encoder, start.concat(words, 1));
        return run.through(heads, x.get(":, 0"));
    }

    @Override
    Shape walk(Shape in, Step step) {
        step.visit(projection, in);
        step.visit(encoder, new Shape(in.get(0), tokens, hidden));
        return step.visit(heads, new Shape(in.get(0), hidden));
    }

    /** Adds positions, then runs the layers and a last LayerNorm. */
    private static final class Encoder extends TorchModule {
        private final Parameter positions;
        private final Sequence layers = new Sequence();
        private final Block norm;

        Encoder(int depth, int heads, int hidden, int mlp, int tokens) {
            positions =
                    addParameter(
                            Parameter.builder()
                                    .setName("pos_embedding")
                                    .setType(Parameter.Type.OTHER)
                                    .optShape(new Shape(1, tokens, hidden))
                                    .optInitializer(new NormalInitializer(0.02f))
                                    .build());
            for (int i = 0; i < depth; i++) {
                layers.add("encoder_layer_" + i, new TransformerLayer(heads, hidden, mlp));
            }
            addChildBlock("layers", layers);
            norm = addChildBlock("ln", TransformerLayer.layerNorm());
        }

        @Override
        NDArray forward(Run run, NDArray x) {
            return run.through(norm, run.through(layers, x.add(run.parameter(positions, x))));
        }

        @Override
        Shape walk(Shape in, Step step) {
            return step.visit(norm, step.visit(layers, in));
        }
    }

    /** Pre-norm encoder layer: attention, then a two-layer perceptron, each with a shortcut. */
    private static final class TransformerLayer extends TorchModule {
        private final Block ln1;
        private final MultiheadAttention attention;
        private final Block ln2;
        private final Sequence mlp;

        TransformerLayer(int heads, int hidden, int width) {
            ln1 = addChildBlock("ln_1", layerNorm());
            attention = addChildBlock("self_attention", new MultiheadAttention(heads, hidden));
            ln2 = addChildBlock("ln_2", layerNorm());
            mlp =
                    addChildBlock(
                            "mlp",
                            Sequence.of(
                                    Layers.linear(width, 0.02f),
                                    Layers.gelu(),
                                    Layers.dropout(0f),
                                    Layers.linear(hidden, 0.02f),
                                    Layers.dropout(0f)));
        }

        static Block layerNorm() {
            return ai.djl.nn.norm.LayerNorm.builder().axis(2).optEpsilon(1e-6f).build();
        }

        @Override
        NDArray forward(Run run, NDArray input) {
            NDArray x = input.add(run.through(attention, run.through(ln1, input)));
            return x.add(run.through(mlp, run.through(ln2, x)));
        }

        @Override
        Shape walk(Shape in, Step step) {
            step.visit(attention, step.visit(ln1, in));
            return step.visit(mlp, step.visit(ln2, in));
        }
    }

    /** nn.MultiheadAttention with one packed projection for query, key and value; batch first. */
    private static final class MultiheadAttention extends TorchModule implements CastableLayer {
        private final int heads;
        private final int hidden;
        private final Parameter weight;
        private final Parameter bias;
        private final Block out;

        MultiheadAttention(int heads, int hidden) {
            this.heads = heads;
            this.hidden = hidden;
            weight =
                    addParameter(
                            Parameter.builder()
                                    .setName("in_proj_weight")
                                    .setType(Parameter.Type.WEIGHT)
                                    .optShape(new Shape(3L * hidden, hidden))
                                    .build());
            bias =
                    addParameter(
                            Parameter.builder()
                                    .setName("in_proj_bias")
                                    .setType(Parameter.Type.BIAS)
                                    .optShape(new Shape(3L * hidden))
                                    .build());
            out = addChildBlock("out_proj", Layers.linear(hidden, 0.02f));
        }

        @Override
        NDArray forward(Run run, NDArray x) {
            long n = x.getShape().get(0);
            long length = x.getShape().get(1);
            int width = hidden / heads;
            NDArray packed =
                    ai.djl.nn.core.Linear.linear(
                                    x, run.parameter(weight, x), run.parameter(bias, x))
                            .singletonOrThrow()
                            .reshape(n, length, 3, heads, width)
                            .transpose(2, 0, 3, 1, 4);
            NDList qkv = packed.split(3, 0);
            NDArray q = qkv.get(0).squeeze(0);
            NDArray k = qkv.get(1).squeeze(0);
            NDArray v = qkv.get(2).squeeze(0);
            NDArray scores = q.matMul(k.transpose(0, 1, 3, 2)).mul((float) (1 / Math.sqrt(width)));
            NDArray mixed = scores.softmax(-1).matMul(v);
            return run.through(out, mixed.transpose(0, 2, 1, 3).reshape(n, length, hidden));
        }

        @Override
        Shape walk(Shape in, Step step) {
            return step.visit(out, in);
        }
    }
}
