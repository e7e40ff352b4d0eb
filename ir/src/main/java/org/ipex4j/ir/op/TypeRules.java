package org.ipex4j.ir.op;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Scalar;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;

/** Building blocks of type rules. */
final class TypeRules {
    /** Which dtypes an op accepts, with the words for the message. */
    enum Accept {
        ANY("any dtype", t -> true),
        NOT_BOOL("an integer or floating dtype", t -> t != DType.BOOL),
        FLOATING("a floating dtype", DType::isFloating),
        BITS("bool or an integer dtype", t -> !t.isFloating()),
        INTEGRAL("an integer dtype", DType::isIntegral),
        BOOL("bool", t -> t == DType.BOOL);

        private final String text;
        private final Predicate<DType> test;

        Accept(String text, Predicate<DType> test) {
            this.text = text;
            this.test = test;
        }

        DType check(DType t, String what) {
            if (!test.test(t)) {
                throw new IllegalArgumentException(what + " is " + t + ", expected " + text);
            }
            return t;
        }
    }

    private TypeRules() {}

    /** Throws with this message unless the condition holds. */
    static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }

    static List<TensorType> one(DType dtype, Sizes sizes) {
        return List.of(new TensorType(dtype, sizes));
    }

    /** The broadcast of all shapes; the message shows them all. */
    static Sizes broadcast(List<TensorType> types) {
        Sizes out = Sizes.SCALAR;
        for (TensorType t : types) {
            try {
                out = Sizes.broadcast(out, t.sizes());
            } catch (IllegalArgumentException e) {
                String all =
                        String.join(
                                " and ", types.stream().map(x -> x.sizes().toString()).toList());
                throw new IllegalArgumentException("sizes do not broadcast: " + all, e);
            }
        }
        return out;
    }

    /** The result is the first tensor's type. */
    static TypeRule same(Accept accept) {
        return args -> {
            TensorType t = args.allTensors().getFirst();
            accept.check(t.dtype(), "the input");
            return List.of(t);
        };
    }

    /** Integers and bool become float32. */
    static TypeRule floatUnary() {
        return args -> {
            TensorType t = args.allTensors().getFirst();
            return one(TypePromotion.toFloating(t.dtype()), t.sizes());
        };
    }

    /** A bool per element. */
    static TypeRule predicate() {
        return args -> one(DType.BOOL, broadcast(args.allTensors()));
    }

    /**
     * The dtype of all tensor and number operands together (alpha, value and the like not
     * included).
     */
    static DType promoted(Args<TensorType> args, String... numbers) {
        TypePromotion p = TypePromotion.start();
        args.allTensors().forEach(p::add);
        for (String n : numbers) {
            args.optionalNumber(n).ifPresent(p::add);
        }
        return p.result();
    }

    /**
     * Broadcast and promotion of all tensors and the named numbers; the promoted dtype must be
     * accepted.
     */
    static TypeRule promoting(Accept accept, String... numbers) {
        return args -> {
            DType t = accept.check(promoted(args, numbers), "the promoted dtype");
            return one(t, broadcast(args.allTensors()));
        };
    }

    /** As {@link #promoting}, with integers and bool becoming float32. */
    static TypeRule promotingToFloat(String... numbers) {
        return args ->
                one(
                        TypePromotion.toFloating(promoted(args, numbers)),
                        broadcast(args.allTensors()));
    }

    /** Refuses a factor ({@code alpha}, {@code value}) that the result dtype cannot hold. */
    static void checkFactor(Scalar factor, String name, DType result) {
        require(
                !(factor instanceof Scalar.Bool) || result == DType.BOOL,
                "a bool " + name + " needs bool tensors, the result dtype is " + result);
        require(
                !(factor instanceof Scalar.Real) || result.isFloating(),
                "a floating " + name + " needs a floating result, the result dtype is " + result);
    }

    /**
     * Which dimensions a reduction removes; none given means all. Refuses a dimension given twice.
     */
    static boolean[] reducedDims(Sizes sizes, Optional<long[]> dims) {
        boolean[] reduced = new boolean[sizes.rank()];
        if (dims.isEmpty() || dims.get().length == 0) {
            Arrays.fill(reduced, true);
            return reduced;
        }
        boolean[] seen = new boolean[Math.max(1, sizes.rank())];
        for (long d : dims.get()) {
            int w = sizes.wrap(d);
            require(
                    !seen[w],
                    "dimension " + d + " appears twice in " + Arrays.toString(dims.get()));
            seen[w] = true;
            if (sizes.rank() > 0) {
                reduced[w] = true;
            }
        }
        return reduced;
    }

    /** The sizes after a reduction. */
    static Sizes reduce(Sizes sizes, boolean[] reduced, boolean keepDim) {
        List<Long> out = new ArrayList<>();
        for (int i = 0; i < sizes.rank(); i++) {
            if (!reduced[i]) {
                out.add(sizes.get(i));
            } else if (keepDim) {
                out.add(1L);
            }
        }
        return Sizes.of(out.stream().mapToLong(Long::longValue).toArray());
    }

    /** Refuses to reduce a dimension of size 0 with a function that has no identity. */
    static void requireElements(Sizes sizes, boolean[] reduced) {
        for (int i = 0; i < reduced.length; i++) {
            require(
                    !reduced[i] || sizes.get(i) > 0,
                    "cannot reduce dimension "
                            + i
                            + " of size 0 of "
                            + sizes
                            + ": there is no identity");
        }
    }

    /** The sizes named by an int[] argument. */
    static Sizes sizes(long[] values, String name) {
        for (long v : values) {
            require(v >= 0, name + " has a negative size: " + Arrays.toString(values));
        }
        return Sizes.of(values);
    }
}
