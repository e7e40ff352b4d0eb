package org.ipex4j.compiler.loop;

import java.util.List;
import org.ipex4j.compiler.loop.expr.Access;
import org.ipex4j.compiler.loop.expr.Expr;
import org.ipex4j.compiler.loop.expr.ExprOp;
import org.ipex4j.compiler.loop.expr.Index;
import org.ipex4j.compiler.loop.lower.ProgramBuilder;
import org.ipex4j.compiler.loop.nest.Domain;
import org.ipex4j.compiler.loop.nest.Nest;
import org.ipex4j.compiler.loop.nest.Store;
import org.ipex4j.ir.graph.Value;

/**
 * Whether a kernel may write a result over one of its inputs. Kernels compute all values of a turn
 * of their loops before they store any, so it is enough that each element of the input is read only
 * in the turns that store the result's element at the same position.
 */
public final class InPlace {
    private InPlace() {}

    /**
     * True if {@code output} may lie in the memory of {@code input}, both in the same layout and no
     * other input of the group in that memory.
     */
    public static boolean allows(LoopGroup group, Value input, Value output) {
        List<Nest> nests = ProgramBuilder.build(group.nodes(), group.outputs(), List.of());
        if (nests.size() != 1 || nests.getFirst().scan()) {
            return false;
        }
        Nest nest = nests.getFirst();
        List<Store> stores =
                nest.stores().stream().filter(s -> s.to().value().equals(output)).toList();
        return stores.size() == 1
                && input.type().dtype().byteSize() == output.type().dtype().byteSize()
                && comesLast(nest, stores.getFirst())
                && loads(nest, input).stream()
                        .allMatch(a -> a.at().equals(stores.getFirst().to().at()));
    }

    /** The nest's reads of a value in memory. */
    private static List<Access> loads(Nest nest, Value input) {
        return nest.expressions().stream()
                .filter(e -> e.op() == ExprOp.LOAD)
                .map(Expr::access)
                .filter(a -> a.value().equals(input))
                .toList();
    }

    /**
     * With reductions a row is read several times over; what is stored once a row is stored after
     * all of that.
     */
    private static boolean comesLast(Nest nest, Store store) {
        if (nest.reductions().isEmpty()) {
            return true;
        }
        Domain domain = nest.domain();
        long dims = store.value().dims();
        for (Index i : store.to().at()) {
            if (!(i instanceof Index.Affine a)) {
                return false;
            }
            dims |= a.dims();
        }
        return (dims & ~domain.rowDims()) == 0;
    }
}
