package org.ipex4j.engine.autograd;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import org.ipex4j.compiler.oracle.OracleGradients;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.compiler.samples.Closeness;
import org.ipex4j.engine.IpexEngine;
import org.ipex4j.engine.ndarray.IpexNDArray;
import org.ipex4j.engine.ndarray.IpexNDManager;

/** Compares a program's gradients with those that libtorch computes for the same ops. */
final class GradientCheck {
    private GradientCheck() {}

    /** A program of arrays; its first result is the target. */
    interface Program {
        NDList run(NDList inputs);
    }

    /** As {@link #check(String, Program, double, NDList)} with the tolerance of single ops. */
    static void check(String what, Program program, NDList inputs) {
        check(what, program, 10, inputs);
    }

    /**
     * Runs the program on arrays, of which the floating ones require gradients, and on libtorch.
     *
     * @param slack how many tolerances of {@code torch.testing.assert_close} apart they may be
     */
    static void check(String what, Program program, double slack, NDList inputs) {
        List<IpexNDArray> wanted = new ArrayList<>();
        inputs.forEach(
                a -> {
                    if (a.getDataType().isFloating()) {
                        a.setRequiresGradient(true);
                        wanted.add((IpexNDArray) a);
                    }
                });
        OracleGradients.Result expected = expected(program, inputs, wanted);
        RefTensor output;
        try (IpexGradientCollector collector = IpexEngine.instance().newGradientCollector()) {
            IpexNDArray target = (IpexNDArray) program.run(inputs).head();
            output = GraphRecorder.read(target.tensor());
            collector.backward(target);
        }
        Closeness.check(what, expected.outputs().getFirst(), output, slack);
        for (int i = 0; i < wanted.size(); i++) {
            Closeness.check(
                    what + ": gradient " + i,
                    expected.gradients().get(i),
                    GraphRecorder.read(wanted.get(i).getGradient().tensor()),
                    slack);
        }
    }

    /** What libtorch computes for the ops that the program calls. */
    static OracleGradients.Result expected(
            Program program, NDList inputs, List<IpexNDArray> wanted) {
        GraphRecorder recorder = new GraphRecorder();
        try (NDManager manager =
                IpexNDManager.tracing(IpexNDManager.system().newSubManager(), recorder)) {
            NDList traced = new NDList();
            for (var a : inputs) {
                traced.add(recorder.lift((IpexNDArray) a, (IpexNDManager) manager));
            }
            IpexNDArray target = (IpexNDArray) program.run(traced).head();
            List<Integer> positions = wanted.stream().map(recorder::position).toList();
            return OracleGradients.run(recorder.graph(target), recorder.numbers(), positions);
        }
    }
}
