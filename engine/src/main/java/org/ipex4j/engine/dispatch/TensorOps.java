package org.ipex4j.engine.dispatch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.ipex4j.compiler.CompileOptions;
import org.ipex4j.compiler.CompileOptions.Write;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Scalar;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;
import org.ipex4j.runtime.Tensor;

/** The few ops on bare tensors that autograd itself needs; nothing records them. */
public final class TensorOps {
    private static final Op ADD = OpCatalog.get("aten.add.Tensor");
    private static final Op CLONE = OpCatalog.get("aten.clone");

    private TensorOps() {}

    /** The only result of an op with arguments as {@link Args#of} takes them. */
    public static Tensor call(String name, Object... args) {
        Op op = OpCatalog.get(name);
        return Eager.run(op, Args.of(op.schema(), args))[0];
    }

    /**
     * Runs a graph all of whose outputs replace inputs. Compiled on the first call with this graph
     * and these strides. No product goes unrounded into a sum: whatever is fused with what, and
     * however the inputs are stored, the numbers are those of {@link #updateOpByOp}.
     */
    public static void update(Graph graph, List<Write> writes, Tensor[] inputs) {
        CompileOptions options =
                CompileOptions.DEFAULT
                        .withFloatMode(CompileOptions.FloatMode.STRICT)
                        .withOutputsInto(writes);
        for (Tensor t : Eager.run(graph, options, inputs)) {
            t.close();
        }
    }

    /** Does what {@link #update} does, op by op: each result is stored before the next op. */
    public static void updateOpByOp(Graph graph, List<Write> writes, Tensor[] inputs) {
        Map<Value, Tensor> live = new HashMap<>();
        List<Tensor> made = new ArrayList<>();
        for (int i = 0; i < inputs.length; i++) {
            live.put(graph.inputs().get(i).value(), inputs[i]);
        }
        try {
            for (Node n : graph.nodes()) {
                Tensor[] results = Eager.run(n.op(), n.args().map(live::get));
                for (int r = 0; r < results.length; r++) {
                    made.add(results[r]);
                    live.put(n.results().get(r), results[r]);
                }
            }
            for (Write w : writes) {
                copyInto(live.get(graph.outputs().get(w.output())), inputs[w.input()]);
            }
        } finally {
            made.forEach(Tensor::close);
        }
    }

    /** A row-major copy. */
    public static Tensor copy(Tensor from) {
        return Eager.compiled(CLONE, Args.of(CLONE.schema(), from), null)[0];
    }

    /** Copies elements between tensors of one type. */
    public static void copyInto(Tensor from, Tensor to) {
        Eager.compiled(CLONE, Args.of(CLONE.schema(), from), to);
    }

    /** Converted to another type, row-major. */
    public static Tensor cast(Tensor from, DType type) {
        return Eager.compiled(Eager.TO_COPY, Args.of(Eager.TO_COPY.schema(), from, type), null)[0];
    }

    /**
     * A half of FP32 numbers' bits.
     *
     * @param which {@code top} or {@code trail}
     * @param type that the 16 bits are read as
     */
    public static Tensor half(Tensor full, String which, DType type) {
        try (Tensor bits = call("ipex.bfloat16_" + which, full)) {
            return bits.bits(type);
        }
    }

    /** FP32 numbers of their halves: BF16 and INT16. */
    public static Tensor join(Tensor top, Tensor trail) {
        try (Tensor bits = top.bits(DType.INT16)) {
            return call("ipex.join_bfloat16", bits, trail);
        }
    }

    /** The sum of two tensors of one type. */
    public static Tensor add(Tensor a, Tensor b) {
        return Eager.compiled(ADD, Args.of(ADD.schema(), a, b), null)[0];
    }

    /** Adds to a tensor of the same type. */
    public static void addInto(Tensor sum, Tensor addend) {
        Eager.compiled(ADD, Args.of(ADD.schema(), sum, addend), sum);
    }

    /** A row-major tensor of zeros. */
    public static Tensor zeros(TensorType type) {
        Tensor t = Tensor.empty(type);
        t.segment().fill((byte) 0); // the bits of 0 in every type
        return t;
    }

    /** Writes zeros through the strides. */
    public static void zero(Tensor t) {
        if (t.isContiguous()) {
            t.segment().fill((byte) 0);
            t.bumpVersion();
            return;
        }
        try (Tensor zeros = full(t.type(), 0)) {
            copyInto(zeros, t);
        }
    }

    /** One floating number everywhere; a single element with strides of 0. */
    public static Tensor full(TensorType type, double value) {
        DType dtype = type.dtype();
        try (Tensor one = call("aten.full", new long[0], Scalar.of(value), dtype)) {
            Sizes sizes = type.sizes();
            return one.view(sizes, new long[sizes.rank()], 0);
        }
    }
}
