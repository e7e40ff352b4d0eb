package org.ipex4j.zoo.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.transform.Crop;
import ai.djl.modality.cv.transform.Normalize;
import ai.djl.modality.cv.transform.RandomFlipLeftRight;
import ai.djl.modality.cv.transform.RandomFlipTopBottom;
import ai.djl.modality.cv.transform.Resize;
import ai.djl.modality.cv.transform.ResizeShort;
import ai.djl.modality.cv.transform.ToTensor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.Pipeline;
import ai.djl.translate.Transform;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.ipex4j.compiler.oracle.Oracle;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.engine.Explanation;
import org.ipex4j.engine.Ipex;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;
import org.ipex4j.runtime.memory.LiveBytes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Transforms of batches against DJL's picture by picture, and libtorch. */
class BatchPipelineTest extends DataTest {
    private static final float[] MEAN = {0.5f, 0.4f, 0.3f};
    private static final float[] DEVIATION = {0.5f, 0.25f, 0.7f};

    private NDArray planes(int pictures) {
        byte[] bytes = new byte[pictures * CifarFiles.PIXELS];
        new Random(1).nextBytes(bytes);
        return manager.create(
                java.nio.ByteBuffer.wrap(bytes), new Shape(pictures, 3, 32, 32), DataType.UINT8);
    }

    /** Transforms whose results are the same bit for bit, in one kernel or in several. */
    static Stream<List<Transform>> exact() {
        return Stream.of(
                List.of(),
                List.of(new ToTensor()),
                List.of(new Crop(3, 5, 20, 21), new ToTensor(), new Normalize(MEAN, DEVIATION)),
                List.of(new Resize(64, 64, Image.Interpolation.NEAREST), new ToTensor()),
                // Twice the size: the weights are quarters.
                List.of(new Resize(64), new ToTensor(), new Normalize(MEAN, DEVIATION)));
    }

    /** Transforms with weights that are rounded. */
    static Stream<List<Transform>> rounded() {
        return Stream.of(
                List.of(new Resize(45)),
                List.of(new Resize(33, 71), new ToTensor(), new Normalize(MEAN, DEVIATION)),
                List.of(new Resize(13, 7), new ToTensor()),
                List.of(new Crop(3, 5, 20, 21), new Resize(40), new ToTensor()),
                List.of(new Resize(40), new Crop(0, 1, 37, 38), new ToTensor()));
    }

    private record Both(float[] batch, float[] singles) {}

    /** A batch at once, and what DJL makes of each of its pictures. */
    private Both run(List<Transform> transforms) {
        NDArray planes = planes(5);
        NDArray batch = BatchPipeline.of(transforms).run(manager, planes, new Random(0));
        Pipeline pipeline = new Pipeline(transforms.toArray(Transform[]::new));
        NDList singles = new NDList();
        for (int i = 0; i < 5; i++) {
            NDArray picture = planes.get(i).transpose(1, 2, 0);
            singles.addAll(pipeline.transform(new NDList(picture)));
        }
        NDArray stacked = NDArrays.stack(singles);
        assertThat(batch.getDataType()).isEqualTo(stacked.getDataType());
        assertThat(batch.getShape()).isEqualTo(stacked.getShape());
        return new Both(
                batch.toType(DataType.FLOAT32, false).toFloatArray(),
                stacked.toType(DataType.FLOAT32, false).toFloatArray());
    }

    @ParameterizedTest
    @MethodSource("exact")
    void batchesAreWhatDjlMakesOfEachPicture(List<Transform> transforms) {
        Both both = run(transforms);
        assertThat(both.batch).isEqualTo(both.singles);
    }

    /**
     * DJL cuts the fractions of resized bytes off. What is within rounding of a whole number goes
     * either way, one step of a byte apart; everything else is equal.
     */
    @ParameterizedTest
    @MethodSource("rounded")
    void resizedBatchesAreWhatDjlMakesOfEachPicture(List<Transform> transforms) {
        Both both = run(transforms);
        boolean bytes = transforms.size() == 1;
        boolean normalized = transforms.getLast() instanceof Normalize;
        float step = bytes ? 1 : 1 / 255f / (normalized ? 0.25f : 1);
        int apart = 0;
        for (int i = 0; i < both.batch.length; i++) {
            float difference = Math.abs(both.batch[i] - both.singles[i]);
            if (difference > 1e-6f) {
                apart++;
                assertThat(difference).isLessThan(1.01f * step);
            }
        }
        assertThat(apart).isLessThan(both.batch.length / 50);
    }

    /** The bytes are widened once, then one kernel reads them and writes what the model reads. */
    @Test
    void trainingsPipelineIsFused() {
        BatchPipeline pipeline =
                BatchPipeline.of(
                        List.of(new Resize(96), new ToTensor(), new Normalize(MEAN, DEVIATION)));
        Explanation e = Ipex.explain(pipeline.compiled, new NDList(planes(4)));
        assertThat(e.graphs()).hasSize(1);
        assertThat(e.breaks()).isEmpty();
        assertThat(e.reports()).hasSize(1);
        List<String> kernels = e.reports().getFirst().kernels();
        // Bytes are read once for each of many pixels made of them, so they are widened before.
        assertThat(kernels).hasSize(2);
        assertThat(kernels.getLast()).contains("upsample_bilinear2d", "permute", "div", "sub");
        assertThat(e.reports().getFirst().libraryCalls()).isEmpty();
    }

    /** torch.nn.functional.interpolate(mode="bilinear", align_corners=False), as DJL's PyTorch. */
    @Test
    void resizedIsWhatLibtorchInterpolates() {
        NDArray planes = planes(2);
        NDArray out =
                BatchPipeline.of(List.of(new Resize(45, 50), new ToTensor()))
                        .run(manager, planes, new Random(0));
        byte[] bytes = planes.toByteArray();
        RefTensor floats =
                RefTensor.build(
                        new TensorType(DType.FLOAT32, Sizes.of(2, 3, 32, 32)),
                        i -> bytes[i] & 0xff);
        double[] expected = interpolate(floats, 50, 45);
        float[] got = out.toFloatArray();
        assertThat(got).hasSameSizeAs(expected);
        for (int i = 0; i < got.length; i++) {
            // DJL converts resized pictures back to bytes, which cuts fractions off; what is within
            // rounding of a whole number may go either way.
            double scaled = got[i] * 255.0;
            assertThat(scaled).isCloseTo(Math.rint(scaled), within(1e-4));
            assertThat(expected[i] - scaled).isBetween(-1e-4, 1 + 1e-4);
        }
    }

    private static double[] interpolate(RefTensor x, long height, long width) {
        Op op = OpCatalog.get("aten.upsample_bilinear2d");
        return Oracle.call(op.name(), Args.of(op.schema(), x, new long[] {height, width}, false))
                .getFirst()
                .toDoubles();
    }

    @Test
    void flipsMirrorSomePicturesAndKeepTheOthers() {
        NDArray planes = planes(16);
        for (boolean leftRight : new boolean[] {true, false}) {
            Transform flip = leftRight ? new RandomFlipLeftRight() : new RandomFlipTopBottom();
            NDArray out = BatchPipeline.of(List.of(flip)).run(manager, planes, new Random(2));
            int mirrored = 0;
            for (int i = 0; i < 16; i++) {
                byte[] before = planes.get(i).toByteArray();
                byte[] after = out.get(i).transpose(2, 0, 1).toByteArray();
                byte[] expected = planes.get(i).flip(leftRight ? 2 : 1).toByteArray();
                mirrored += Arrays.equals(after, expected) ? 1 : 0;
                assertThat(after).isIn(before, expected);
            }
            assertThat(mirrored).isBetween(3, 13);
        }
    }

    @Test
    void cropsAreWindowsOfThePaddedPicture() {
        NDArray planes = planes(6);
        RandomCrop crop = new RandomCrop(30, 4);
        for (boolean tensors : new boolean[] {false, true}) {
            List<Transform> transforms = new ArrayList<>(List.of(crop));
            transforms.add(tensors ? 0 : 1, new ToTensor());
            NDArray out =
                    BatchPipeline.of(transforms).run(manager, planes, new Random(3)).mul(255f);
            assertThat(out.getShape()).isEqualTo(new Shape(6, 3, 30, 30));
            for (int i = 0; i < 6; i++) {
                float[] padded =
                        planes.get(i)
                                .toType(DataType.FLOAT32, true)
                                .pad(new Shape(4, 4, 4, 4), 0)
                                .toFloatArray();
                assertThat(places(padded, out.get(i).toFloatArray())).isEqualTo(1);
            }
        }
        assertThatThrownBy(
                        () ->
                                BatchPipeline.of(List.of(new RandomCrop(41, 4)))
                                        .run(manager, planes, new Random(3)))
                .hasMessageContaining("size 41 with padding 4")
                .hasMessageContaining("(1, 32, 32, 3)");
    }

    /** At how many places of a picture [3, 40, 40] a window [3, 30, 30] lies. */
    private static int places(float[] padded, float[] window) {
        int found = 0;
        for (int y = 0; y <= 10; y++) {
            for (int x = 0; x <= 10; x++) {
                boolean same = true;
                for (int i = 0; same && i < window.length; i++) {
                    int c = i / 900;
                    int row = y + i / 30 % 30;
                    same = Math.abs(padded[(c * 40 + row) * 40 + x + i % 30] - window[i]) < 1e-3;
                }
                found += same ? 1 : 0;
            }
        }
        return found;
    }

    @Test
    void randomChoicesDependOnTheirNumbersAlone() {
        NDArray planes = planes(9);
        BatchPipeline p = BatchPipeline.of(List.of(new RandomCrop(32, 4), RandomFlip.leftRight()));
        byte[] first = p.run(manager, planes, new Random(7)).toByteArray();
        assertThat(p.run(manager, planes, new Random(8)).toByteArray()).isNotEqualTo(first);
        assertThat(p.run(manager, planes, new Random(7)).toByteArray()).isEqualTo(first);
    }

    @Test
    void transformsOfSinglePicturesAreTold() {
        Transform single = new ResizeShort(40);
        assertThat(BatchPipeline.unknown(List.of(new ToTensor(), single))).containsSame(single);
        assertThat(BatchPipeline.unknown(List.of(new ToTensor()))).isEmpty();
        Transform derived =
                new ToTensor() {
                    @Override
                    public NDArray transform(NDArray array) {
                        return array.neg();
                    }
                };
        assertThat(BatchPipeline.unknown(List.of(derived))).containsSame(derived);
    }

    @Test
    void nothingIsLeftBehind() {
        BatchPipeline p =
                BatchPipeline.of(List.of(new RandomCrop(32, 4), new Resize(40), new ToTensor()));
        NDArray planes = planes(4);
        int arrays = manager.getManagedArrays().size();
        LiveBytes.assertSteady(() -> p.run(manager, planes, new Random(1)).close());
        assertThat(manager.getManagedArrays()).hasSize(arrays);
    }
}
