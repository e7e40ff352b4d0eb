package org.ipex4j.compiler.reference;

import java.util.List;

/** The two halves of FP32 numbers' bits. */
final class SplitReference {
    private SplitReference() {}

    static void addTo(ReferenceTable t) {
        t.add(
                "ipex.join_bfloat16",
                (args, types) -> {
                    RefTensor top = args.tensor("top");
                    RefTensor trail = args.tensor("trail");
                    return List.of(
                            RefTensor.build(
                                    types.getFirst(), i -> join(top.integer(i), trail.integer(i))));
                });
        t.add(
                "ipex.bfloat16_top",
                (args, types) -> {
                    RefTensor self = args.tensor("self");
                    return List.of(RefTensor.buildInts(types.getFirst(), i -> bits(self, i) >> 16));
                });
        t.add(
                "ipex.bfloat16_trail",
                (args, types) -> {
                    RefTensor self = args.tensor("self");
                    return List.of(
                            RefTensor.buildInts(types.getFirst(), i -> (short) bits(self, i)));
                });
    }

    private static float join(long top, long trail) {
        return Float.intBitsToFloat((int) top << 16 | (int) trail & 0xFFFF);
    }

    private static int bits(RefTensor t, int i) {
        return Float.floatToRawIntBits((float) t.real(i));
    }
}
