package org.ipex4j.ir.op;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Scalar;

/**
 * One argument of an op call. {@code T} is what stands for a tensor: a graph value while capturing,
 * a type while inferring, an array while executing.
 */
public sealed interface Arg<T> {
    record Tensor<T>(T value) implements Arg<T> {}

    /** A tensor list; elements are null only where the schema says {@code Tensor?[]}. */
    record Tensors<T>(List<T> values) implements Arg<T> {}

    record Int<T>(long value) implements Arg<T> {}

    record Ints<T>(List<Long> values) implements Arg<T> {}

    record Real<T>(double value) implements Arg<T> {}

    record Reals<T>(List<Double> values) implements Arg<T> {}

    record Bool<T>(boolean value) implements Arg<T> {}

    record Bools<T>(List<Boolean> values) implements Arg<T> {}

    record Number<T>(Scalar value) implements Arg<T> {}

    record Type<T>(DType value) implements Arg<T> {}

    record Text<T>(String value) implements Arg<T> {}

    /** An optional argument left out. */
    record None<T>() implements Arg<T> {}

    /** The same argument with every tensor replaced. */
    @SuppressWarnings("unchecked") // arguments without a tensor do not depend on T
    default <U> Arg<U> map(Function<? super T, ? extends U> f) {
        return switch (this) {
            case Tensor<T>(T v) -> new Tensor<>(f.apply(v));
            case Tensors<T>(List<T> vs) -> {
                List<U> out = new ArrayList<>(vs.size());
                for (T v : vs) {
                    out.add(v == null ? null : f.apply(v));
                }
                yield new Tensors<>(out);
            }
            default -> (Arg<U>) this;
        };
    }

    /** The tensors of this argument, in order, nulls left out. */
    default List<T> tensors() {
        return switch (this) {
            case Tensor<T>(T v) -> List.of(v);
            case Tensors<T>(List<T> vs) -> vs.stream().filter(v -> v != null).toList();
            default -> List.of();
        };
    }
}
