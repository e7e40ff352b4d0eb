package org.ipex4j.engine.capture;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import java.util.List;
import org.ipex4j.engine.CompileOptions;
import org.ipex4j.engine.Ipex;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** DJL's own blocks compute compiled what they compute eagerly, each as one graph. */
class StandardBlocksTest {
    static List<DjlBlocks.Case> cases() {
        return DjlBlocks.all();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void capturedGraphRunOpByOpEqualsEager(DjlBlocks.Case c) {
        check(c, CompileOptions.defaults().backend("eager").fullGraph(true));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void compiledEqualsEager(DjlBlocks.Case c) {
        check(c, CompileOptions.defaults().fullGraph(true));
    }

    private static void check(DjlBlocks.Case c, CompileOptions options) {
        try (NDManager manager = NDManager.newBaseManager("IPEX")) {
            Block block = c.make(manager);
            Block compiled = Ipex.compile(block, options);
            ParameterStore store = new ParameterStore(manager, false);
            // Twice: the first call captures, the second finds the graph; with other numbers.
            for (int i = 0; i < 2; i++) {
                NDList inputs = c.inputs().apply(manager);
                NDList expected = block.forward(store, new NDList(inputs), false);
                NDList actual = compiled.forward(store, new NDList(inputs), false);
                same(actual, expected);
            }
        }
    }

    static void same(NDList actual, NDList expected) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.size(); i++) {
            NDArray a = actual.get(i);
            NDArray e = expected.get(i);
            assertThat(a.getShape()).isEqualTo(e.getShape());
            assertThat(a.getDataType()).isEqualTo(e.getDataType());
            assertThat(a.getName()).isEqualTo(e.getName());
            double[] x = a.toType(ai.djl.ndarray.types.DataType.FLOAT64, true).toDoubleArray();
            double[] y = e.toType(ai.djl.ndarray.types.DataType.FLOAT64, true).toDoubleArray();
            for (int k = 0; k < x.length; k++) {
                assertThat(x[k])
                        .isCloseTo(
                                y[k],
                                org.assertj.core.data.Offset.offset(1e-4 + 1e-4 * Math.abs(y[k])));
            }
        }
    }
}
