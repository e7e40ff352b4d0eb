package org.ipex4j.compiler;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.ipex4j.ir.plan.BufferType;
import org.ipex4j.ir.plan.Layout;
import org.ipex4j.ir.plan.LibraryCall;
import org.ipex4j.ir.plan.LibraryOracle;

/** Answers like oneDNN on AVX-512: packed weights, no fast convolution on row-major activations. */
class FakeOracle implements LibraryOracle {
    int asked;
    String channelsLastConvolution = "brgconv:avx512_core";

    @Override
    public Optional<Choice> choose(LibraryCall call) {
        asked++;
        List<BufferType> inputs = new ArrayList<>();
        for (int i = 0; i < call.inputs().size(); i++) {
            BufferType t = call.inputs().get(i);
            inputs.add(
                    t.layout().isAny()
                            ? t.withLayout(i == 1 ? packed(call, t) : Layout.contiguous(t.sizes()))
                            : t);
        }
        BufferType out =
                call.output().layout().isAny()
                        ? BufferType.contiguous(call.output().type())
                        : call.output();
        return Optional.of(new Choice(call.with(inputs, out, call.postOps()), name(call), 0));
    }

    private static Layout packed(LibraryCall call, BufferType t) {
        return call instanceof LibraryCall.MatMul || t.sizes().rank() < 3
                ? Layout.strided(reversed(t))
                : Layout.blockedChannels(t.sizes(), 8);
    }

    private static long[] reversed(BufferType t) {
        long[] strides = t.sizes().contiguousStrides();
        int r = strides.length;
        strides[r - 2] = 1;
        strides[r - 1] = Math.max(1, t.sizes().get(r - 2));
        return strides;
    }

    private String name(LibraryCall call) {
        if (call instanceof LibraryCall.Convolution c) {
            boolean blocked = !c.output().layout().isPlain();
            boolean last = c.output().layout().isChannelsLast(c.output().sizes());
            boolean plainSource =
                    c.source().layout().isContiguous(c.source().sizes())
                            && c.source().sizes().get(2) > 1;
            if (blocked) {
                return plainSource && c.source().sizes().get(1) > 4 ? "ref:any" : "jit:avx512_core";
            }
            return last && !plainSource ? channelsLastConvolution : "ref:any";
        }
        return call instanceof LibraryCall.MatMul ? "brg_matmul:avx512_core" : "jit:avx512_core";
    }

    @Override
    public double measure(LibraryCall call) {
        return Double.NaN;
    }
}
