package org.ipex4j.runtime.dnnl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.plan.BufferType;
import org.ipex4j.ir.plan.Layout;
import org.ipex4j.ir.plan.LibraryCall;
import org.ipex4j.ir.plan.PostOp;
import org.ipex4j.runtime.Runtime;
import org.junit.jupiter.api.Test;

class FloorTest {
    private static BufferType f32(Layout layout, long... sizes) {
        return new BufferType(DType.FLOAT32, Sizes.of(sizes), layout);
    }

    private static LibraryCall.Convolution convolution(Layout source, PostOp... postOps) {
        Sizes s = Sizes.of(1, 64, 14, 14);
        List<Long> one = List.of(1L, 1L);
        return new LibraryCall.Convolution(
                f32(source, s.toArray()),
                f32(Layout.ANY, 64, 64, 3, 3),
                Optional.empty(),
                f32(Layout.channelsLast(s), s.toArray()),
                one,
                one,
                one,
                one,
                1,
                List.of(postOps));
    }

    @Test
    void countsEqualSizesOnceWhateverTheirLayoutsAndPostOps() {
        Sizes s = Sizes.of(1, 64, 14, 14);
        LibraryCall.MatMul matmul =
                new LibraryCall.MatMul(
                        f32(Layout.strided(64, 1), 13, 64),
                        f32(Layout.strided(100, 1), 64, 100),
                        Optional.empty(),
                        f32(Layout.strided(100, 1), 13, 100),
                        List.of());
        Floor.Report report =
                Floor.measure(
                        Map.of(
                                convolution(Layout.channelsLast(s)),
                                2,
                                convolution(
                                        Layout.blockedChannels(s, 16),
                                        new PostOp.Eltwise("relu", 0, 0)),
                                3,
                                matmul,
                                1),
                        1,
                        0.001);
        assertThat(report.items()).hasSize(2);
        assertThat(report.items()).anySatisfy(i -> assertThat(i.count()).isEqualTo(5));
        assertThat(report.items())
                .allSatisfy(
                        i -> {
                            assertThat(i.seconds()).isBetween(1e-7, 1.0);
                            assertThat(i.implementation()).doesNotStartWith("ref");
                        });
        assertThat(report.seconds())
                .isEqualTo(report.items().stream().mapToDouble(i -> i.count() * i.seconds()).sum());
        assertThat(report.bytesPerSecond()).isBetween(1e8, 1e12);
    }

    @Test
    void gradientsOfConvolutionsCountAndWeightsTakeTheLibrarysLayout() {
        LibraryCall.Convolution forward = convolution(Layout.channelsLast(Sizes.of(1, 64, 14, 14)));
        List<Long> one = List.of(1L, 1L);
        LibraryCall data =
                new LibraryCall.ConvolutionBackwardData(
                        forward.output(),
                        forward.weights(),
                        forward.source(),
                        one,
                        one,
                        one,
                        one,
                        1);
        LibraryCall weights =
                new LibraryCall.ConvolutionBackwardWeights(
                        forward.source(),
                        forward.output(),
                        forward.weights().withLayout(Layout.contiguous(Sizes.of(64, 64, 3, 3))),
                        one,
                        one,
                        one,
                        one,
                        1);
        Floor.Report report = Floor.measure(Map.of(forward, 1, data, 2, weights, 3), 1, 0.001);
        assertThat(report.items())
                .extracting(i -> i.call().kind(), Floor.Item::count)
                .containsExactlyInAnyOrder(
                        tuple("convolution", 1),
                        tuple("convolution_backward_data", 2),
                        tuple("convolution_backward_weights", 3));
        for (Floor.Item i : report.items()) {
            assertThat(i.implementation()).doesNotStartWith("ref");
            BufferType found =
                    i.best() instanceof LibraryCall.ConvolutionBackwardWeights w
                            ? w.output()
                            : i.best().inputs().get(1);
            assertThat(found.layout().isAny()).isFalse();
            assertThat(found.layout().isPlain()).as("%s", i.best()).isFalse();
        }
    }

    @Test
    void remembersMeasurementsAcrossMeasurers() {
        Runtime r = Runtime.instance();
        LibraryCall call =
                r.oracle()
                        .choose(convolution(Layout.channelsLast(Sizes.of(1, 64, 14, 14))))
                        .orElseThrow()
                        .call();
        double first = r.oracle().measure(call);
        // A measurer of its own finds the same number on disk.
        assertThat(new LaneMeasurer(r.target(), r.lanes(), r.diskCache()).seconds(call))
                .isEqualTo(first);
    }
}
