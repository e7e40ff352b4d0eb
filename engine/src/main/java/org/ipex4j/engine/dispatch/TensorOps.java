package org.ipex4j.engine.dispatch;

import java.util.List;
import org.ipex4j.compiler.CompileOptions.Write;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Scalar;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
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
     * and these strides.
     */
    public static void update(Graph graph, List<Write> writes, Tensor[] inputs) {
        for (Tensor t : Eager.run(graph, writes, inputs)) {
            t.close();
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
