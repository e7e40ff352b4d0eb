package org.ipex4j.ir.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Scalar;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.Arg;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;
import org.ipex4j.ir.op.Param;

/**
 * Reads the text form that {@link GraphPrinter} writes:
 *
 * <pre>
 * graph   = "graph(" [input {"," input}] ")" "{" {node} "return" "(" [value {"," value}] ")" "}"
 * input   = ("input" | "param" | "const") value string ":" type
 * node    = [value {"," value}] "=" op "(" [arg {"," arg}] ")" ":" [type {"," type}] ["# (in " block ", " line ")"]
 * value   = "%" digits
 * type    = dtype "[" [size {"," size}] "]"                  f32[2, 3]
 * arg     = "None" | value | number | "true" | "false" | dtype | string | "[" [arg {"," arg}] "]"
 * number  = as Java prints a long or a double; NaN, Infinity, -Infinity
 * string  = in double quotes, with \" \\ \n \t \r and \\uXXXX
 * </pre>
 *
 * Arguments stand in the schema's order, all of them; the schema tells what each means. White space
 * is free, and a line's rest after {@code #} is a comment (after a node, its source). Types are
 * checked against what the ops infer.
 */
public final class GraphParser {
    private final String text;
    private final Map<Integer, Value> values = new HashMap<>();
    private int at;

    private GraphParser(String text) {
        this.text = text;
    }

    /**
     * The graph of a text.
     *
     * @throws IllegalArgumentException beginning with {@code line L, column C:} if it is no graph
     */
    public static Graph parse(String text) {
        return new GraphParser(text).graph();
    }

    private Graph graph() {
        expect("graph");
        expect("(");
        List<Input> inputs = list(")", this::input);
        expect("{");
        List<Node> nodes = new ArrayList<>();
        skip();
        while (!text.startsWith("return", at)) {
            nodes.add(node());
            skip();
        }
        expect("return");
        expect("(");
        List<Value> outputs = list(")", this::use);
        expect("}");
        skip();
        if (at < text.length()) {
            throw error(at, "expected the end of the text");
        }
        return new Graph(inputs, nodes, outputs);
    }

    private Input input() {
        skip();
        int start = at;
        String word = word();
        Input.Role role = null;
        for (Input.Role r : Input.Role.values()) {
            role = r.text().equals(word) ? r : role;
        }
        if (role == null) {
            throw error(start, "expected 'input', 'param' or 'const', found '" + word + "'");
        }
        skip();
        int idAt = at;
        int id = id();
        String name = string();
        expect(":");
        return new Input(define(id, type(), idAt), role, name);
    }

    private Node node() {
        List<Integer> ids = new ArrayList<>();
        List<Integer> idsAt = new ArrayList<>();
        skip();
        while (peek('%')) {
            idsAt.add(at);
            ids.add(id());
            if (!accept(",")) {
                break;
            }
            skip();
        }
        expect("=");
        skip();
        int opAt = at;
        String name = word();
        Op op = OpCatalog.find(name).orElseThrow(() -> error(opAt, "unknown op '" + name + "'"));
        Args<Value> args = args(op);
        expect(":");
        skip();
        int typesAt = at;
        List<TensorType> types = new ArrayList<>();
        for (int i = 0; i < ids.size(); i++) {
            if (i > 0) {
                expect(",");
            }
            types.add(type());
        }
        Source source = source();
        List<TensorType> inferred;
        try {
            inferred = op.infer(args.map(Value::type));
        } catch (IllegalArgumentException e) {
            throw error(opAt, e.getMessage());
        }
        if (!inferred.equals(types)) {
            throw error(typesAt, op + " gives " + inferred + ", not " + types);
        }
        List<Value> results = new ArrayList<>();
        for (int i = 0; i < ids.size(); i++) {
            results.add(define(ids.get(i), types.get(i), idsAt.get(i)));
        }
        return new Node(op, args, results, source);
    }

    private Args<Value> args(Op op) {
        List<Param> params = op.schema().params();
        List<Arg<Value>> out = new ArrayList<>();
        expect("(");
        for (int i = 0; i < params.size(); i++) {
            if (i > 0 && !accept(",")) {
                throw error(at, op + " takes " + params.size() + " arguments, found " + i);
            }
            out.add(arg(op, params.get(i)));
        }
        skip();
        if (!peek(')')) {
            throw error(at, "expected ')' after the " + params.size() + " arguments of " + op);
        }
        at++;
        return new Args<>(op.schema(), out);
    }

    private Arg<Value> arg(Op op, Param param) {
        skip();
        int start = at;
        if (text.startsWith("None", at)) {
            if (!param.optional()) {
                throw error(start, op + ": argument '" + param.name() + "' must not be None");
            }
            at += 4;
            return new Arg.None<>();
        }
        return switch (param.kind()) {
            case TENSOR -> new Arg.Tensor<>(use());
            case TENSORS -> new Arg.Tensors<>(bracketed(this::use));
            case OPTIONAL_TENSORS ->
                    new Arg.Tensors<>(bracketed(() -> accept("None") ? null : use()));
            case INT -> new Arg.Int<>(integer());
            case INTS -> new Arg.Ints<>(bracketed(this::integer));
            case REAL -> new Arg.Real<>(real());
            case REALS -> new Arg.Reals<>(bracketed(this::real));
            case BOOL -> new Arg.Bool<>(bool());
            case BOOLS -> new Arg.Bools<>(bracketed(this::bool));
            case NUMBER -> new Arg.Number<>(scalar());
            case DTYPE -> new Arg.Type<>(dtype());
            case TEXT -> new Arg.Text<>(string());
        };
    }

    private TensorType type() {
        DType dtype = dtype();
        skip();
        int start = at;
        List<Long> sizes = bracketed(this::integer);
        try {
            return new TensorType(
                    dtype, Sizes.of(sizes.stream().mapToLong(Long::longValue).toArray()));
        } catch (IllegalArgumentException e) {
            throw error(start, e.getMessage());
        }
    }

    private DType dtype() {
        skip();
        int start = at;
        try {
            return DType.parse(word());
        } catch (IllegalArgumentException e) {
            throw error(start, e.getMessage());
        }
    }

    /** The source comment that may follow a node on its line. */
    private Source source() {
        int end = text.indexOf('\n', at);
        String rest = (end < 0 ? text.substring(at) : text.substring(at, end)).strip();
        if (!rest.startsWith("# (in ") || !rest.endsWith(")")) {
            return Source.UNKNOWN;
        }
        at += text.substring(at).indexOf(rest) + rest.length();
        String inner = rest.substring("# (in ".length(), rest.length() - 1);
        int comma = inner.lastIndexOf(", ");
        if (comma >= 0) {
            return new Source(inner.substring(0, comma), inner.substring(comma + 2));
        }
        return inner.matches(".*\\.\\w+:\\d+") ? new Source("", inner) : new Source(inner, "");
    }

    private Value define(int id, TensorType type, int where) {
        Value value = new Value(id, type);
        if (values.putIfAbsent(id, value) != null) {
            throw error(where, value + " is defined twice");
        }
        return value;
    }

    private Value use() {
        skip();
        int start = at;
        Value value = values.get(id());
        if (value == null) {
            throw error(start, text.substring(start, at) + " is used before it is defined");
        }
        return value;
    }

    private int id() {
        skip();
        int start = at;
        if (!peek('%')) {
            throw error(start, "expected a value such as %0, found " + found());
        }
        at++;
        int digits = at;
        while (at < text.length() && Character.isDigit(text.charAt(at))) {
            at++;
        }
        try {
            return Integer.parseInt(text.substring(digits, at));
        } catch (NumberFormatException e) {
            throw error(
                    start,
                    "expected a value such as %0, found '" + text.substring(start, at) + "'");
        }
    }

    private long integer() {
        skip();
        int start = at;
        String word = word();
        try {
            return Long.parseLong(word);
        } catch (NumberFormatException e) {
            throw error(start, "expected an integer, found '" + word + "'");
        }
    }

    private double real() {
        skip();
        int start = at;
        String word = word();
        try {
            return Double.parseDouble(word);
        } catch (NumberFormatException e) {
            throw error(start, "expected a number, found '" + word + "'");
        }
    }

    private boolean bool() {
        skip();
        int start = at;
        String word = word();
        if (!word.equals("true") && !word.equals("false")) {
            throw error(start, "expected true or false, found '" + word + "'");
        }
        return word.equals("true");
    }

    private Scalar scalar() {
        skip();
        int start = at;
        String word = word();
        if (word.equals("true") || word.equals("false")) {
            return Scalar.of(word.equals("true"));
        }
        at = start;
        return word.matches("-?\\d+") ? Scalar.of(integer()) : Scalar.of(real());
    }

    private String string() {
        expect("\"");
        int start = at - 1;
        StringBuilder out = new StringBuilder();
        while (at < text.length() && text.charAt(at) != '"') {
            char c = text.charAt(at++);
            out.append(c == '\\' ? escaped() : c);
        }
        if (at >= text.length()) {
            throw error(start, "the string does not end");
        }
        at++;
        return out.toString();
    }

    private char escaped() {
        if (at >= text.length()) {
            throw error(at, "the string does not end");
        }
        char c = text.charAt(at++);
        return switch (c) {
            case 'n' -> '\n';
            case 't' -> '\t';
            case 'r' -> '\r';
            case '"', '\\' -> c;
            case 'u' -> {
                try {
                    char code = (char) Integer.parseInt(text, at, at + 4, 16);
                    at += 4;
                    yield code;
                } catch (NumberFormatException | IndexOutOfBoundsException e) {
                    throw error(at - 2, "expected four hexadecimal digits after \\u");
                }
            }
            default -> throw error(at - 2, "unknown escape \\" + c);
        };
    }

    private <T> List<T> bracketed(Supplier<T> element) {
        expect("[");
        return list("]", element);
    }

    /** Elements up to the closing token; the opening one is read already. */
    private <T> List<T> list(String close, Supplier<T> element) {
        List<T> out = new ArrayList<>();
        if (accept(close)) {
            return out;
        }
        do {
            out.add(element.get());
        } while (accept(","));
        expect(close);
        return out;
    }

    /** Letters, digits and what names and numbers contain. */
    private String word() {
        skip();
        int start = at;
        while (at < text.length()
                && (Character.isLetterOrDigit(text.charAt(at))
                        || "._-+".indexOf(text.charAt(at)) >= 0)) {
            at++;
        }
        if (at == start) {
            throw error(start, "expected a word or a number, found " + found());
        }
        return text.substring(start, at);
    }

    private boolean peek(char c) {
        return at < text.length() && text.charAt(at) == c;
    }

    private boolean accept(String token) {
        skip();
        if (!text.startsWith(token, at)) {
            return false;
        }
        at += token.length();
        return true;
    }

    private void expect(String token) {
        if (!accept(token)) {
            throw error(at, "expected '" + token + "', found " + found());
        }
    }

    private String found() {
        return at < text.length() ? "'" + text.charAt(at) + "'" : "the end of the text";
    }

    /** Moves past white space and comments. */
    private void skip() {
        while (at < text.length()) {
            if (text.charAt(at) == '#') {
                int end = text.indexOf('\n', at);
                at = end < 0 ? text.length() : end;
            } else if (Character.isWhitespace(text.charAt(at))) {
                at++;
            } else {
                return;
            }
        }
    }

    private IllegalArgumentException error(int where, String message) {
        int line = 1;
        int column = 1;
        for (int i = 0; i < where && i < text.length(); i++) {
            boolean newline = text.charAt(i) == '\n';
            line = newline ? line + 1 : line;
            column = newline ? 1 : column + 1;
        }
        return new IllegalArgumentException("line " + line + ", column " + column + ": " + message);
    }
}
