package org.ipex4j.engine.dispatch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ipex4j.ir.Scalar;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.op.Arg;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.runtime.Tensor;

/**
 * All that the code of one eager call depends on: what is computed (an op, or another thing that is
 * compared by identity), types and strides of its tensors, its other arguments, and the arithmetic
 * of FP32. Packed into numbers, so that looking one up costs little.
 */
final class Signature {
    private final Object computation;
    private final long[] words;
    private final List<String> texts;
    private final int hash;

    private Signature(Object computation, long[] words, List<String> texts) {
        this.computation = computation;
        this.words = words;
        this.texts = texts;
        this.hash =
                (System.identityHashCode(computation) * 31 + Arrays.hashCode(words)) * 31
                        + texts.hashCode();
    }

    /**
     * The signature of a call; {@code out} is null where a fresh result is wanted.
     *
     * @param packs whether packed copies of weights are kept
     */
    static Signature of(Op op, Args<Tensor> args, Tensor out, boolean packs) {
        Packer p = new Packer();
        for (Arg<Tensor> arg : args.values()) {
            p.add(arg);
        }
        if (out != null) {
            p.tensor(out);
        }
        if (!packs) {
            p.put(1);
        }
        return p.signature(op);
    }

    /** The signature of a differentiated call: {@code needs} says for which tensors. */
    static Signature differentiated(Op op, Args<Tensor> args, boolean[] needs) {
        Packer p = new Packer();
        for (Arg<Tensor> arg : args.values()) {
            p.add(arg);
        }
        for (boolean n : needs) {
            p.put(n ? 1 : 0);
        }
        return p.signature(op);
    }

    /** The signature of a graph's run; {@code graph} is compared by identity. */
    static Signature of(Graph graph, Tensor[] inputs) {
        Packer p = new Packer();
        for (Tensor t : inputs) {
            p.tensor(t);
        }
        return p.signature(graph);
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Signature s
                && computation == s.computation
                && Arrays.equals(words, s.words)
                && texts.equals(s.texts);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return computation.toString();
    }

    /** Writes arguments one after another; kinds and lengths keep neighbours apart. */
    private static final class Packer {
        long[] words = new long[24];
        int count;
        List<String> texts = List.of();

        Signature signature(Object computation) {
            put(Fp32Math.mode().ordinal());
            return new Signature(computation, Arrays.copyOf(words, count), texts);
        }

        void put(long word) {
            if (count == words.length) {
                words = Arrays.copyOf(words, 2 * count);
            }
            words[count++] = word;
        }

        void add(Arg<Tensor> arg) {
            switch (arg) {
                case Arg.Tensor<Tensor>(Tensor t) -> tensor(t);
                case Arg.Tensors<Tensor>(List<Tensor> ts) -> {
                    put(ts.size());
                    for (Tensor t : ts) {
                        if (t == null) {
                            put(-1);
                        } else {
                            tensor(t);
                        }
                    }
                }
                case Arg.Int<Tensor>(long v) -> put(v);
                case Arg.Ints<Tensor>(List<Long> vs) -> {
                    put(vs.size());
                    vs.forEach(this::put);
                }
                case Arg.Real<Tensor>(double v) -> put(Double.doubleToRawLongBits(v));
                case Arg.Reals<Tensor>(List<Double> vs) -> {
                    put(vs.size());
                    vs.forEach(v -> put(Double.doubleToRawLongBits(v)));
                }
                case Arg.Bool<Tensor>(boolean v) -> put(v ? 1 : 0);
                case Arg.Bools<Tensor>(List<Boolean> vs) -> {
                    put(vs.size());
                    vs.forEach(v -> put(v ? 1 : 0));
                }
                case Arg.Number<Tensor>(Scalar s) -> {
                    switch (s) {
                        case Scalar.Bool(boolean v) -> put(v ? 1 : 0);
                        case Scalar.Int(long v) -> put(v);
                        case Scalar.Real(double v) -> put(Double.doubleToRawLongBits(v));
                    }
                    put(s.dtype().ordinal());
                }
                case Arg.Type<Tensor>(var type) -> put(type.ordinal());
                case Arg.Text<Tensor>(String text) -> {
                    texts = new ArrayList<>(texts);
                    texts.add(text);
                    put(-3);
                }
                // Of the optional kinds only Int could hold this number too; the next word tells
                // them apart.
                case Arg.None<Tensor>() -> {
                    put(Long.MIN_VALUE);
                    put(Long.MIN_VALUE);
                }
            }
        }

        void tensor(Tensor t) {
            int rank = t.sizes().rank();
            put(((long) t.dtype().ordinal() << 32) | rank);
            for (int d = 0; d < rank; d++) {
                put(t.sizes().get(d));
                put(t.stride(d));
            }
        }
    }
}
