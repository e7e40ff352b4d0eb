package org.ipex4j.compiler.samples;

import java.util.List;
import java.util.Optional;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.compiler.reference.ReferenceTable;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;

/**
 * One call of an op that must succeed.
 *
 * @param slack how many times the usual tolerance (see {@link Closeness}) results may differ by
 * @param oracleGap why libtorch cannot be asked about this call, if so
 */
public record Sample(
        Op op, String label, Args<SampleTensor> args, double slack, Optional<String> oracleGap) {
    /** The arguments as dense tensors. */
    public Args<RefTensor> reference() {
        return args.map(SampleTensor::value);
    }

    /** What the reference says the results are. */
    public List<RefTensor> expected() {
        return ReferenceTable.evaluate(op, reference());
    }

    @Override
    public String toString() {
        return op + " " + label + " " + args.values().stream().map(Sample::show).toList();
    }

    private static String show(org.ipex4j.ir.op.Arg<SampleTensor> a) {
        return switch (a) {
            case org.ipex4j.ir.op.Arg.Tensor<SampleTensor>(SampleTensor t) -> t.toString();
            case org.ipex4j.ir.op.Arg.Tensors<SampleTensor>(List<SampleTensor> ts) -> ts.toString();
            case org.ipex4j.ir.op.Arg.None<SampleTensor>() -> "None";
            default -> a.toString().replaceAll("^\\w+\\[\\w+=(.*)]$", "$1");
        };
    }
}
