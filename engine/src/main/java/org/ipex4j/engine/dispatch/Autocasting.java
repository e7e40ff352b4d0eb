package org.ipex4j.engine.dispatch;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.ipex4j.engine.ndarray.IpexNDArray;
import org.ipex4j.engine.ndarray.IpexNDManager;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.op.Arg;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.Param;

/**
 * The topmost layer of the dispatcher: inside an {@link AutocastScope} it casts operands as {@link
 * CastPolicies} say and hands the call on. Casts are ops like others: they are differentiated and
 * recorded.
 */
public final class Autocasting {
    /** Operands that mostly are parameters. */
    private static final Set<String> PARAMETERS = Set.of("weight", "bias");

    private final AutocastScope scope;
    private final DType wanted;
    private final IpexNDManager target;
    private final boolean traced;
    private final List<IpexNDArray> made = new ArrayList<>();

    private Autocasting(AutocastScope scope, DType wanted, IpexNDManager target, boolean traced) {
        this.scope = scope;
        this.wanted = wanted;
        this.target = target;
        this.traced = traced;
    }

    static IpexNDArray[] call(
            AutocastScope scope,
            CastPolicy policy,
            Op op,
            Args<IpexNDArray> args,
            IpexNDManager target) {
        DType wanted = wanted(policy, scope.dtype(), args.allTensors());
        boolean traced = Dispatcher.tracer(args, target) != null;
        Autocasting casting = new Autocasting(scope, wanted, target, traced);
        try {
            return Dispatcher.run(op, casting.cast(args), target);
        } finally {
            casting.made.forEach(IpexNDArray::close);
        }
    }

    /**
     * An operand of a method that stands for an op of PyTorch's lists but is computed in another
     * way.
     *
     * @param op whose policy holds, not one of those that cast to the widest
     * @param parameter whether it is a model's parameter, so that the cast is worth keeping
     * @param target the manager that a cast is attached to
     * @return the array itself where nothing is to be cast, null for null
     */
    public static IpexNDArray operand(
            String op, IpexNDArray array, boolean parameter, IpexNDManager target) {
        AutocastScope scope = AutocastScope.casting();
        if (scope == null || array == null) {
            return array;
        }
        DType wanted = wanted(CastPolicies.of(op), scope.dtype(), List.of(array));
        boolean traced = target.tracer() != null || array.isTraced();
        return new Autocasting(scope, wanted, target, traced).cast(array, parameter);
    }

    private static DType wanted(CastPolicy policy, DType lower, List<IpexNDArray> operands) {
        return switch (policy) {
            case LOWER -> lower;
            case FLOAT32 -> DType.FLOAT32;
            case WIDEST -> {
                boolean all =
                        operands.stream()
                                .map(a -> a.type().dtype())
                                .allMatch(t -> t == lower || !eligible(t));
                yield all ? lower : DType.FLOAT32;
            }
        };
    }

    private static boolean eligible(DType type) {
        return type.isFloating() && type != DType.FLOAT64;
    }

    private Args<IpexNDArray> cast(Args<IpexNDArray> args) {
        List<Arg<IpexNDArray>> out = new ArrayList<>(args.values().size());
        for (int i = 0; i < args.values().size(); i++) {
            Param param = args.schema().params().get(i);
            boolean parameter = PARAMETERS.contains(param.name());
            out.add(args.values().get(i).map(a -> a == null ? null : cast(a, parameter)));
        }
        return new Args<>(args.schema(), out);
    }

    private IpexNDArray cast(IpexNDArray array, boolean parameter) {
        DType now = array.type().dtype();
        if (now == wanted || !eligible(now)) {
            return array;
        }
        boolean kept =
                !traced
                        && now == DType.FLOAT32
                        && wanted == scope.dtype()
                        && (array.hasGradient() || (parameter && array.getName() != null));
        if (!kept) {
            IpexNDArray cast = toType(array, target);
            made.add(cast);
            return cast;
        }
        IpexNDArray known = scope.cache().find(array, wanted);
        if (known == null) {
            known = toType(array, IpexNDManager.system());
            scope.cache().put(array, known);
        }
        return known;
    }

    private IpexNDArray toType(IpexNDArray array, IpexNDManager manager) {
        Op op = Eager.TO_COPY;
        return Dispatcher.run(op, Args.of(op.schema(), array, wanted), manager)[0];
    }
}
