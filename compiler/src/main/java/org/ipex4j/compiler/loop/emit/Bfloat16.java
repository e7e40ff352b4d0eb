package org.ipex4j.compiler.loop.emit;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Rounds f32 to bf16, to nearest and ties to even, as LLVM IR defined in a module where used. NaN
 * stays NaN, denormals stay what they are.
 *
 * <p>In memory bf16 is {@code i16}: LLVM widens integers in vectors on every processor, but takes
 * vectors of {@code bfloat} apart where the processor has no instructions for them.
 */
final class Bfloat16 {
    /** Denormal numbers, in the words of {@code vfpclassps}. */
    private static final int DENORMAL = 0x20;

    private final boolean hardware;
    private final Map<Integer, String> used = new LinkedHashMap<>();

    /**
     * @param hardware whether vectors have an instruction for it (AVX512-BF16)
     */
    Bfloat16(boolean hardware) {
        this.hardware = hardware;
    }

    /**
     * The name of the function from {@code width} floats to shorts, which {@link #text} will
     * define.
     */
    String use(int width) {
        used.computeIfAbsent(width, hardware && width > 1 ? this::instruction : this::integers);
        return name(width);
    }

    /** Definitions of all functions used. */
    String text() {
        return String.join("\n", used.values());
    }

    private static String name(int width) {
        return "ipex.bf16." + Types.mangled("float", width);
    }

    private static String head(int width) {
        return "define internal %s @%s(%s %%x) alwaysinline nounwind {\n"
                .formatted(Types.vector("i16", width), name(width), Types.vector("float", width));
    }

    /** In integers: half of the last place and one more for odd numbers, then the upper half. */
    private String integers(int width) {
        return head(width) + rounded(width) + "}\n";
    }

    private static String rounded(int width) {
        String i = Types.vector("i32", width);
        return """
                 %bits = bitcast FLOAT %x to INT
                 %upper = lshr INT %bits, SIXTEEN
                 %odd = and INT %upper, ONE
                 %half = add INT %bits, HALF
                 %sum = add INT %half, %odd
                 %nan = fcmp uno FLOAT %x, %x
                 %quiet = or INT %bits, QUIET
                 %kept = select BOOL %nan, INT %quiet, INT %sum
                 %shifted = lshr INT %kept, SIXTEEN
                 %result = trunc INT %shifted to SHORT
                 ret SHORT %result
               """
                .replace("SIXTEEN", Types.splat("i32", "16", width))
                .replace("ONE", Types.splat("i32", "1", width))
                .replace("HALF", Types.splat("i32", Integer.toString(0x7FFF), width))
                .replace("QUIET", Types.splat("i32", Integer.toString(0x400000), width))
                .replace("INT", i)
                .replace("FLOAT", Types.vector("float", width))
                .replace("BOOL", Types.vector("i1", width))
                .replace("SHORT", Types.vector("i16", width));
    }

    /** The instruction takes denormals for zero; where there are any, integers do it. */
    private String instruction(int width) {
        return head(width)
                + """
                    %denormal = call <W x i1> @CLASSIFY(<W x float> %x, i32 CLASS)
                    %lanes = bitcast <W x i1> %denormal to iW
                    %any = icmp ne iW %lanes, 0
                    %rare = call i1 @llvm.expect.i1(i1 %any, i1 false)
                    br i1 %rare, label %exact, label %fast
                  fast:
                    %bf16 = fptrunc <W x float> %x to <W x bfloat>
                    %short = bitcast <W x bfloat> %bf16 to <W x i16>
                    ret <W x i16> %short
                  exact:
                  """
                        .replace("CLASSIFY", classify(width))
                        .replace("CLASS", Integer.toString(DENORMAL))
                        .replace("W", Integer.toString(width))
                + rounded(width)
                + "}\n";
    }

    private static String classify(int width) {
        return "llvm.x86.avx512.fpclass.ps." + 32 * width;
    }

    /** What the functions call. */
    Set<String> declarations() {
        Set<String> out = new TreeSet<>();
        used.forEach(
                (width, text) -> {
                    if (text.contains(classify(width))) {
                        out.add(
                                "declare <%d x i1> @%s(<%d x float>, i32 immarg)"
                                        .formatted(width, classify(width), width));
                        out.add("declare i1 @llvm.expect.i1(i1, i1)");
                    }
                });
        return out;
    }
}
