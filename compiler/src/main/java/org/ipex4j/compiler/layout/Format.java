package org.ipex4j.compiler.layout;

import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.plan.BufferType;
import org.ipex4j.ir.plan.Layout;

/** The families of activation layouts among which a node may choose. */
enum Format {
    /** Row-major: NCHW. */
    PLAIN,
    /** NHWC. */
    CHANNELS_LAST,
    /** Channels in blocks of one vector: nChw16c, nChw8c. */
    BLOCKED;

    /** This family's layout of the sizes. */
    Layout of(Sizes sizes, int block) {
        return switch (this) {
            case PLAIN -> Layout.contiguous(sizes);
            case CHANNELS_LAST ->
                    sizes.rank() < 3 ? Layout.contiguous(sizes) : Layout.channelsLast(sizes);
            case BLOCKED ->
                    sizes.rank() < 3
                            ? Layout.contiguous(sizes)
                            : Layout.blockedChannels(sizes, block);
        };
    }

    /** True for [N, C, 1, 1] in whole blocks of channels, which lie one after the other. */
    static boolean isSinglePixelOfBlocks(BufferType t) {
        Layout l = t.layout();
        boolean channels =
                l.innerBlocks().length == 1
                        && l.innerDims()[0] == 1
                        && t.sizes().get(1) % l.innerBlocks()[0] == 0
                        && l.strides()[1] == l.innerBlocks()[0];
        return channels && t.sizes().stream().skip(2).allMatch(s -> s == 1);
    }
}
