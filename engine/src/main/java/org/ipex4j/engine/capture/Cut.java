package org.ipex4j.engine.capture;

import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Arg;
import org.ipex4j.ir.op.Op;

/**
 * A range of a recording's nodes as a computation of its own.
 *
 * @param key equal for equal computations of different forwards
 * @param nodes the nodes of the range
 * @param feeds values it reads that it does not compute, in order
 * @param results values it computes, in order
 */
record Cut(Key key, List<Node> nodes, List<Value> feeds, List<Value> results) {
    /** What a computation is, whatever its values are numbered. */
    record Key(List<Feed> feeds, List<Call> calls) {}

    /** One input: two inputs that are the same parameter are the same. */
    record Feed(TensorType type, Parameter parameter) {}

    /** One call; results of earlier calls are numbered from 0, feeds from -1 downwards. */
    record Call(Op op, List<Arg<Integer>> args) {}

    /**
     * Cuts out the nodes [from, to).
     *
     * @param first values that come first among the feeds, read or not
     */
    static Cut of(Recording recording, int from, int to, List<Value> first) {
        Map<Integer, Integer> numbers = new HashMap<>();
        List<Value> feeds = new ArrayList<>();
        List<Value> results = new ArrayList<>();
        List<Call> calls = new ArrayList<>(to - from);
        for (Value v : first) {
            feed(v, feeds, numbers);
        }
        List<Node> nodes = List.copyOf(recording.nodes(from, to));
        for (Node n : nodes) {
            List<Arg<Integer>> args =
                    n.args()
                            .map(
                                    v -> {
                                        Integer known = numbers.get(v.id());
                                        return known == null ? feed(v, feeds, numbers) : known;
                                    })
                            .values();
            calls.add(new Call(n.op(), args));
            for (Value r : n.results()) {
                numbers.put(r.id(), results.size());
                results.add(r);
            }
        }
        List<Feed> feedKeys = new ArrayList<>(feeds.size());
        for (Value f : feeds) {
            Parameter p =
                    recording.origin(f) instanceof Recording.Origin.OfParameter o
                            ? o.parameter()
                            : null;
            feedKeys.add(new Feed(f.type(), p));
        }
        return new Cut(new Key(feedKeys, calls), nodes, feeds, results);
    }

    private static int feed(Value v, List<Value> feeds, Map<Integer, Integer> numbers) {
        feeds.add(v);
        numbers.put(v.id(), -feeds.size());
        return -feeds.size();
    }

    /**
     * The graph, its inputs the feeds.
     *
     * @param outputs feeds or results
     * @param whole the graph stands for the whole forward, so that constants are the same at each
     *     call; otherwise they are made anew at each call and are ordinary inputs
     */
    Graph graph(Recording recording, List<Value> outputs, boolean whole) {
        Map<Integer, Value> map = new HashMap<>();
        List<Input> inputs = new ArrayList<>(feeds.size());
        for (Value f : feeds) {
            Value v = new Value(map.size(), f.type());
            map.put(f.id(), v);
            inputs.add(
                    switch (recording.origin(f)) {
                        case Recording.Origin.Argument(int i, String name) ->
                                new Input(v, Input.Role.ARGUMENT, name);
                        case Recording.Origin.OfParameter(Parameter p, String name) ->
                                new Input(v, Input.Role.PARAMETER, name);
                        case Recording.Origin.Constant(String name) ->
                                new Input(
                                        v, whole ? Input.Role.CONSTANT : Input.Role.ARGUMENT, name);
                        case Recording.Origin.Outside(String name, long version) ->
                                new Input(v, Input.Role.ARGUMENT, name);
                        case Recording.Origin.Result r ->
                                new Input(v, Input.Role.ARGUMENT, "carried" + inputs.size());
                    });
        }
        List<Node> renumbered = new ArrayList<>(nodes.size());
        for (Node n : nodes) {
            List<Value> out = new ArrayList<>(n.results().size());
            var args = n.args().map(v -> map.get(v.id()));
            for (Value r : n.results()) {
                Value v = new Value(map.size(), r.type());
                map.put(r.id(), v);
                out.add(v);
            }
            renumbered.add(new Node(n.op(), args, out, n.source()));
        }
        return new Graph(inputs, renumbered, outputs.stream().map(v -> map.get(v.id())).toList());
    }
}
