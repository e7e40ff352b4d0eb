package org.ipex4j.app;

import ai.djl.ndarray.types.DataType;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.ipex4j.engine.Autocast;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** What a command computes in; parameters are FP32 in files, whichever it is. */
public enum Precision {
    /** FP32 throughout. */
    F32("f32", DataType.FLOAT32),

    /** BF16 where {@code Ipex.optimize} and {@code Autocast} say so, FP32 elsewhere. */
    BF16("bf16", DataType.BFLOAT16);

    private final String text;
    private final DataType type;

    Precision(String text, DataType type) {
        this.text = text;
        this.type = type;
    }

    /**
     * The precision of this name, as options and checkpoints have it.
     *
     * @throws IllegalArgumentException if there is none; names those that there are
     */
    public static Precision of(String text) {
        return Arrays.stream(values())
                .filter(p -> p.text.equals(text))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "'"
                                                + text
                                                + "': expected "
                                                + Arrays.stream(values())
                                                        .map(Precision::toString)
                                                        .collect(Collectors.joining(" or "))));
    }

    /** What to ask {@code Ipex.optimize} for. */
    public DataType type() {
        return type;
    }

    /** A scope around forward and loss in training; of FP32 one that casts nothing. */
    public Autocast autocast() {
        return Autocast.cpu(DataType.BFLOAT16, this == BF16);
    }

    @Override
    public String toString() {
        return text;
    }

    /** Reads the option {@code --dtype}. */
    public static final class Converter implements ITypeConverter<Precision> {
        @Override
        public Precision convert(String value) {
            try {
                return of(value);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}
