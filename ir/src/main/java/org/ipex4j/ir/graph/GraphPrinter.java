package org.ipex4j.ir.graph;

import java.util.List;
import java.util.stream.Collectors;
import org.ipex4j.ir.Scalar;
import org.ipex4j.ir.op.Arg;

/** The text form of graphs; see {@link GraphParser} for its grammar. */
public final class GraphPrinter {
    private GraphPrinter() {}

    public static String print(Graph graph) {
        StringBuilder out = new StringBuilder("graph(");
        String separator = "";
        for (Input in : graph.inputs()) {
            out.append(separator)
                    .append("\n  ")
                    .append(in.role().text())
                    .append(' ')
                    .append(in.value())
                    .append(' ')
                    .append(quote(in.name()))
                    .append(": ")
                    .append(in.value().type());
            separator = ",";
        }
        out.append(") {\n");
        for (Node n : graph.nodes()) {
            out.append("  ").append(print(n)).append('\n');
        }
        return out.append("  return (").append(join(graph.outputs())).append(")\n}\n").toString();
    }

    /** One line: results, op, arguments, result types, source as a comment. */
    public static String print(Node n) {
        String args =
                n.args().values().stream()
                        .map(GraphPrinter::print)
                        .collect(Collectors.joining(", "));
        String types =
                n.results().stream()
                        .map(v -> v.type().toString())
                        .collect(Collectors.joining(", "));
        String at = n.source().suffix().isEmpty() ? "" : "  #" + n.source().suffix();
        return join(n.results()) + " = " + n.op() + "(" + args + ") : " + types + at;
    }

    private static String join(List<Value> values) {
        return values.stream().map(Value::toString).collect(Collectors.joining(", "));
    }

    private static String print(Arg<Value> arg) {
        return switch (arg) {
            case Arg.Tensor<Value>(Value v) -> v.toString();
            case Arg.Tensors<Value>(List<Value> vs) ->
                    vs.stream()
                            .map(v -> v == null ? "None" : v.toString())
                            .collect(Collectors.joining(", ", "[", "]"));
            case Arg.Int<Value>(long v) -> Long.toString(v);
            case Arg.Ints<Value>(List<Long> vs) -> vs.toString();
            case Arg.Real<Value>(double v) -> Double.toString(v);
            case Arg.Reals<Value>(List<Double> vs) -> vs.toString();
            case Arg.Bool<Value>(boolean v) -> Boolean.toString(v);
            case Arg.Bools<Value>(List<Boolean> vs) -> vs.toString();
            case Arg.Number<Value>(Scalar s) ->
                    switch (s) {
                        case Scalar.Bool b -> Boolean.toString(b.value());
                        case Scalar.Int i -> Long.toString(i.value());
                        case Scalar.Real r -> Double.toString(r.value());
                    };
            case Arg.Type<Value>(var t) -> t.text();
            case Arg.Text<Value>(String s) -> quote(s);
            case Arg.None<Value>() -> "None";
        };
    }

    private static String quote(String s) {
        StringBuilder out = new StringBuilder("\"");
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            switch (c) {
                case '"', '\\' -> out.append('\\').append(c);
                case '\n' -> out.append("\\n");
                case '\t' -> out.append("\\t");
                case '\r' -> out.append("\\r");
                default -> {
                    if (Character.isISOControl(c)) {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        return out.append('"').toString();
    }
}
