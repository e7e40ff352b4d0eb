package org.ipex4j.ir.op;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Scalar;

/**
 * An op's signature, in the schema language of PyTorch's {@code native_functions.yaml}: {@code
 * aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor}. Names print with dots:
 * {@code aten.add.Tensor}.
 */
public record Schema(String name, List<Param> params, int results) {

    /**
     * What a parameter can say of device, storage format and generator: nothing, where there is one
     * processor, strided storage and one generator. Such parameters are left out of the parsed
     * schema.
     */
    private static final Pattern DROPPED =
            Pattern.compile(
                    "(Layout|Device|Generator|MemoryFormat)\\?? \\w+.*|bool\\?? (pin_memory|non_blocking)\\b.*");

    /**
     * Parses one line of the schema language. Only what the catalogue uses is understood.
     * Parameters that choose layout, device, memory format or generator are dropped.
     */
    public static Schema parse(String line) {
        int open = line.indexOf('(');
        int arrow = line.lastIndexOf("->");
        int close = line.lastIndexOf(')', arrow);
        if (open < 0 || arrow < 0 || close < open) {
            throw new IllegalArgumentException("not a schema: " + line);
        }
        String name = line.substring(0, open).strip().replace("::", ".");
        List<Param> params = new ArrayList<>();
        for (String part : split(line.substring(open + 1, close))) {
            if (!part.equals("*") && !DROPPED.matcher(part).matches()) {
                params.add(parseParam(part, line));
            }
        }
        String returns = line.substring(arrow + 2).strip();
        int results =
                returns.equals("()")
                        ? 0
                        : returns.startsWith("(")
                                ? split(returns.substring(1, returns.length() - 1)).size()
                                : 1;
        boolean many = returns.startsWith("Tensor") && returns.endsWith("[]");
        return new Schema(name, List.copyOf(params), many ? -1 : results);
    }

    /** True for ops that return a tensor list, whose length the type rule decides. */
    public boolean returnsList() {
        return results < 0;
    }

    /** Position of the named parameter. */
    public int indexOf(String param) {
        for (int i = 0; i < params.size(); i++) {
            if (params.get(i).name().equals(param)) {
                return i;
            }
        }
        throw new IllegalArgumentException(name + " has no argument '" + param + "'");
    }

    public boolean has(String param) {
        return params.stream().anyMatch(p -> p.name().equals(param));
    }

    private static List<String> split(String list) {
        List<String> parts = new ArrayList<>();
        int depth = 0;
        int start = 0;
        for (int i = 0; i <= list.length(); i++) {
            char c = i == list.length() ? ',' : list.charAt(i);
            if (c == '(' || c == '[') {
                depth++;
            } else if (c == ')' || c == ']') {
                depth--;
            } else if (c == ',' && depth == 0) {
                String part = list.substring(start, i).strip();
                if (!part.isEmpty()) {
                    parts.add(part);
                }
                start = i + 1;
            }
        }
        return parts;
    }

    private static Param parseParam(String part, String line) {
        int eq = part.indexOf('=');
        String left = (eq < 0 ? part : part.substring(0, eq)).strip();
        int space = left.lastIndexOf(' ');
        String type = left.substring(0, space).strip();
        String name = left.substring(space + 1);
        boolean mutated = type.contains("!");
        type =
                type.replaceAll("\\(.*?\\)", "")
                        .replaceAll("\\[\\d+\\]", "[]")
                        .replace("SymInt", "int");
        boolean optional = type.endsWith("?");
        if (optional) {
            type = type.substring(0, type.length() - 1);
        }
        Param.Kind kind = null;
        for (Param.Kind k : Param.Kind.values()) {
            if (k.text().equals(type)) {
                kind = k;
            }
        }
        if (kind == null) {
            throw new IllegalArgumentException("unknown type '" + type + "' in schema " + line);
        }
        Optional<Arg<Object>> value =
                eq < 0
                        ? Optional.empty()
                        : Optional.of(parseDefault(part.substring(eq + 1).strip(), kind));
        return new Param(name, kind, optional, mutated, value);
    }

    private static Arg<Object> parseDefault(String text, Param.Kind kind) {
        if (text.equals("None")) {
            return new Arg.None<>();
        }
        return switch (kind) {
            case INT -> new Arg.Int<>(Long.parseLong(text));
            case INTS ->
                    new Arg.Ints<>(
                            text.startsWith("[") ? splitInts(text) : List.of(Long.parseLong(text)));
            case REAL -> new Arg.Real<>(Double.parseDouble(text));
            case BOOL -> new Arg.Bool<>(text.equals("True"));
            case NUMBER ->
                    new Arg.Number<>(
                            text.equals("True") || text.equals("False")
                                    ? Scalar.of(text.equals("True"))
                                    : text.contains(".") || text.contains("e")
                                            ? Scalar.of(Double.parseDouble(text))
                                            : Scalar.of(Long.parseLong(text)));
            case DTYPE -> new Arg.Type<>(text.equals("long") ? DType.INT64 : DType.parse(text));
            case TEXT -> new Arg.Text<>(text.replaceAll("[\"']", ""));
            default ->
                    throw new IllegalArgumentException(
                            "no default of type " + kind.text() + ": " + text);
        };
    }

    private static List<Long> splitInts(String text) {
        return split(text.substring(1, text.length() - 1)).stream().map(Long::parseLong).toList();
    }
}
