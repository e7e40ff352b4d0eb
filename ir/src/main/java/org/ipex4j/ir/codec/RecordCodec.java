package org.ipex4j.ir.codec;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;
import org.ipex4j.ir.op.Schema;

/**
 * Records as bytes. What is written follows from the declared types alone: a record is its
 * components in order, a sealed interface the number of the permitted class and then that, an enum
 * its ordinal, a list its length and elements, an op its name. So the bytes name no classes, and
 * reading can make nothing but what the root type is declared to hold. They mean something only to
 * the very classes that wrote them: a cache's key has to tell versions apart.
 *
 * <p>Known are records and sealed interfaces of records (generic ones too), enums, {@code List},
 * {@code Optional}, {@code String}, {@code int}, {@code long}, {@code float}, {@code double},
 * {@code boolean} and their boxes, {@code int[]}, {@code long[]}, {@link Sizes}, {@link Op} and
 * {@link Schema}. Elements of lists may be null, nothing else.
 *
 * @param <T> the root
 */
public final class RecordCodec<T> {
    /** Writes and reads values of one type. */
    private interface Coder {
        void write(Object value, ByteWriter out);

        Object read(ByteReader in);
    }

    private final Class<T> root;
    private final Coder coder;

    private RecordCodec(Class<T> root) {
        this.root = root;
        this.coder = new Coders().of(new Known(root, List.of()));
    }

    /**
     * The codec of a record class.
     *
     * @throws IllegalArgumentException naming the type it cannot write, if there is one
     */
    public static <T extends Record> RecordCodec<T> of(Class<T> root) {
        return new RecordCodec<>(root);
    }

    public byte[] write(T value) {
        ByteWriter out = new ByteWriter();
        coder.write(value, out);
        return out.toArray();
    }

    /**
     * What {@link #write} wrote.
     *
     * @throws CodecException if the bytes cannot be that
     */
    public T read(byte[] bytes) {
        ByteReader in = new ByteReader(bytes);
        T value = root.cast(coder.read(in));
        in.end();
        return value;
    }

    /** A type whose arguments are all known: {@code List<Arg<Integer>>}. */
    private record Known(Class<?> raw, List<Known> arguments) {
        static Known of(Type type, Map<TypeVariable<?>, Known> bound) {
            return switch (type) {
                case Class<?> c -> new Known(c, List.of());
                case TypeVariable<?> v when bound.containsKey(v) -> bound.get(v);
                case ParameterizedType p ->
                        new Known(
                                (Class<?>) p.getRawType(),
                                Arrays.stream(p.getActualTypeArguments())
                                        .map(a -> of(a, bound))
                                        .toList());
                default -> throw unknown(type);
            };
        }

        Map<TypeVariable<?>, Known> variables() {
            Map<TypeVariable<?>, Known> out = new HashMap<>();
            for (int i = 0; i < arguments.size(); i++) {
                out.put(raw.getTypeParameters()[i], arguments.get(i));
            }
            return out;
        }
    }

    private static IllegalArgumentException unknown(Type type) {
        return new IllegalArgumentException(
                "no codec for " + type.getTypeName() + "; see RecordCodec for what it knows");
    }

    /** Finds the coder of each type once. */
    private static final class Coders {
        private final Map<Known, Coder> made = new HashMap<>();

        Coder of(Known type) {
            Coder coder = made.get(type);
            if (coder == null) {
                Later later = new Later(); // types may hold themselves
                made.put(type, later);
                coder = make(type);
                later.coder = coder;
                made.put(type, coder);
            }
            return coder;
        }

        private Coder make(Known type) {
            Class<?> c = type.raw;
            if (c == int.class || c == Integer.class) {
                return coder((v, out) -> out.number((Integer) v), in -> (int) in.number());
            } else if (c == long.class || c == Long.class) {
                return coder((v, out) -> out.number((Long) v), ByteReader::number);
            } else if (c == boolean.class || c == Boolean.class) {
                return coder((v, out) -> out.put((Boolean) v ? 1 : 0), in -> in.get() != 0);
            } else if (c == double.class || c == Double.class) {
                return coder(
                        (v, out) -> out.bits(Double.doubleToRawLongBits((Double) v)),
                        in -> Double.longBitsToDouble(in.bits()));
            } else if (c == float.class || c == Float.class) {
                return coder(
                        (v, out) -> out.number(Float.floatToRawIntBits((Float) v)),
                        in -> Float.intBitsToFloat((int) in.number()));
            } else if (c == String.class) {
                return coder((v, out) -> out.text((String) v), ByteReader::text);
            } else if (c == long[].class) {
                return coder((v, out) -> longs((long[]) v, out), RecordCodec::longs);
            } else if (c == int[].class) {
                return coder(
                        (v, out) -> longs(Arrays.stream((int[]) v).asLongStream().toArray(), out),
                        in -> Arrays.stream(longs(in)).mapToInt(x -> (int) x).toArray());
            } else if (c == Sizes.class) {
                return coder((v, out) -> longs(((Sizes) v).toArray(), out), RecordCodec::sizes);
            } else if (c == Op.class) {
                return coder((v, out) -> out.text(((Op) v).name()), in -> op(in.text()));
            } else if (c == Schema.class) {
                return coder(
                        (v, out) -> out.text(((Schema) v).name()), in -> op(in.text()).schema());
            } else if (c == List.class) {
                return list(of(type.arguments.getFirst()));
            } else if (c == Optional.class) {
                return optional(of(type.arguments.getFirst()));
            } else if (c.isEnum()) {
                Object[] constants = c.getEnumConstants();
                return coder(
                        (v, out) -> out.number(((Enum<?>) v).ordinal()),
                        in -> constants[in.index(constants.length, c.getSimpleName())]);
            } else if (c.isRecord()) {
                return new OfRecord(type, this);
            } else if (c.isSealed()) {
                return new OfSealed(type, this);
            }
            throw unknown(c);
        }
    }

    private interface Write {
        void write(Object value, ByteWriter out);
    }

    private interface Read {
        Object read(ByteReader in);
    }

    private static Coder coder(Write write, Read read) {
        return new Coder() {
            @Override
            public void write(Object value, ByteWriter out) {
                write.write(value, out);
            }

            @Override
            public Object read(ByteReader in) {
                return read.read(in);
            }
        };
    }

    private static Op op(String name) {
        return OpCatalog.find(name)
                .orElseThrow(() -> new CodecException("unknown op '" + name + "'"));
    }

    private static void longs(long[] values, ByteWriter out) {
        out.number(values.length);
        for (long v : values) {
            out.number(v);
        }
    }

    private static long[] longs(ByteReader in) {
        long[] out = new long[in.count()];
        for (int i = 0; i < out.length; i++) {
            out[i] = in.number();
        }
        return out;
    }

    private static Sizes sizes(ByteReader in) {
        try {
            return Sizes.of(longs(in));
        } catch (IllegalArgumentException e) {
            throw new CodecException("no sizes", e);
        }
    }

    private static Coder list(Coder element) {
        return coder(
                (v, out) -> {
                    List<?> list = (List<?>) v;
                    out.number(list.size());
                    for (Object e : list) {
                        out.put(e == null ? 0 : 1);
                        if (e != null) {
                            element.write(e, out);
                        }
                    }
                },
                in -> {
                    Object[] read = new Object[in.count()];
                    boolean nulls = false;
                    for (int i = 0; i < read.length; i++) {
                        read[i] = in.get() == 0 ? null : element.read(in);
                        nulls |= read[i] == null;
                    }
                    return nulls
                            ? Collections.unmodifiableList(Arrays.asList(read))
                            : List.of(read);
                });
    }

    private static Coder optional(Coder element) {
        return coder(
                (v, out) -> {
                    Optional<?> o = (Optional<?>) v;
                    out.put(o.isPresent() ? 1 : 0);
                    o.ifPresent(x -> element.write(x, out));
                },
                in -> in.get() == 0 ? Optional.empty() : Optional.of(element.read(in)));
    }

    /** Stands in for a coder that is being made. */
    private static final class Later implements Coder {
        private Coder coder;

        @Override
        public void write(Object value, ByteWriter out) {
            coder.write(value, out);
        }

        @Override
        public Object read(ByteReader in) {
            return coder.read(in);
        }
    }

    private static final class OfRecord implements Coder {
        private final Constructor<?> constructor;
        private final Method[] accessors;
        private final Coder[] coders;

        OfRecord(Known type, Coders all) {
            Class<?> c = type.raw;
            Map<TypeVariable<?>, Known> variables = type.variables();
            RecordComponent[] components = c.getRecordComponents();
            accessors = new Method[components.length];
            coders = new Coder[components.length];
            Class<?>[] types = new Class<?>[components.length];
            for (int i = 0; i < components.length; i++) {
                types[i] = components[i].getType();
                accessors[i] = components[i].getAccessor();
                accessors[i].setAccessible(true); // nested records may be private
                coders[i] = all.of(Known.of(components[i].getGenericType(), variables));
            }
            try {
                constructor = c.getDeclaredConstructor(types);
                constructor.setAccessible(true);
            } catch (NoSuchMethodException e) {
                throw new IllegalStateException("a record without its constructor: " + c, e);
            }
        }

        @Override
        public void write(Object value, ByteWriter out) {
            for (int i = 0; i < coders.length; i++) {
                try {
                    coders[i].write(accessors[i].invoke(value), out);
                } catch (ReflectiveOperationException e) {
                    throw new IllegalStateException("cannot read " + accessors[i], e);
                }
            }
        }

        @Override
        public Object read(ByteReader in) {
            Object[] parts = new Object[coders.length];
            for (int i = 0; i < parts.length; i++) {
                parts[i] = coders[i].read(in);
            }
            try {
                return constructor.newInstance(parts);
            } catch (InvocationTargetException e) {
                throw new CodecException(
                        "no such " + constructor.getDeclaringClass().getSimpleName(), e.getCause());
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("cannot call " + constructor, e);
            }
        }
    }

    private static final class OfSealed implements Coder {
        private final Class<?> type;
        private final Class<?>[] permitted;
        private final Coder[] coders;

        OfSealed(Known known, Coders all) {
            type = known.raw;
            permitted = type.getPermittedSubclasses();
            coders = new Coder[permitted.length];
            for (int i = 0; i < permitted.length; i++) {
                // A generic case passes its own parameters on to the interface, in the same order.
                int parameters = permitted[i].getTypeParameters().length;
                coders[i] = all.of(new Known(permitted[i], known.arguments.subList(0, parameters)));
            }
        }

        @Override
        public void write(Object value, ByteWriter out) {
            for (int i = 0; i < permitted.length; i++) {
                if (permitted[i].isInstance(value)) {
                    out.number(i);
                    coders[i].write(value, out);
                    return;
                }
            }
            throw new IllegalArgumentException(value + " is no " + type.getSimpleName());
        }

        @Override
        public Object read(ByteReader in) {
            return coders[in.index(coders.length, type.getSimpleName())].read(in);
        }
    }
}
