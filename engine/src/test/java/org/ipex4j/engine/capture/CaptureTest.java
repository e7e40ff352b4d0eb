package org.ipex4j.engine.capture;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.SequentialBlock;
import org.ipex4j.ir.graph.Graph;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CaptureTest {
    private NDManager manager;

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager("IPEX");
    }

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void sequentialBlockBecomesOneGraph() {
        SequentialBlock net = DjlBlocks.convNet();
        Shape[] shapes = {
            new Shape(2, 3, 6, 6), new Shape(2, 8, 6, 6), null, null, null, new Shape(2, 72)
        };
        for (int i = 0; i < shapes.length; i++) {
            if (shapes[i] != null) {
                net.getChildren().valueAt(i).initialize(manager, DataType.FLOAT32, shapes[i]);
            }
        }

        Graph graph = Captures.graph(net, new NDList(manager.ones(new Shape(2, 3, 6, 6))));

        assertThat(graph.toString().replaceAll("\\.java:\\d+", ".java"))
                .isEqualTo(
                        """
                graph(
                  input %0 "data0": f32[2, 3, 6, 6],
                  param %1 "01Conv2d.weight": f32[8, 3, 3, 3],
                  param %2 "01Conv2d.bias": f32[8],
                  param %3 "02BatchNorm.gamma": f32[8],
                  param %4 "02BatchNorm.beta": f32[8],
                  param %5 "02BatchNorm.runningMean": f32[8],
                  param %6 "02BatchNorm.runningVar": f32[8],
                  param %7 "06Linear.weight": f32[5, 72],
                  param %8 "06Linear.bias": f32[5]) {
                  %9 = aten.convolution(%0, %1, %2, [1, 1], [1, 1], [1, 1], false, [0, 0], 1) : f32[2, 8, 6, 6]\
                  # (in 01Conv2d, Convolution.java)
                  %10 = aten.batch_norm(%9, %3, %4, %5, %6, false, 0.10000002384185791, 9.999999747378752E-6, false)\
                 : f32[2, 8, 6, 6]  # (in 02BatchNorm, BatchNorm.java)
                  %11 = aten.relu(%10) : f32[2, 8, 6, 6]  # (in 03LambdaBlock, Activation.java)
                  %12 = aten.max_pool2d(%11, [2, 2], [2, 2], [0, 0], [1, 1], false) : f32[2, 8, 3, 3]\
                  # (in 04LambdaBlock, Pool.java)
                  %13 = aten.reshape(%12, [2, -1]) : f32[2, 72]  # (in 05LambdaBlock, Blocks.java)
                  %14 = aten.linear(%13, %7, %8) : f32[2, 5]  # (in 06Linear, Linear.java)
                  return (%14)
                }
                """);
    }
}
