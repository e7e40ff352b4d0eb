package org.ipex4j.app.bench;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;

/**
 * An ONNX model being written: the fields of {@code onnx.proto3} that a plain graph needs, by their
 * numbers there.
 */
final class OnnxModel {
    /** The operator set: the first with Gelu. */
    private static final int OPSET = 20;

    private static final int IR_VERSION = 9;

    private final Proto graph = new Proto().text(2, "model");
    private int constants;

    void input(String name, TensorType type) {
        graph.message(11, valueInfo(name, type));
    }

    void output(String name, TensorType type) {
        graph.message(12, valueInfo(name, type));
    }

    /** A tensor that the model holds, row-major. */
    void initializer(String name, TensorType type, byte[] bytes) {
        Proto tensor = new Proto();
        type.sizes().stream().forEach(s -> tensor.integer(1, s));
        tensor.integer(2, elementType(type.dtype())).text(8, name).bytes(9, bytes);
        graph.message(5, tensor);
    }

    /** An INT64 vector, as shapes and axes are given. */
    String integers(long... values) {
        ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(values);
        String name = "c" + constants++;
        initializer(name, new TensorType(DType.INT64, Sizes.of(values.length)), bytes.array());
        return name;
    }

    /** An INT64 scalar. */
    String index(long value) {
        byte[] bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
        String name = "c" + constants++;
        initializer(name, new TensorType(DType.INT64, Sizes.SCALAR), bytes);
        return name;
    }

    /** An FP32 scalar. */
    String number(double value) {
        byte[] bytes =
                ByteBuffer.allocate(4)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putFloat((float) value)
                        .array();
        String name = "c" + constants++;
        initializer(name, new TensorType(DType.FLOAT32, Sizes.SCALAR), bytes);
        return name;
    }

    /** Begins an operator; attributes are added to what is returned before the next call. */
    Operator operator(String type, List<String> inputs, List<String> outputs) {
        return new Operator(type, inputs, outputs);
    }

    /** The file's bytes. */
    byte[] toArray() {
        return new Proto()
                .integer(1, IR_VERSION)
                .text(2, "ipex4j")
                .message(7, graph)
                .message(8, new Proto().text(1, "").integer(2, OPSET))
                .toArray();
    }

    /** One node with its attributes. */
    final class Operator {
        private final Proto node = new Proto();

        private Operator(String type, List<String> inputs, List<String> outputs) {
            inputs.forEach(i -> node.text(1, i));
            outputs.forEach(o -> node.text(2, o));
            node.text(4, type);
        }

        Operator with(String attribute, long value) {
            node.message(5, new Proto().text(1, attribute).integer(3, value).integer(20, 2));
            return this;
        }

        Operator with(String attribute, float value) {
            node.message(5, new Proto().text(1, attribute).real(2, value).integer(20, 1));
            return this;
        }

        Operator with(String attribute, long[] values) {
            Proto p = new Proto().text(1, attribute);
            for (long v : values) {
                p.integer(8, v);
            }
            node.message(5, p.integer(20, 7));
            return this;
        }

        void add() {
            graph.message(1, node);
        }
    }

    private static Proto valueInfo(String name, TensorType type) {
        Proto shape = new Proto();
        type.sizes().stream().forEach(s -> shape.message(1, new Proto().integer(1, s)));
        Proto tensor = new Proto().integer(1, elementType(type.dtype())).message(2, shape);
        return new Proto().text(1, name).message(2, new Proto().message(1, tensor));
    }

    /** The number of {@code TensorProto.DataType}. */
    static int elementType(DType t) {
        return switch (t) {
            case FLOAT32 -> 1;
            case UINT8 -> 2;
            case INT8 -> 3;
            case INT16 -> 5;
            case INT32 -> 6;
            case INT64 -> 7;
            case BOOL -> 9;
            case FLOAT16 -> 10;
            case FLOAT64 -> 11;
            case BFLOAT16 -> 16;
        };
    }
}
