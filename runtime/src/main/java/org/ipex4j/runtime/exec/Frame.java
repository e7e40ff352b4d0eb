package org.ipex4j.runtime.exec;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import org.ipex4j.ir.plan.CodeUnit;
import org.ipex4j.ir.plan.Operand;
import org.ipex4j.ir.plan.Step;
import org.ipex4j.runtime.dnnl.DnnlStream;
import org.ipex4j.runtime.dnnl.PrimitiveArgs;
import org.ipex4j.runtime.log.Profile;
import org.ipex4j.runtime.memory.Storage;
import org.ipex4j.runtime.natives.Native;

/**
 * The argument blocks of one run of a plan at a time: pointer arrays of kernels and memory objects
 * of primitives. Every operand refers to a place (an input, an output, the arena); when a place's
 * address changes, the pointers into it are written anew, otherwise nothing is. A run allocates
 * nothing on the Java heap.
 */
final class Frame implements AutoCloseable {
    /**
     * Calls the function at the address given first: {@code i64 symbol(ptr buffers, ptr params, i64
     * threads)}.
     */
    private static final MethodHandle KERNEL =
            Linker.nativeLinker()
                    .downcallHandle(
                            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));

    private final LoadedPlan plan;
    private final LoadedPlan.Linked[] steps;
    private final DnnlStream stream;

    /** One pointer per operand of a kernel or host step. */
    private final MemorySegment pointers;

    private final Storage block;

    /** Index of each step's first pointer. */
    private final int[] firstPointer;

    private final PrimitiveArgs[] primitives;
    private final Place[] inputs;
    private final Place[] outputs;
    private final Place working;
    private long scratchpad;

    /** Made when a run is first timed. */
    private long[] stamps;

    /** Everything that points into one place. */
    private final class Place {
        private final List<long[]> collected = new ArrayList<>();
        private int[] steps;
        private int[] operands;
        private long[] offsets;
        private long base;
        private boolean set;

        void add(int step, int operand, long offset) {
            collected.add(new long[] {step, operand, offset});
        }

        void seal() {
            steps = collected.stream().mapToInt(c -> (int) c[0]).toArray();
            operands = collected.stream().mapToInt(c -> (int) c[1]).toArray();
            offsets = collected.stream().mapToLong(c -> c[2]).toArray();
            collected.clear();
        }

        void point(long address) {
            if (set && base == address) {
                return;
            }
            for (int i = 0; i < steps.length; i++) {
                PrimitiveArgs primitive = primitives[steps[i]];
                if (primitive != null) {
                    primitive.set(operands[i], address + offsets[i]);
                } else {
                    pointers.setAtIndex(
                            JAVA_LONG, firstPointer[steps[i]] + operands[i], address + offsets[i]);
                }
            }
            base = address;
            set = true;
        }
    }

    Frame(LoadedPlan plan) {
        this.plan = plan;
        this.steps = plan.steps();
        int n = steps.length;
        firstPointer = new int[n];
        primitives = new PrimitiveArgs[n];
        inputs = places(plan.plan().inputs().size());
        outputs = places(plan.plan().outputs().size());
        working = new Place();
        int count = 0;
        for (int i = 0; i < n; i++) {
            List<Operand> operands = plan.plan().steps().get(i).operands();
            firstPointer[i] = count;
            if (!(steps[i] instanceof LoadedPlan.Linked.Library)) {
                count += operands.size();
            }
            for (int k = 0; k < operands.size(); k++) {
                Operand o = operands.get(k);
                place(o.place()).add(i, k, o.byteOffset());
            }
        }
        for (Place p : inputs) {
            p.seal();
        }
        for (Place p : outputs) {
            p.seal();
        }
        working.seal();
        block = Storage.allocate(8L * count);
        pointers = Native.memory(block.address(), 8L * count);
        DnnlStream made = null;
        try {
            for (int i = 0; i < n; i++) {
                if (steps[i] instanceof LoadedPlan.Linked.Library l) {
                    primitives[i] = new PrimitiveArgs(l.primitive());
                    made = made == null ? new DnnlStream() : made;
                }
            }
        } catch (RuntimeException | Error e) {
            stream = made;
            close();
            throw e;
        }
        stream = made;
    }

    private Place[] places(int n) {
        Place[] out = new Place[n];
        for (int i = 0; i < n; i++) {
            out[i] = new Place();
        }
        return out;
    }

    private Place place(Operand.Place place) {
        return switch (place) {
            case Operand.Place.In in -> inputs[in.index()];
            case Operand.Place.Out out -> outputs[out.index()];
            case Operand.Place.Arena _ -> working;
        };
    }

    void input(int index, long address) {
        inputs[index].point(address);
    }

    void output(int index, long address) {
        outputs[index].point(address);
    }

    /** Sets arena and scratchpad, of {@link LoadedPlan#workspaceBytes()} bytes. */
    void workspace(long address) {
        working.point(address);
        long at = address + plan.scratchpadOffset();
        if (plan.needsScratchpad() && at != scratchpad) {
            for (PrimitiveArgs p : primitives) {
                if (p != null) {
                    p.setScratchpad(at);
                }
            }
            scratchpad = at;
        }
    }

    /**
     * Runs steps on the calling thread, whose OpenMP thread count is the plan's.
     *
     * @param profile times each step; null for none
     */
    void run(int from, int to, Profile profile) {
        if (profile == null) {
            for (int i = from; i < to; i++) {
                step(i);
            }
            return;
        }
        if (stamps == null) {
            stamps = new long[steps.length + 1];
        }
        stamps[from] = System.nanoTime();
        for (int i = from; i < to; i++) {
            step(i);
            stamps[i + 1] = System.nanoTime();
        }
        profile.add(stamps, from, to);
    }

    private void step(int i) {
        switch (steps[i]) {
            case LoadedPlan.Linked.Kernel k -> {
                long status;
                try {
                    status =
                            (long)
                                    KERNEL.invokeExact(
                                            k.function(),
                                            pointers.address() + 8L * firstPointer[i],
                                            k.params(),
                                            k.threads());
                } catch (Throwable t) {
                    throw failed(i, t);
                }
                if (status != 0) {
                    throw refused(i, status);
                }
            }
            case LoadedPlan.Linked.Library _ -> primitives[i].execute(stream);
            case LoadedPlan.Linked.Host h -> {
                MemorySegment[] operands = new MemorySegment[h.step().operands().size()];
                for (int k = 0; k < operands.length; k++) {
                    operands[k] =
                            MemorySegment.ofAddress(
                                            pointers.getAtIndex(JAVA_LONG, firstPointer[i] + k))
                                    .reinterpret(h.step().operands().get(k).type().byteSize());
                }
                h.body().run(h.step(), operands);
            }
        }
    }

    /** What a kernel's status word says; see {@link org.ipex4j.ir.plan.CodeUnit}. */
    private RuntimeException refused(int i, long status) {
        String label = plan.plan().steps().get(i).label();
        return switch ((int) (status & 0xff)) {
            case CodeUnit.INDEX_OUT_OF_RANGE ->
                    new IndexOutOfBoundsException(
                            label + ": index " + (status >> 8) + " is out of range");
            case CodeUnit.DIVISION_BY_ZERO ->
                    new ArithmeticException(label + ": integer division by zero");
            default ->
                    new IllegalStateException("step '" + label + "' failed with status " + status);
        };
    }

    private RuntimeException failed(int i, Throwable t) {
        Step step = plan.plan().steps().get(i);
        if (t instanceof Error e) {
            throw e;
        }
        return new IllegalStateException("step '" + step.label() + "' failed", t);
    }

    @Override
    public void close() {
        for (PrimitiveArgs p : primitives) {
            if (p != null) {
                p.close();
            }
        }
        if (stream != null) {
            stream.close();
        }
        block.release();
    }
}
