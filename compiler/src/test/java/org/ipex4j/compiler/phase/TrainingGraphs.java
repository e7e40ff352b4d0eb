package org.ipex4j.compiler.phase;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.ipex4j.compiler.CompileOptions.Write;
import org.ipex4j.compiler.autodiff.Differentiate;
import org.ipex4j.compiler.autodiff.JointGraph;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.Input.Role;
import org.ipex4j.ir.graph.Value;

/** Networks of convolutions and BatchNorm as training has them: with running statistics. */
public final class TrainingGraphs {
    public final GraphBuilder g = new GraphBuilder();
    private final List<Value> statistics = new ArrayList<>();
    private final List<Integer> written = new ArrayList<>();
    private final List<Integer> trained = new ArrayList<>();
    private int inputs;

    /** A joint graph, and which of its outputs replace inputs. */
    public record Training(Graph graph, List<Write> writes) {}

    /** A further input. */
    public Value input(String name, boolean differentiated, long... sizes) {
        if (differentiated) {
            trained.add(inputs);
        }
        inputs++;
        return g.input(Role.ARGUMENT, name + inputs, TensorType.of(DType.FLOAT32, sizes));
    }

    public Value conv(Value x, long out, long kernel, long stride) {
        long in = x.type().sizes().get(1);
        return g.call(
                "aten.conv2d",
                x,
                input("weight", true, out, in, kernel, kernel),
                null,
                new long[] {stride},
                new long[] {kernel / 2},
                new long[] {1},
                1);
    }

    /** BatchNorm in training. */
    public Value norm(Value x) {
        long c = x.type().sizes().get(1);
        Value weight = input("weight", true, c);
        Value bias = input("bias", true, c);
        written.add(inputs);
        Value mean = input("mean", false, c);
        written.add(inputs);
        Value variance = input("variance", false, c);
        List<Value> all =
                g.callAll(
                        "aten._native_batch_norm_legit_functional",
                        x,
                        weight,
                        bias,
                        mean,
                        variance,
                        true,
                        0.1,
                        1e-5);
        statistics.add(all.get(3));
        statistics.add(all.get(4));
        return all.getFirst();
    }

    public Value relu(Value x) {
        return g.call("aten.relu", x);
    }

    /** A residual block. */
    public Value block(Value x, long out, long stride) {
        Value y = norm(conv(relu(norm(conv(x, out, 3, stride))), out, 3, 1));
        Value skip =
                x.type().sizes().get(1) == out && stride == 1 ? x : norm(conv(x, out, 1, stride));
        return relu(g.call("aten.add.Tensor", y, skip));
    }

    /** Means over pixels, and a linear layer. */
    public Value head(Value x, long classes) {
        Value means = g.call("aten.mean.dim", x, new long[] {2, 3}, false);
        return g.call(
                "aten.linear",
                means,
                input("weight", true, classes, means.type().sizes().get(1)),
                input("bias", true, classes));
    }

    /** Forward and backward of these outputs. */
    public Training joint(Value... outputs) {
        List<Value> all = new ArrayList<>(List.of(outputs));
        List<Write> writes = new ArrayList<>();
        for (int i = 0; i < statistics.size(); i++) {
            writes.add(new Write(all.size(), written.get(i)));
            all.add(statistics.get(i));
        }
        JointGraph joint =
                Differentiate.joint(
                        g.build(all), IntStream.range(0, outputs.length).boxed().toList(), trained);
        return new Training(joint.graph(), writes);
    }

    /** A small ResNet, whose channels make whole blocks. */
    public static Training resNet(long batch, long size) {
        TrainingGraphs t = new TrainingGraphs();
        Value x = t.input("x", false, batch, 3, size, size);
        x = t.relu(t.norm(t.conv(x, 16, 7, 2)));
        x = t.g.call("aten.max_pool2d", x, new long[] {3, 3}, new long[] {2, 2}, new long[] {1, 1});
        x = t.block(t.block(x, 16, 1), 32, 2);
        return t.joint(t.head(x, 10));
    }
}
