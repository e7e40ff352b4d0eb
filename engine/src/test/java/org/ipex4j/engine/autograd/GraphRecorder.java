package org.ipex4j.engine.autograd;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.engine.dispatch.Tracer;
import org.ipex4j.engine.ndarray.HostCopy;
import org.ipex4j.engine.ndarray.IpexNDArray;
import org.ipex4j.engine.ndarray.IpexNDManager;
import org.ipex4j.engine.ndarray.Payload;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.runtime.Tensor;

/**
 * Writes down which ops a program calls on arrays, training included, so that libtorch can run the
 * same program. Every concrete array that the program reads becomes an input. Writes to concrete
 * arrays (running statistics) are left out.
 */
final class GraphRecorder implements Tracer {
    private final GraphBuilder builder = new GraphBuilder();
    private final Map<IpexNDArray, Value> known = new IdentityHashMap<>();
    private final List<IpexNDArray> inputs = new ArrayList<>();
    private final List<RefTensor> numbers = new ArrayList<>();

    private Value value(IpexNDArray array) {
        if (array.payload() instanceof Payload.Traced(Tracer t, Value v)) {
            return v;
        }
        return known.computeIfAbsent(
                array,
                a -> {
                    inputs.add(a);
                    numbers.add(read(a.tensor()));
                    return builder.input(Input.Role.ARGUMENT, "in" + inputs.size(), a.type());
                });
    }

    /** A traced array for a concrete one. */
    IpexNDArray lift(IpexNDArray array, IpexNDManager target) {
        return IpexNDArray.traced(target, this, value(array));
    }

    /** What the arrays that the program read held then, in the order of the graph's inputs. */
    List<RefTensor> numbers() {
        return numbers;
    }

    /** Which input of the graph an array is. */
    int position(IpexNDArray array) {
        for (int i = 0; i < inputs.size(); i++) {
            if (inputs.get(i) == array) {
                return i;
            }
        }
        throw new IllegalArgumentException("not read by the program: " + array.getName());
    }

    Graph graph(IpexNDArray... outputs) {
        return builder.build(java.util.Arrays.stream(outputs).map(this::value).toList());
    }

    static RefTensor read(Tensor t) {
        return t.dtype().isFloating()
                ? RefTensor.of(t.type(), HostCopy.toDoubles(t))
                : RefTensor.of(t.type(), HostCopy.toLongs(t));
    }

    @Override
    public IpexNDArray[] record(Op op, Args<IpexNDArray> args, IpexNDManager target) {
        return builder.call(op, args.map(this::value)).stream()
                .map(v -> IpexNDArray.traced(target, this, v))
                .toArray(IpexNDArray[]::new);
    }

    @Override
    public void write(IpexNDArray array, IpexNDArray value) {
        if (array.isTraced()) {
            array.rebind(new Payload.Traced(this, value(value)));
        }
    }

    @Override
    public IpexNDArray constant(Tensor tensor, IpexNDManager target) {
        IpexNDArray held = IpexNDArray.of(IpexNDManager.system(), tensor);
        return IpexNDArray.traced(target, this, value(held));
    }

    @Override
    public Tensor materialize(String method, IpexNDArray array) {
        throw new UnsupportedOperationException(method + " while recording");
    }

    @Override
    public void impure(String method) {
        throw new UnsupportedOperationException(method + " while recording");
    }
}
