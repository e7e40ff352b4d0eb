package org.ipex4j.zoo;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/** The image classifiers by torchvision's names. */
public final class Classifiers {
    private static final Map<String, IntFunction<ImageClassifier>> BY_NAME = new LinkedHashMap<>();

    static {
        BY_NAME.put("resnet18", ResNet::resnet18);
        BY_NAME.put("resnet34", ResNet::resnet34);
        BY_NAME.put("resnet50", ResNet::resnet50);
        BY_NAME.put("resnet101", ResNet::resnet101);
        BY_NAME.put("resnet152", ResNet::resnet152);
        BY_NAME.put("resnext50_32x4d", ResNet::resnext50);
        BY_NAME.put("wide_resnet50_2", ResNet::wideResnet50);
        BY_NAME.put("vgg11", classes -> Vgg.vgg11(false, classes));
        BY_NAME.put("vgg11_bn", classes -> Vgg.vgg11(true, classes));
        BY_NAME.put("vgg13", classes -> Vgg.vgg13(false, classes));
        BY_NAME.put("vgg13_bn", classes -> Vgg.vgg13(true, classes));
        BY_NAME.put("vgg16", classes -> Vgg.vgg16(false, classes));
        BY_NAME.put("vgg16_bn", classes -> Vgg.vgg16(true, classes));
        BY_NAME.put("vgg19", classes -> Vgg.vgg19(false, classes));
        BY_NAME.put("vgg19_bn", classes -> Vgg.vgg19(true, classes));
        BY_NAME.put("mobilenet_v2", MobileNetV2::mobilenetV2);
        BY_NAME.put("mobilenet_v3_small", MobileNetV3::small);
        BY_NAME.put("mobilenet_v3_large", MobileNetV3::large);
        BY_NAME.put("vit_b_16", VisionTransformer::b16);
        BY_NAME.put("vit_b_32", VisionTransformer::b32);
        BY_NAME.put("vit_l_16", VisionTransformer::l16);
    }

    private Classifiers() {}

    public static List<String> names() {
        return List.copyOf(BY_NAME.keySet());
    }

    /** A fresh model of this name, without parameter values. */
    public static ImageClassifier create(String name, int classes) {
        IntFunction<ImageClassifier> make = BY_NAME.get(name);
        if (make == null) {
            throw new IllegalArgumentException(
                    "unknown model '" + name + "'; known: " + String.join(", ", names()));
        }
        return make.apply(classes);
    }
}
