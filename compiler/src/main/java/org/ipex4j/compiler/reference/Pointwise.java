package org.ipex4j.compiler.reference;

import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Scalar;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.Arg;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.TypePromotion;

/** Building blocks of pointwise references. */
final class Pointwise {
    @FunctionalInterface
    interface Real2 {
        double apply(double a, double b);
    }

    @FunctionalInterface
    interface Int2 {
        long apply(long a, long b);
    }

    private Pointwise() {}

    /** A tensor or number argument; a number as a tensor without dimensions of its widest dtype. */
    static RefTensor operand(Args<RefTensor> args, String name) {
        return args.get(name) instanceof Arg.Number<RefTensor>(Scalar s)
                ? RefTensor.of(s)
                : args.tensor(name);
    }

    /** The dtype two operands (tensors or numbers) are compared or combined in. */
    static DType common(Args<RefTensor> args, String a, String b) {
        TypePromotion p = TypePromotion.start();
        for (String name : new String[] {a, b}) {
            if (args.get(name) instanceof Arg.Number<RefTensor>(Scalar s)) {
                p.add(s);
            } else {
                p.add(args.tensor(name).type());
            }
        }
        return p.result();
    }

    /** A number in the precision ops compute in: float32 unless the dtype is float64. */
    static double number(Args<RefTensor> args, String name, DType dtype) {
        double v = args.number(name).toDouble();
        return dtype == DType.FLOAT64 ? v : (float) v;
    }

    /** A function of one floating operand; integers are converted first. */
    static Reference unary(DoubleUnaryOperator f) {
        return (args, types) -> {
            TensorType t = types.getFirst();
            RefTensor x = args.allTensors().getFirst().to(t.dtype());
            return List.of(RefTensor.build(t, i -> f.applyAsDouble(x.real(i))));
        };
    }

    /**
     * A function of two operands, converted to a common dtype and broadcast. The result dtype is
     * the operands', or for predicates bool.
     *
     * @param ints for integers and bool; null where they are converted to floating
     */
    static Reference binary(String a, String b, Real2 reals, Int2 ints) {
        return (args, types) -> {
            TensorType t = types.getFirst();
            DType common = ints == null ? t.dtype() : common(args, a, b);
            return List.of(
                    combine(
                            t,
                            operand(args, a).to(common),
                            operand(args, b).to(common),
                            reals,
                            ints));
        };
    }

    /** Combines two tensors of one dtype. */
    static RefTensor combine(TensorType t, RefTensor a, RefTensor b, Real2 reals, Int2 ints) {
        int[] ia = Indexing.broadcast(a.sizes(), t.sizes());
        int[] ib = Indexing.broadcast(b.sizes(), t.sizes());
        return a.dtype().isFloating()
                ? RefTensor.build(t, i -> reals.apply(a.real(ia[i]), b.real(ib[i])))
                : RefTensor.buildInts(t, i -> ints.apply(a.integer(ia[i]), b.integer(ib[i])));
    }

    /** The operand converted to a dtype and repeated to sizes. */
    static RefTensor at(RefTensor x, DType dtype, Sizes sizes) {
        return x.to(dtype).broadcast(sizes);
    }
}
