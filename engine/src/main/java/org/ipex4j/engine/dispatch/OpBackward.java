package org.ipex4j.engine.dispatch;

import java.util.BitSet;
import java.util.List;
import org.ipex4j.engine.autograd.BackwardFunction;
import org.ipex4j.engine.autograd.SavedTensor;
import org.ipex4j.ir.op.Args;
import org.ipex4j.runtime.Tensor;

/** Backward of one op call: compiled like the op itself, and found by types and strides. */
final class OpBackward implements BackwardFunction {
    private final Formula formula;
    private final SavedTensor[] saved;

    /**
     * Saves what backward reads.
     *
     * @param all the results, and then the extra tensors, which this takes over
     * @param overwritten a tensor whose memory is about to change, so that operands there are
     *     copied; null where none is
     */
    OpBackward(Formula formula, Args<Tensor> args, Tensor[] all, int results, Tensor overwritten) {
        this.formula = formula;
        List<Saved> wanted = formula.saved();
        saved = new SavedTensor[wanted.size()];
        List<Tensor> operands = args.allTensors();
        for (int i = 0; i < saved.length; i++) {
            saved[i] =
                    switch (wanted.get(i)) {
                        case Saved.Operand(int index) -> operand(operands.get(index), overwritten);
                        case Saved.Result(int index) -> SavedTensor.of(all[index]);
                        case Saved.Extra(int index) -> SavedTensor.owning(all[results + index]);
                    };
        }
    }

    private static SavedTensor operand(Tensor t, Tensor overwritten) {
        return overwritten != null && t.sharesStorage(overwritten)
                ? SavedTensor.owning(TensorOps.copy(t))
                : SavedTensor.of(t);
    }

    @Override
    public Tensor[] backward(Tensor[] grads) {
        if (formula.limitation() != null) {
            throw new UnsupportedOperationException(
                    "backward: " + formula.op() + " has no derivative: " + formula.limitation());
        }
        BitSet present = new BitSet();
        for (int i = 0; i < grads.length; i++) {
            if (grads[i] != null) {
                present.set(i);
            }
        }
        BackwardGraphs.Backward graph = formula.backward(present);
        int[] read = graph.saved();
        int[] tangents = graph.tangents();
        Tensor[] inputs = new Tensor[read.length + tangents.length];
        for (int i = 0; i < read.length; i++) {
            inputs[i] = saved[read[i]].get(describe(read[i]));
        }
        for (int i = 0; i < tangents.length; i++) {
            inputs[read.length + i] = grads[tangents[i]];
        }
        Tensor[] computed = Eager.run(graph.graph(), inputs);
        Tensor[] out = new Tensor[formula.operands()];
        for (int i = 0; i < computed.length; i++) {
            out[graph.gradients()[i]] = computed[i];
        }
        return out;
    }

    private String describe(int index) {
        String what =
                switch (formula.saved().get(index)) {
                    case Saved.Operand(int i) -> "operand " + (i + 1);
                    case Saved.Result(int i) -> "result " + (i + 1);
                    case Saved.Extra(int i) -> "intermediate " + (i + 1);
                };
        return formula.op() + ": " + what;
    }

    @Override
    public boolean savesNothing() {
        return saved.length == 0;
    }

    @Override
    public void close() {
        for (SavedTensor s : saved) {
            s.close();
        }
    }
}
