package org.ipex4j.ir.op;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Scalar;

/**
 * The arguments of one op call, one per parameter of its schema, with access by the schema's names.
 * {@code T} is what stands for a tensor (see {@link Arg}).
 */
public record Args<T>(Schema schema, List<Arg<T>> values) {
    public Args {
        if (values.size() != schema.params().size()) {
            throw new IllegalArgumentException(
                    schema.name()
                            + " takes "
                            + schema.params().size()
                            + " arguments, got "
                            + values.size());
        }
        values = List.copyOf(values);
    }

    /**
     * Builds arguments from plain Java values in the schema's order: {@code null} for a left-out
     * optional, {@code Long}/{@code Integer}, {@code Double}/{@code Float}, {@code Boolean}, {@code
     * long[]}, {@code int[]}, {@code double[]}, {@link Scalar}, {@link DType}, {@code String}, a
     * tensor, or a {@code List} of tensors. Trailing parameters that have a default may be left
     * out.
     */
    @SuppressWarnings(
            "unchecked") // what is no known Java value is a tensor, by the method's contract
    public static <T> Args<T> of(Schema schema, Object... given) {
        List<Param> params = schema.params();
        if (given.length > params.size()) {
            throw new IllegalArgumentException(
                    schema.name() + " takes " + params.size() + " arguments, got " + given.length);
        }
        List<Arg<T>> out = new ArrayList<>(params.size());
        for (int i = 0; i < params.size(); i++) {
            Param p = params.get(i);
            if (i >= given.length) {
                if (p.defaultValue().isEmpty()) {
                    throw new IllegalArgumentException(
                            schema.name() + ": argument '" + p.name() + "' is missing");
                }
                out.add(p.defaultValue().get().map(x -> (T) x));
            } else {
                out.add(convert(schema, p, given[i]));
            }
        }
        return new Args<>(schema, out);
    }

    @SuppressWarnings("unchecked") // see of()
    private static <T> Arg<T> convert(Schema schema, Param p, Object v) {
        if (v instanceof Arg<?> a) {
            return (Arg<T>) a;
        }
        if (v == null) {
            if (!p.optional()) {
                throw new IllegalArgumentException(
                        schema.name() + ": argument '" + p.name() + "' must not be null");
            }
            return new Arg.None<>();
        }
        return switch (p.kind()) {
            case TENSOR -> new Arg.Tensor<>((T) v);
            case TENSORS, OPTIONAL_TENSORS -> new Arg.Tensors<>(new ArrayList<>((List<T>) v));
            case INT -> new Arg.Int<>(((Number) v).longValue());
            case INTS -> new Arg.Ints<>(toLongs(v));
            case REAL -> new Arg.Real<>(((Number) v).doubleValue());
            case REALS -> new Arg.Reals<>(toDoubles(v));
            case BOOL -> new Arg.Bool<>((Boolean) v);
            case BOOLS -> new Arg.Bools<>((List<Boolean>) v);
            case NUMBER -> new Arg.Number<>(toScalar(v));
            case DTYPE -> new Arg.Type<>((DType) v);
            case TEXT -> new Arg.Text<>((String) v);
        };
    }

    private static Scalar toScalar(Object v) {
        return switch (v) {
            case Scalar s -> s;
            case Boolean b -> Scalar.of((boolean) b);
            case Double d -> Scalar.of((double) d);
            case Float f -> Scalar.of((double) f);
            case Number n -> Scalar.of(n.longValue());
            default -> throw new IllegalArgumentException("not a number: " + v);
        };
    }

    private static List<Long> toLongs(Object v) {
        return switch (v) {
            case long[] a -> java.util.Arrays.stream(a).boxed().toList();
            case int[] a -> java.util.Arrays.stream(a).mapToObj(i -> (long) i).toList();
            case List<?> l -> l.stream().map(x -> ((Number) x).longValue()).toList();
            case Number n -> List.of(n.longValue());
            default -> throw new IllegalArgumentException("not an int[]: " + v);
        };
    }

    private static List<Double> toDoubles(Object v) {
        return switch (v) {
            case double[] a -> java.util.Arrays.stream(a).boxed().toList();
            case List<?> l -> l.stream().map(x -> ((Number) x).doubleValue()).toList();
            default -> throw new IllegalArgumentException("not a float[]: " + v);
        };
    }

    public Arg<T> get(String name) {
        return values.get(schema.indexOf(name));
    }

    public T tensor(String name) {
        return optionalTensor(name).orElseThrow(() -> wrong(name, "a tensor"));
    }

    public Optional<T> optionalTensor(String name) {
        return get(name) instanceof Arg.Tensor<T>(T v) ? Optional.of(v) : Optional.empty();
    }

    public List<T> tensors(String name) {
        return get(name) instanceof Arg.Tensors<T>(List<T> v) ? v : fail(name, "a tensor list");
    }

    public long integer(String name) {
        return get(name) instanceof Arg.Int<T>(long v) ? v : fail(name, "an int");
    }

    public Optional<Long> optionalInteger(String name) {
        return isNone(name) ? Optional.empty() : Optional.of(integer(name));
    }

    public long[] integers(String name) {
        return optionalIntegers(name).orElseThrow(() -> wrong(name, "an int[]"));
    }

    public Optional<long[]> optionalIntegers(String name) {
        return get(name) instanceof Arg.Ints<T>(List<Long> v)
                ? Optional.of(v.stream().mapToLong(Long::longValue).toArray())
                : Optional.empty();
    }

    public double real(String name) {
        return get(name) instanceof Arg.Real<T>(double v) ? v : fail(name, "a float");
    }

    public Optional<Double> optionalReal(String name) {
        return isNone(name) ? Optional.empty() : Optional.of(real(name));
    }

    public boolean bool(String name) {
        return get(name) instanceof Arg.Bool<T>(boolean v) ? v : fail(name, "a bool");
    }

    public List<Boolean> booleans(String name) {
        return get(name) instanceof Arg.Bools<T>(List<Boolean> v) ? v : fail(name, "a bool[]");
    }

    public Scalar number(String name) {
        return optionalNumber(name).orElseThrow(() -> wrong(name, "a Scalar"));
    }

    public Optional<Scalar> optionalNumber(String name) {
        return get(name) instanceof Arg.Number<T>(Scalar v) ? Optional.of(v) : Optional.empty();
    }

    public Optional<DType> dtype(String name) {
        return get(name) instanceof Arg.Type<T>(DType v) ? Optional.of(v) : Optional.empty();
    }

    public String text(String name) {
        return get(name) instanceof Arg.Text<T>(String v) ? v : fail(name, "a str");
    }

    public boolean isNone(String name) {
        return get(name) instanceof Arg.None<T>;
    }

    /** All tensors in argument order, those inside lists included, left-out ones not. */
    public List<T> allTensors() {
        List<T> out = new ArrayList<>();
        for (Arg<T> a : values) {
            out.addAll(a.tensors());
        }
        return out;
    }

    /** The same call with every tensor replaced. */
    public <U> Args<U> map(Function<? super T, ? extends U> f) {
        List<Arg<U>> out = new ArrayList<>(values.size());
        for (Arg<T> a : values) {
            out.add(a.map(f));
        }
        return new Args<>(schema, out);
    }

    /** The same call with one argument replaced. */
    public Args<T> with(String name, Arg<T> value) {
        List<Arg<T>> copy = new ArrayList<>(values);
        copy.set(schema.indexOf(name), value);
        return new Args<>(schema, copy);
    }

    private <R> R fail(String name, String wanted) {
        throw wrong(name, wanted);
    }

    private IllegalArgumentException wrong(String name, String wanted) {
        return new IllegalArgumentException(
                schema.name()
                        + ": argument '"
                        + name
                        + "' should be "
                        + wanted
                        + ", is "
                        + get(name));
    }
}
