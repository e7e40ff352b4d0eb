package org.ipex4j.compiler.decompose;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Scalar;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Arg;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;

/** Appends calls to a graph under construction; composite ops among them are decomposed in turn. */
public final class Emitter {
    private final GraphBuilder out;
    private final Map<String, Decomposition> table;
    private final Predicate<DType> library;
    private final Map<Value, Node> producers = new HashMap<>();

    Emitter(GraphBuilder out, Map<String, Decomposition> table, Predicate<DType> library) {
        this.out = out;
        this.table = table;
        this.library = library;
    }

    /** An emitter that leaves every call whole. */
    public static Emitter plain(GraphBuilder out) {
        return new Emitter(out, Map.of(), t -> t == DType.FLOAT32);
    }

    /** Appends a call, decomposed as far as the table goes. */
    public List<Value> emit(Op op, Args<Value> args) {
        Decomposition rule = table.get(op.name());
        if (rule != null) {
            List<Value> replaced = rule.apply(args, this);
            if (replaced != null) {
                return replaced;
            }
        }
        List<Value> results = out.call(op, args);
        Node node = new Node(op, args, results, org.ipex4j.ir.graph.Source.UNKNOWN);
        results.forEach(r -> producers.put(r, node));
        return results;
    }

    /** True if the library convolves, multiplies and pools this type. */
    boolean libraryHas(DType type) {
        return library.test(type);
    }

    /** The call that made a value, as far as this emitter made it; null for graph inputs. */
    public Node producer(Value v) {
        return producers.get(v);
    }

    /** Calls an op with arguments as {@link Args#of} takes them. */
    public List<Value> callAll(String name, Object... args) {
        Op op = OpCatalog.get(name);
        return emit(op, Args.of(op.schema(), args));
    }

    /** Like {@link #callAll} for an op with one result. */
    public Value call(String name, Object... args) {
        List<Value> results = callAll(name, args);
        if (results.size() != 1) {
            throw new IllegalArgumentException(name + " has " + results.size() + " results");
        }
        return results.getFirst();
    }

    public Value cast(Value x, DType dtype) {
        if (x.type().dtype() == dtype) {
            return x;
        }
        Op op = OpCatalog.get("aten._to_copy");
        Args<Value> args = Args.of(op.schema(), x);
        return emit(op, args.with("dtype", new Arg.Type<>(dtype))).getFirst();
    }

    public Value add(Value a, Value b) {
        return call("aten.add.Tensor", a, b);
    }

    public Value sub(Value a, Value b) {
        return call("aten.sub.Tensor", a, b);
    }

    public Value mul(Value a, Value b) {
        return call("aten.mul.Tensor", a, b);
    }

    public Value div(Value a, Value b) {
        return call("aten.div.Tensor", a, b);
    }

    public Value add(Value a, double b) {
        return b == 0 ? a : call("aten.add.Scalar", a, b);
    }

    public Value mul(Value a, double b) {
        return b == 1 ? a : call("aten.mul.Scalar", a, b);
    }

    public Value div(Value a, double b) {
        return b == 1 ? a : call("aten.div.Scalar", a, b);
    }

    public Value exp(Value a) {
        return call("aten.exp", a);
    }

    public Value view(Value a, long... sizes) {
        return java.util.Arrays.equals(a.type().sizes().toArray(), sizes)
                ? a
                : call("aten.view", a, sizes);
    }

    public Value unsqueeze(Value a, int dim) {
        int at = dim < 0 ? dim + a.type().rank() + 1 : dim;
        List<Long> sizes = new ArrayList<>(a.type().sizes().stream().boxed().toList());
        sizes.add(at, 1L);
        return view(a, sizes.stream().mapToLong(Long::longValue).toArray());
    }

    /** Removes a dimension of size 1. */
    public Value squeeze(Value a, int dim) {
        int at = a.type().sizes().wrap(dim);
        List<Long> sizes = new ArrayList<>(a.type().sizes().stream().boxed().toList());
        sizes.remove(at);
        return view(a, sizes.stream().mapToLong(Long::longValue).toArray());
    }

    public Value transpose(Value a, int d0, int d1) {
        int rank = a.type().rank();
        long[] order = new long[rank];
        for (int i = 0; i < rank; i++) {
            order[i] = i;
        }
        int x = a.type().sizes().wrap(d0);
        int y = a.type().sizes().wrap(d1);
        order[x] = y;
        order[y] = x;
        return call("aten.permute", a, order);
    }

    /** A tensor of one repeated number. */
    public Value full(TensorType type, Scalar value) {
        return call("aten.full", type.sizes().toArray(), value, type.dtype());
    }

    /** An integer scalar, to multiply integer tensors by. */
    public Scalar integer(long v) {
        return Scalar.of(v);
    }

    public Value mul(Value a, Scalar b) {
        return call("aten.mul.Scalar", a, b);
    }

    public Value sum(Value a, long[] dims, boolean keepdim) {
        return dims.length == 0 ? a : call("aten.sum.dim_IntList", a, dims, keepdim, null);
    }

    public Value amax(Value a, long[] dims) {
        return call("aten.amax", a, dims, true);
    }

    /** The mean over dims, which are kept with size 1. */
    public Value mean(Value a, long[] dims) {
        return div(sum(a, dims, true), (double) count(a, dims));
    }

    static long count(Value a, long[] dims) {
        long n = 1;
        for (long d : dims) {
            n *= a.type().sizes().get(a.type().sizes().wrap(d));
        }
        return n;
    }
}
