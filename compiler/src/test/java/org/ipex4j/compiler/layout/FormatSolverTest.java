package org.ipex4j.compiler.layout;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class FormatSolverTest {
    private static FormatSolver random(long seed, int variables, double density) {
        Random r = new Random(seed);
        FormatSolver s = new FormatSolver(3);
        for (int v = 0; v < variables; v++) {
            s.variable(r.nextDouble(), r.nextDouble(), r.nextDouble());
        }
        for (int a = 0; a < variables; a++) {
            for (int b = a + 1; b < variables; b++) {
                if (r.nextDouble() < density) {
                    for (int k = 0; k < 9; k++) {
                        boolean swap = r.nextBoolean();
                        s.addPair(swap ? b : a, swap ? a : b, k / 3, k % 3, r.nextDouble());
                    }
                }
            }
        }
        return s;
    }

    private static double brute(FormatSolver s, int variables) {
        double best = Double.MAX_VALUE;
        int[] state = new int[variables];
        for (int code = 0; code < Math.pow(3, variables); code++) {
            int rest = code;
            for (int v = 0; v < variables; v++) {
                state[v] = rest % 3;
                rest /= 3;
            }
            best = Math.min(best, s.total(state));
        }
        return best;
    }

    @Property(tries = 60)
    void eliminationFindsTheLeastSum(@ForAll long seed) {
        FormatSolver s = random(seed, 7, 0.5);
        assertThat(s.total(s.solve()))
                .isCloseTo(brute(s, 7), org.assertj.core.data.Offset.offset(1e-9));
    }

    @Property(tries = 10)
    void denseProblemsAreNoWorseThanAnyUniformChoice(@ForAll long seed) {
        FormatSolver s = random(seed, 14, 1);
        double found = s.total(s.solve());
        for (int uniform = 0; uniform < 3; uniform++) {
            int[] state = new int[14];
            java.util.Arrays.fill(state, uniform);
            assertThat(found).isLessThanOrEqualTo(s.total(state));
        }
    }

    @Test
    void aLongChainWithJoinsIsSolvedAtOnce() {
        FormatSolver s = new FormatSolver(3);
        for (int v = 0; v < 1000; v++) {
            s.variable(v % 2, (v + 1) % 2, 0.6);
        }
        for (int v = 1; v < 1000; v++) {
            for (int k = 0; k < 9; k++) {
                s.addPair(v - 1, v, k / 3, k % 3, k / 3 == k % 3 ? 0 : 5);
                if (v >= 3) {
                    s.addPair(v - 3, v, k / 3, k % 3, k / 3 == k % 3 ? 0 : 5);
                }
            }
        }
        int[] solved = s.solve(); // alternating preferences, dear changes: 500 for all 0 or all 1,
        // 600 for all 2
        assertThat(s.total(solved)).isEqualTo(500);
    }
}
