package org.ipex4j.app.train;

import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;
import org.ipex4j.app.Precision;

/** A checkpoint's notes, read as values. */
record Notes(Path file, Map<String, String> values) {
    String text(String key) {
        return read(key, Function.identity());
    }

    int integer(String key) {
        return read(key, Integer::valueOf);
    }

    long number(String key) {
        return read(key, Long::valueOf);
    }

    float real(String key) {
        return read(key, Float::valueOf);
    }

    /** FP32 where the note is missing: there was nothing else when it was not written yet. */
    Precision precision(String key) {
        return values.containsKey(key) ? read(key, Precision::of) : Precision.F32;
    }

    private <T> T read(String key, Function<String, T> parse) {
        String value = values.get(key);
        if (value == null) {
            throw new IllegalArgumentException(
                    file + ": lacks the note '" + key + "': was it written by ipex train?");
        }
        try {
            return parse.apply(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    file + ": the note '" + key + "' is '" + value + "', expected a number", e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    file + ": the note '" + key + "' is " + e.getMessage(), e);
        }
    }
}
