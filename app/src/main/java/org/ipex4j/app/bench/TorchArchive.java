package org.ipex4j.app.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.ipex4j.ir.graph.Graph;

/**
 * Writes a graph and its FP32 parameters as a TorchScript archive, as {@code torch.jit.save} would.
 */
final class TorchArchive {
    private TorchArchive() {}

    /** A parameter: sizes and row-major FP32 bytes. */
    record Parameter(long[] sizes, ByteBuffer bytes) {}

    /**
     * Writes the archive.
     *
     * @param training whether parameters require gradients and BatchNorm trains
     * @param parameters one for each input of the graph that is not an argument, in order
     */
    static void write(Path file, Graph graph, boolean training, List<Parameter> parameters)
            throws IOException {
        try (OutputStream raw = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(raw)) {
            zip.setMethod(ZipOutputStream.STORED);
            List<Boolean> trained =
                    TorchSource.trained(graph).stream().map(t -> t && training).toList();
            entry(zip, "model/data.pkl", data(TorchSource.parameters(graph), trained, parameters));
            entry(
                    zip,
                    "model/code/__torch__.py",
                    TorchSource.torchScript(graph, training).getBytes(StandardCharsets.UTF_8));
            entry(zip, "model/constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
            entry(zip, "model/version", "3\n".getBytes(StandardCharsets.US_ASCII));
            entry(zip, "model/byteorder", "little".getBytes(StandardCharsets.US_ASCII));
            for (int i = 0; i < parameters.size(); i++) {
                ByteBuffer b = parameters.get(i).bytes.duplicate();
                byte[] bytes = new byte[b.remaining()];
                b.get(bytes);
                entry(zip, "model/data/" + i, bytes);
            }
        }
    }

    private static void entry(ZipOutputStream zip, String name, byte[] content) throws IOException {
        ZipEntry e = new ZipEntry(name);
        CRC32 crc = new CRC32();
        crc.update(content);
        e.setCrc(crc.getValue());
        e.setSize(content.length);
        zip.putNextEntry(e);
        zip.write(content);
        zip.closeEntry();
    }

    /** The pickle of a Model object: protocol 2, tensors by reference to the archive's storages. */
    private static byte[] data(
            List<String> names, List<Boolean> trained, List<Parameter> parameters)
            throws IOException {
        Pickle p = new Pickle();
        p.global("__torch__", "Model").op(')').op(0x81).op('}').op('(');
        for (int i = 0; i < names.size(); i++) {
            Parameter t = parameters.get(i);
            long numel = 1;
            for (long s : t.sizes) {
                numel *= s;
            }
            p.text(names.get(i)).global("torch._utils", "_rebuild_tensor_v2").op('(').op('(');
            p.text("storage")
                    .global("torch", "FloatStorage")
                    .text(Integer.toString(i))
                    .text("cpu")
                    .integer(numel);
            p.op('t').op('Q').integer(0).op('(');
            for (long s : t.sizes) {
                p.integer(s);
            }
            p.op('t').op('(');
            long stride = numel;
            for (long s : t.sizes) {
                stride /= Math.max(1, s);
                p.integer(stride);
            }
            p.op('t').op(trained.get(i) ? 0x88 : 0x89); // requires_grad
            p.global("collections", "OrderedDict").op(')').op('R').op('t').op('R');
        }
        p.text("training").op(0x89).op('u').op('b').op('.');
        return p.bytes();
    }

    /** The few opcodes of Python's pickle protocol 2 that an archive needs. */
    private static final class Pickle {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Pickle() {
            op(0x80).op(2);
        }

        Pickle op(int code) {
            out.write(code);
            return this;
        }

        Pickle global(String module, String name) throws IOException {
            op('c');
            out.write((module + "\n" + name + "\n").getBytes(StandardCharsets.US_ASCII));
            return this;
        }

        Pickle text(String s) throws IOException {
            byte[] utf8 = s.getBytes(StandardCharsets.UTF_8);
            op('X');
            out.write(little(4).putInt(utf8.length).array());
            out.write(utf8);
            return this;
        }

        Pickle integer(long v) throws IOException {
            if (v == (int) v) {
                op('J');
                out.write(little(4).putInt((int) v).array());
            } else {
                op(0x8a).op(8);
                out.write(little(8).putLong(v).array());
            }
            return this;
        }

        private static ByteBuffer little(int size) {
            return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        }

        byte[] bytes() {
            return out.toByteArray();
        }
    }
}
