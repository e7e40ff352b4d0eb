package org.ipex4j.ir.plan;

import java.util.Collection;
import java.util.List;

/** What the compiler may ask the library without knowing it; the runtime answers. */
public interface LibraryOracle {
    /**
     * Resolves every {@link Layout#ANY} of a call to what the library would choose; other layouts
     * stay. Empty if the library has no implementation for the call as given.
     */
    java.util.Optional<Choice> choose(LibraryCall call);

    /** Says that these calls will be asked for, which may be answered several at a time. */
    default void prepare(Collection<LibraryCall> calls) {}

    /**
     * Measured seconds of one execution of a fully specified call on this machine, warm; remembered
     * on disk. Used by {@code max-autotune}.
     */
    double measure(LibraryCall call);

    /**
     * A resolved call.
     *
     * @param implementation the library's name of the implementation, {@code brgconv:avx512_core}
     * @param scratchpadBytes working memory of one execution
     */
    record Choice(LibraryCall call, String implementation, long scratchpadBytes) {}

    /** Answers nothing: every call is taken with plain layouts. For tests of the compiler alone. */
    LibraryOracle PLAIN =
            new LibraryOracle() {
                @Override
                public java.util.Optional<Choice> choose(LibraryCall call) {
                    return java.util.Optional.of(
                            new Choice(
                                    call.with(
                                            call.inputs().stream()
                                                    .map(LibraryOracle::plain)
                                                    .toList(),
                                            plain(call.output()),
                                            call.postOps()),
                                    "plain",
                                    0));
                }

                @Override
                public double measure(LibraryCall call) {
                    return Double.NaN;
                }
            };

    private static BufferType plain(BufferType t) {
        return t.layout().isAny() ? BufferType.contiguous(t.type()) : t;
    }

    /** Layouts worth trying for a call's activations, best known first; used by autotuning. */
    default List<Layout> activationLayouts(BufferType type) {
        return type.sizes().rank() < 3
                ? List.of(Layout.contiguous(type.sizes()))
                : List.of(
                        Layout.channelsLast(type.sizes()),
                        Layout.blockedChannels(type.sizes(), 16));
    }
}
