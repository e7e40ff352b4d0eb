package org.ipex4j.compiler;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.ipex4j.compiler.CompileOptions.FloatMode;
import org.ipex4j.compiler.loop.LoopGroup;
import org.ipex4j.compiler.loop.LoopKernel;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Arg;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.plan.BufferType;

/**
 * Kernels by what they compute: the layers of a network repeat, and another batch size repeats all
 * work on parameters. Bounded; the kernel unused for longest goes first.
 */
final class KernelCache {
    private static final int CAPACITY = 512;

    /** A group with its values numbered in order of appearance. */
    private record Key(
            List<Call> calls, List<Integer> buffers, List<BufferType> types, FloatMode mode) {}

    private record Call(Op op, List<Arg<Integer>> args, List<Integer> results) {}

    /** A kernel whose buffers are given by those numbers. */
    private record Known(LoopKernel kernel, List<Integer> buffers) {}

    private final Map<Key, Known> entries =
            new LinkedHashMap<>(64, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<Key, Known> eldest) {
                    return size() > CAPACITY;
                }
            };

    LoopKernel get(
            LoopGroup group,
            Map<Value, BufferType> types,
            FloatMode mode,
            Supplier<LoopKernel> compile) {
        Map<Value, Integer> numbers = new HashMap<>();
        List<Value> values = new ArrayList<>();
        group.inputs().forEach(v -> number(v, numbers, values));
        List<Call> calls = new ArrayList<>();
        for (Node n : group.nodes()) {
            List<Arg<Integer>> args = n.args().map(v -> number(v, numbers, values)).values();
            calls.add(
                    new Call(
                            n.op(),
                            args,
                            n.results().stream().map(v -> number(v, numbers, values)).toList()));
        }
        List<Value> buffers = new ArrayList<>(group.inputs());
        buffers.addAll(group.outputs());
        Key key =
                new Key(
                        calls,
                        buffers.stream().map(numbers::get).toList(),
                        buffers.stream().map(types::get).toList(),
                        mode);
        Known known;
        synchronized (entries) {
            known = entries.get(key);
        }
        if (known != null) {
            LoopKernel k = known.kernel;
            return new LoopKernel(
                    k.unit(),
                    known.buffers.stream().map(values::get).toList(),
                    k.params(),
                    k.maxThreads(),
                    k.scratchBytes());
        }
        LoopKernel made = compile.get();
        synchronized (entries) {
            entries.put(key, new Known(made, made.buffers().stream().map(numbers::get).toList()));
        }
        return made;
    }

    private static int number(Value v, Map<Value, Integer> numbers, List<Value> values) {
        Integer known = numbers.get(v);
        if (known != null) {
            return known;
        }
        numbers.put(v, values.size());
        values.add(v);
        return values.size() - 1;
    }
}
