package org.ipex4j.runtime.dnnl;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.ipex4j.ir.plan.BufferType;
import org.ipex4j.ir.plan.Layout;
import org.ipex4j.ir.plan.LibraryCall;
import org.ipex4j.ir.plan.LibraryOracle;
import org.ipex4j.runtime.dnnl.PrimitiveDesc.Quality;
import org.ipex4j.runtime.lane.InParallel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers the compiler's questions by asking oneDNN itself. Thread-safe.
 *
 * <p>oneDNN lists implementations fastest first, but ends with some that take layouts they have no
 * code for: they copy operands at each execution, or are plain loops. A call that only those can do
 * <em>as given</em> is refused if other layouts would get code of their own: the compiler then
 * reorders an operand where that costs least. Reference loops are taken, with a warning, only where
 * oneDNN has nothing else.
 */
public final class DnnlOracle implements LibraryOracle {
    private static final Logger LOG = LoggerFactory.getLogger(DnnlOracle.class);
    private static final int REMEMBERED = 4096;

    private final int threads;
    private final Measurer measurer;
    private final Set<String> warned = ConcurrentHashMap.newKeySet();
    private final Map<LibraryCall, Optional<Choice>> answers =
            Collections.synchronizedMap(
                    new LinkedHashMap<>(64, 0.75f, true) {
                        private static final long serialVersionUID = 1;

                        @Override
                        protected boolean removeEldestEntry(
                                Map.Entry<LibraryCall, Optional<Choice>> eldest) {
                            return size() > REMEMBERED;
                        }
                    });

    /** An oracle for regions of {@code threads} threads, measuring by {@code measurer}. */
    public DnnlOracle(int threads, Measurer measurer) {
        this.threads = threads;
        this.measurer = measurer;
    }

    @Override
    public Optional<Choice> choose(LibraryCall call) {
        Optional<Choice> known = answers.get(call);
        if (known == null) {
            try (OmpThreads.Scope _ = OmpThreads.set(threads)) {
                known = ask(call);
            }
            answers.put(call, known);
        }
        return known;
    }

    @Override
    public void prepare(Collection<LibraryCall> calls) {
        List<LibraryCall> unknown =
                calls.stream().distinct().filter(c -> !answers.containsKey(c)).toList();
        InParallel.each(unknown, threads, this::choose);
    }

    private Optional<Choice> ask(LibraryCall call) {
        boolean nothingIn = call.inputs().stream().anyMatch(t -> t.sizes().numel() == 0);
        if (nothingIn && call.output().sizes().numel() > 0) {
            return Optional
                    .empty(); // oneDNN would leave the destination as it was; sums of nothing are
            // zero
        }
        Optional<Choice> direct = best(call, Quality.DIRECT);
        if (direct.isPresent()) {
            return direct;
        }
        for (LibraryCall other : relaxed(call)) {
            if (!other.equals(call) && best(other, Quality.DIRECT).isPresent()) {
                LOG.debug("refused {}: oneDNN has no code for these layouts", call);
                return Optional.empty();
            }
        }
        Optional<Choice> copying = best(call, Quality.COPYING);
        if (copying.isPresent()) {
            return copying;
        }
        Optional<Choice> reference = best(call, Quality.REFERENCE);
        if (reference.isPresent() && !nothingIn && warned.add(call.toString())) {
            LOG.warn(
                    "oneDNN has only its slow reference implementation ({}) for {}",
                    reference.get().implementation(),
                    call);
        }
        return reference;
    }

    /** The first implementation of this quality. */
    private static Optional<Choice> best(LibraryCall call, Quality quality) {
        Optional<PrimitiveDesc> made = PrimitiveDesc.create(call);
        if (made.isEmpty()) {
            return Optional.empty();
        }
        try (PrimitiveDesc desc = made.get()) {
            do {
                if (desc.quality() == quality) {
                    Optional<LibraryCall> resolved = desc.resolved();
                    if (resolved.isPresent()) {
                        return Optional.of(
                                new Choice(
                                        resolved.get(),
                                        desc.implementation(),
                                        desc.scratchpadBytes()));
                    }
                }
            } while (desc.next());
            return Optional.empty();
        }
    }

    /** The call with layouts left open, as far as oneDNN allows that for its kind. */
    private List<LibraryCall> relaxed(LibraryCall call) {
        BufferType out = call.output().withLayout(Layout.ANY);
        return switch (call) {
            case LibraryCall.Reorder r -> List.of();
            case LibraryCall.Pooling p ->
                    activationLayouts(p.source()).stream()
                            .map(
                                    l ->
                                            call.with(
                                                    List.of(p.source().withLayout(l)),
                                                    out,
                                                    p.postOps()))
                            .toList();
            case LibraryCall.PoolingBackward p -> {
                List<Layout> gradient = activationLayouts(p.outputGradient());
                List<Layout> source = activationLayouts(p.output());
                yield IntStream.range(0, source.size())
                        .mapToObj(
                                i ->
                                        call.with(
                                                p.inputs().stream()
                                                        .map(t -> t.withLayout(gradient.get(i)))
                                                        .toList(),
                                                p.output().withLayout(source.get(i)),
                                                List.of()))
                        .toList();
            }
            default ->
                    List.of(
                            call.with(
                                    call.inputs().stream()
                                            .map(t -> t.withLayout(Layout.ANY))
                                            .toList(),
                                    out,
                                    call.postOps()));
        };
    }

    /** The instruction set that oneDNN generates code for. */
    public static String isa() {
        return Dnnl.isa();
    }

    @Override
    public double measure(LibraryCall call) {
        return measurer.seconds(call);
    }

    @Override
    public List<Layout> activationLayouts(BufferType type) {
        int block = Dnnl.isa().contains("avx512") ? 16 : 8; // the floats of a vector register
        int rank = type.sizes().rank();
        if (rank < 3 || rank > 5) {
            return List.of(Layout.contiguous(type.sizes()));
        }
        // Few channels (an image's three) are read as they are; blocks would be mostly padding.
        Layout plain = Layout.contiguous(type.sizes());
        Layout last = Layout.channelsLast(type.sizes());
        return type.sizes().get(1) < block
                ? List.of(plain, last)
                : List.of(Layout.blockedChannels(type.sizes(), block), last);
    }
}
