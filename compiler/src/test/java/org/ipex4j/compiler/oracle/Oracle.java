package org.ipex4j.compiler.oracle;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Argument;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.BooleanList;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.DoubleList;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.LongList;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorList;
import org.bytedeco.pytorch.TensorOptionalList;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.Type;
import org.bytedeco.pytorch.global.torch;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Scalar;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Arg;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Param;
import org.ipex4j.ir.op.Schema;
import org.ipex4j.ir.op.Strided;

/**
 * Real libtorch, in-process: calls any ATen op by name. Arguments that libtorch's schema has and
 * the IR's has not (memory format, device, generator, …) take libtorch's defaults. One thread.
 */
public final class Oracle {
    static {
        Loader.load(torch.class);
        torch.set_num_threads(1);
    }

    private Oracle() {}

    /** libtorch's refusal of a call; the message is its first line. */
    public static final class Refused extends RuntimeException {
        private Refused(String op, RuntimeException cause) {
            super(op + ": " + cause.getMessage().lines().findFirst().orElse(""), cause);
        }
    }

    /**
     * The results of an op.
     *
     * @param opName as in the catalogue, {@code aten.add.Tensor}
     * @throws Refused if libtorch throws
     */
    public static List<RefTensor> call(String opName, Args<RefTensor> args) {
        return invoke(opName, args, TorchTensors::toTorch, TorchTensors::fromTorch);
    }

    /**
     * Where the results of a view op lie, its input lying as given in a storage of float32. A
     * result that libtorch had to copy is not told from a view.
     *
     * @throws Refused if libtorch throws
     */
    public static List<Strided> views(String opName, Args<Strided> args) {
        return invoke(opName, args, TorchTensors::strided, TorchTensors::strided);
    }

    /** The outputs of a graph, run op by op. */
    public static List<RefTensor> run(Graph graph, List<RefTensor> inputs) {
        Map<Value, RefTensor> values = new HashMap<>();
        for (int i = 0; i < inputs.size(); i++) {
            values.put(graph.inputs().get(i).value(), inputs.get(i));
        }
        for (Node node : graph.nodes()) {
            List<RefTensor> results = call(node.op().name(), node.args().map(values::get));
            for (int i = 0; i < node.results().size(); i++) {
                values.put(node.results().get(i), results.get(i));
            }
        }
        return graph.outputs().stream().map(values::get).toList();
    }

    /** Starts libtorch's random numbers over. */
    public static void seed(long seed) {
        torch.manual_seed(seed);
    }

    /** What an action gives while libtorch's own autocast lowers operands to this type. */
    public static <T> T autocast(DType dtype, Supplier<T> action) {
        torch.set_autocast_cache_enabled(false);
        torch.set_autocast_dtype(torch.DeviceType.CPU, TorchTensors.scalarType(dtype));
        torch.set_autocast_enabled(torch.DeviceType.CPU, true);
        try {
            return action.get();
        } finally {
            torch.set_autocast_enabled(torch.DeviceType.CPU, false);
        }
    }

    private static <T, R> List<R> invoke(
            String opName,
            Args<T> args,
            Function<T, Tensor> toTorch,
            Function<Tensor, R> fromTorch) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            return results(called(opName, args, toTorch), fromTorch);
        }
    }

    /** Calls an op under the caller's pointer scope and grad mode. */
    static List<Tensor> live(String opName, Args<Tensor> args) {
        return results(called(opName, args, x -> x), x -> x);
    }

    private static <T> IValueVector called(
            String opName, Args<T> args, Function<T, Tensor> toTorch) {
        String[] parts = opName.split("\\.", 3);
        OperatorHandle op =
                Dispatcher.singleton()
                        .findSchemaOrThrow(
                                parts[0] + "::" + parts[1], parts.length > 2 ? parts[2] : "");
        IValueVector stack = new IValueVector();
        push(op, args, stack, toTorch);
        try {
            op.callBoxed(stack);
        } catch (RuntimeException e) {
            throw new Refused(opName, e);
        }
        return stack;
    }

    /**
     * What libtorch's autograd says of a call.
     *
     * @param differentiable for each result, whether libtorch gives it a gradient function
     * @param gradients for each tensor operand; empty where none flows
     */
    public record Gradients(List<Boolean> differentiable, List<Optional<RefTensor>> gradients) {}

    /**
     * Calls an op with gradients for all floating operands but running statistics and the weights
     * of a loss, for which libtorch refuses them, and goes back once.
     *
     * @param tangents the gradients of the results; those of results without one are not used
     * @throws Refused if libtorch cannot go back
     */
    public static Gradients gradients(
            String opName, Args<RefTensor> args, List<RefTensor> tangents) {
        try (PointerScope scope = new PointerScope()) {
            List<Tensor> operands = new ArrayList<>();
            Set<RefTensor> fixed = Collections.newSetFromMap(new IdentityHashMap<>());
            List<String> names =
                    opName.startsWith("aten.nll_loss")
                            ? List.of("weight")
                            : List.of("running_mean", "running_var");
            for (String name : names) {
                if (args.schema().has(name)) {
                    args.optionalTensor(name).ifPresent(fixed::add);
                }
            }
            Args<Tensor> tensors =
                    args.map(
                            x -> {
                                Tensor t = TorchTensors.toTorch(x);
                                t.requires_grad_(x.dtype().isFloating() && !fixed.contains(x));
                                operands.add(t);
                                return t;
                            });
            IValueVector stack = called(opName, tensors, t -> t);
            List<Tensor> outputs = results(stack, t -> t);
            List<Boolean> differentiable = outputs.stream().map(Tensor::requires_grad).toList();
            TensorVector from = new TensorVector();
            TensorVector to = new TensorVector();
            TensorVector given = new TensorVector();
            for (int i = 0; i < outputs.size(); i++) {
                if (differentiable.get(i)) {
                    from.push_back(outputs.get(i));
                    given.push_back(TorchTensors.toTorch(tangents.get(i)));
                }
            }
            operands.stream().filter(Tensor::requires_grad).forEach(to::push_back);
            TensorVector found = from.empty() || to.empty() ? null : back(opName, from, to, given);
            List<Optional<RefTensor>> gradients = new ArrayList<>();
            long next = 0;
            for (Tensor t : operands) {
                Tensor g = t.requires_grad() && found != null ? found.get(next++) : null;
                gradients.add(
                        g == null || !g.defined() || g._is_zerotensor()
                                ? Optional.empty()
                                : Optional.of(TorchTensors.fromTorch(g.detach())));
            }
            return new Gradients(differentiable, gradients);
        }
    }

    private static TensorVector back(
            String opName, TensorVector from, TensorVector to, TensorVector given) {
        try {
            return torch.grad(from, to, given, new BoolOptional(), false, true);
        } catch (RuntimeException e) {
            throw new Refused(opName, e);
        }
    }

    private static <T> void push(
            OperatorHandle op, Args<T> args, IValueVector stack, Function<T, Tensor> toTorch) {
        Schema schema = args.schema();
        Argument parameters = op.schema().arguments();
        long count = parameters.limit();
        int used = 0;
        for (long i = 0; i < count; i++) {
            Argument parameter = new Argument(parameters.position(i));
            String name = parameter.name().getString();
            if (schema.has(name)) {
                used++;
                Param.Kind kind = schema.params().get(schema.indexOf(name)).kind();
                stack.push_back(value(args.get(name).map(toTorch), kind));
            } else if (parameter.default_value().has_value()) {
                stack.push_back(parameter.default_value().get());
            } else {
                throw new IllegalStateException(
                        schema.name() + " lacks libtorch's argument '" + name + "'");
            }
        }
        if (used != schema.params().size()) {
            throw new IllegalStateException(
                    schema.name() + " has an argument that libtorch's schema has not");
        }
    }

    private static IValue value(Arg<Tensor> arg, Param.Kind kind) {
        return switch (arg) {
            case Arg.None<Tensor>() -> new IValue();
            case Arg.Tensor<Tensor>(Tensor x) -> new IValue(x);
            case Arg.Tensors<Tensor>(List<Tensor> xs) ->
                    list(
                            kind == Param.Kind.OPTIONAL_TENSORS
                                    ? new TensorOptionalList(1).elementType()
                                    : new TensorList(1).elementType(),
                            xs.stream()
                                    .map(x -> x == null ? new IValue() : new IValue(x))
                                    .toList());
            case Arg.Int<Tensor>(long v) -> new IValue(v);
            case Arg.Ints<Tensor>(List<Long> vs) ->
                    list(
                            new LongList(1).elementType(),
                            vs.stream().map(v -> new IValue((long) v)).toList());
            case Arg.Real<Tensor>(double v) -> new IValue(v);
            case Arg.Reals<Tensor>(List<Double> vs) ->
                    list(
                            new DoubleList(1).elementType(),
                            vs.stream().map(v -> new IValue((double) v)).toList());
            case Arg.Bool<Tensor>(boolean v) -> new IValue(v);
            case Arg.Bools<Tensor>(List<Boolean> vs) ->
                    list(
                            new BooleanList(1).elementType(),
                            vs.stream().map(v -> new IValue((boolean) v)).toList());
            case Arg.Number<Tensor>(Scalar s) ->
                    switch (s) {
                        case Scalar.Bool b -> new IValue(b.value());
                        case Scalar.Int n -> new IValue(n.value());
                        case Scalar.Real r -> new IValue(r.value());
                    };
            case Arg.Type<Tensor>(var t) -> new IValue(TorchTensors.scalarType(t));
            case Arg.Text<Tensor>(String s) -> new IValue(s);
        };
    }

    private static IValue list(Type.TypePtr element, List<IValue> values) {
        GenericList out = new GenericList(element);
        values.forEach(out::push_back);
        return new IValue(out);
    }

    private static <R> List<R> results(IValueVector stack, Function<Tensor, R> fromTorch) {
        List<R> out = new ArrayList<>();
        for (long i = 0; i < stack.size(); i++) {
            IValue value = stack.get(i);
            if (value.isTensorList()) {
                TensorVector tensors = value.toTensorVector();
                for (long j = 0; j < tensors.size(); j++) {
                    out.add(fromTorch.apply(tensors.get(j)));
                }
            } else {
                out.add(fromTorch.apply(value.toTensor()));
            }
        }
        return out;
    }
}
