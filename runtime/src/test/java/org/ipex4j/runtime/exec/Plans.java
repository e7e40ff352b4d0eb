package org.ipex4j.runtime.exec;

import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.plan.BufferType;
import org.ipex4j.ir.plan.CodeUnit;
import org.ipex4j.ir.plan.CompiledGraph;
import org.ipex4j.ir.plan.CompiledGraph.Bound;
import org.ipex4j.ir.plan.CompiledGraph.Prologue;
import org.ipex4j.ir.plan.CompiledGraph.Result;
import org.ipex4j.ir.plan.Layout;
import org.ipex4j.ir.plan.LibraryCall;
import org.ipex4j.ir.plan.Operand;
import org.ipex4j.ir.plan.Plan;
import org.ipex4j.ir.plan.PostOp;
import org.ipex4j.ir.plan.Step;
import org.ipex4j.runtime.Tensor;
import org.ipex4j.runtime.dnnl.DnnlOracle;

/** Plans written by hand. */
final class Plans {
    /** {@code out[i] = a[i] * scale}: buffers a, out; params n and scale (double bits). */
    static final CodeUnit SCALE =
            new CodeUnit(
                    "test_scale_1",
                    """
            define i64 @test_scale_1(ptr %buffers, ptr %params, i64 %threads) {
            entry:
              %a = load ptr, ptr %buffers
              %po = getelementptr ptr, ptr %buffers, i64 1
              %out = load ptr, ptr %po
              %n = load i64, ptr %params
              %ps = getelementptr i64, ptr %params, i64 1
              %sd = load double, ptr %ps
              %s = fptrunc double %sd to float
              br label %head
            head:
              %i = phi i64 [ 0, %entry ], [ %next, %body ]
              %more = icmp slt i64 %i, %n
              br i1 %more, label %body, label %exit
            body:
              %pa = getelementptr float, ptr %a, i64 %i
              %v = load float, ptr %pa
              %r = fmul float %v, %s
              %pr = getelementptr float, ptr %out, i64 %i
              store float %r, ptr %pr
              %next = add i64 %i, 1
              br label %head
            exit:
              ret i64 0
            }
            """);

    private Plans() {}

    static BufferType f32(long... sizes) {
        return BufferType.contiguous(TensorType.of(DType.FLOAT32, sizes));
    }

    static Operand in(int i, BufferType t) {
        return new Operand(new Operand.Place.In(i), 0, t);
    }

    static Operand out(int i, BufferType t) {
        return new Operand(new Operand.Place.Out(i), 0, t);
    }

    static Operand arena(long offset, BufferType t) {
        return new Operand(new Operand.Place.Arena(), offset, t);
    }

    static Step.Kernel scale(Operand from, Operand to, double by) {
        return new Step.Kernel(
                "scale",
                SCALE.symbol(),
                List.of(from, to),
                new long[] {to.type().sizes().numel(), Double.doubleToLongBits(by)},
                1,
                Step.Work.NONE);
    }

    /** One kernel on [n], no prologue. */
    static CompiledGraph scaleGraph(long n, double by) {
        BufferType t = f32(n);
        Plan plan =
                new Plan(
                        List.of(t),
                        List.of(t),
                        List.of(scale(in(0, t), out(0, t), by)),
                        0,
                        List.of(SCALE));
        return new CompiledGraph(
                plan, List.of(0), List.of(), List.of(), List.of(new Result.Output(0)));
    }

    /**
     * Graph inputs: x [n, ic, h, h] (argument), w [oc, ic, 3, 3] and bias [oc] (parameters). The
     * weights are reordered by a prologue; the convolution with bias and relu writes nChw16c into
     * the arena; a reorder back; results: 2 * relu(conv), and the bias itself.
     */
    static CompiledGraph convolution(String key, int threads, long n, long ic, long oc, long h) {
        BufferType x = f32(n, ic, h, h);
        BufferType w = f32(oc, ic, 3, 3);
        BufferType b = f32(oc);
        Sizes ys = Sizes.of(n, oc, h, h);
        BufferType blocked = new BufferType(DType.FLOAT32, ys, Layout.blockedChannels(ys, 16));
        BufferType y = f32(n, oc, h, h);
        BufferType source =
                new BufferType(DType.FLOAT32, x.sizes(), Layout.blockedChannels(x.sizes(), 16));
        List<Long> one = List.of(1L, 1L);
        LibraryCall call =
                new DnnlOracle(threads, c -> Double.NaN)
                        .choose(
                                new LibraryCall.Convolution(
                                        source,
                                        w.withLayout(Layout.ANY),
                                        Optional.of(b),
                                        blocked,
                                        one,
                                        one,
                                        one,
                                        one,
                                        1,
                                        List.of(new PostOp.Eltwise("relu", 0, 0))))
                        .orElseThrow()
                        .call();
        BufferType packed = call.inputs().get(1);
        Plan prologue =
                new Plan(
                        List.of(w),
                        List.of(packed),
                        List.of(
                                library(
                                        "pack",
                                        new LibraryCall.Reorder(w, packed),
                                        in(0, w),
                                        out(0, packed))),
                        0,
                        List.of());
        long sourceBytes = (source.byteSize() + 63) & -64;
        long resultBytes = (blocked.byteSize() + 63) & -64;
        Operand s = arena(0, source);
        Operand r = arena(sourceBytes, blocked);
        Operand plain = arena(sourceBytes + resultBytes, y);
        Plan main =
                new Plan(
                        List.of(x, b, packed),
                        List.of(y),
                        List.of(
                                library("block", new LibraryCall.Reorder(x, source), in(0, x), s),
                                library("conv", call, s, in(2, packed), in(1, b), r),
                                library("unblock", new LibraryCall.Reorder(blocked, y), r, plain),
                                scale(plain, out(0, y), 2)),
                        sourceBytes + resultBytes + y.byteSize(),
                        List.of(SCALE));
        return new CompiledGraph(
                main,
                List.of(0),
                List.of(new Bound.Input(2), new Bound.Computed(0, 0)),
                List.of(new Prologue(key, prologue, List.of(1))),
                List.of(new Result.Output(0), new Result.InputView(2, b, 0)));
    }

    static Step.Library library(String label, LibraryCall call, Operand... operands) {
        return new Step.Library(label, call, List.of(operands), "", new Step.Work(1e9, 1e6));
    }

    static Tensor tensor(float[] values, long... sizes) {
        Tensor t = Tensor.empty(TensorType.of(DType.FLOAT32, sizes));
        java.lang.foreign.MemorySegment.copy(
                values, 0, t.segment(), ValueLayout.JAVA_FLOAT, 0, values.length);
        return t;
    }

    static float[] values(Tensor t) {
        return t.segment().toArray(ValueLayout.JAVA_FLOAT);
    }
}
