package org.ipex4j.zoo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.ipex4j.engine.weights.StateDict;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Names against lists that torchvision printed ({@code key sizes} a line). */
class StateDictTest {
    static Stream<ImageClassifier> models() {
        return Stream.of(
                ResNet.resnet18(),
                ResNet.resnet34(),
                ResNet.resnet50(),
                ResNet.resnet101(),
                ResNet.resnext50(1000),
                ResNet.wideResnet50(1000),
                Vgg.vgg11(false, 1000),
                Vgg.vgg16(true, 1000),
                MobileNetV2.mobilenetV2(),
                MobileNetV3.large(1000),
                MobileNetV3.small(1000),
                VisionTransformer.b16(1000));
    }

    static List<String> published(String model) throws IOException {
        try (InputStream in =
                StateDictTest.class.getResourceAsStream("/state_dicts/" + model + ".txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void namesAreThoseOfTorchvision(ImageClassifier model) throws IOException {
        List<String> names = published(model.name()).stream().map(l -> l.split(" ")[0]).toList();
        assertThat(StateDict.of(model).keySet()).containsExactlyInAnyOrderElementsOf(names);
    }
}
