package org.ipex4j.app.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipFile;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Sizes;
import org.ipex4j.ir.TensorType;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Value;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TorchExportTest {
    @TempDir Path dir;

    private static Graph graph() {
        GraphBuilder g = new GraphBuilder();
        Value w = g.input(Input.Role.PARAMETER, "w", type(3, 2));
        Value x = g.input(Input.Role.ARGUMENT, "x", type(4, 2));
        Value y = g.call("aten.linear", x, w);
        Value z = g.call("aten.clamp", y, null, Double.POSITIVE_INFINITY);
        return g.build(g.call("aten.add.Scalar", z, 0.5, 2L));
    }

    private static TensorType type(long... sizes) {
        return new TensorType(DType.FLOAT32, Sizes.of(sizes));
    }

    @Test
    void aGraphBecomesAScriptModule() {
        assertThat(TorchSource.torchScript(graph(), false))
                .isEqualTo(
                        """
                        class Model(Module):
                            __parameters__ = ["p0", ]
                            __buffers__ = []
                            p0 : Tensor
                            training : bool
                            def forward(self: __torch__.Model, x0: Tensor) -> Tensor:
                                v2 = torch.linear(x0, self.p0)
                                v3 = torch.clamp(v2, max=float("inf"))
                                v4 = torch.add(v3, 0.5, alpha=2)
                                return v4
                        """);
    }

    @Test
    void pythonFindsOpsThroughTorchOps() {
        assertThat(TorchSource.python(graph(), false))
                .startsWith("    def forward(self, x0):\n")
                .contains("torch.ops.aten.linear(x0, self.p0)");
    }

    @Test
    void theArchiveHoldsCodeAndBytes() throws Exception {
        ByteBuffer bytes = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 6; i++) {
            bytes.putFloat(4 * i, i - 2.5f);
        }
        Path file = dir.resolve("model.pt");
        TorchArchive.write(
                file,
                graph(),
                false,
                List.of(new TorchArchive.Parameter(new long[] {3, 2}, bytes)));
        try (ZipFile zip = new ZipFile(file.toFile())) {
            assertThat(content(zip, "model/data/0")).isEqualTo(bytes.array());
            assertThat(new String(content(zip, "model/code/__torch__.py"), StandardCharsets.UTF_8))
                    .isEqualTo(TorchSource.torchScript(graph(), false));
            assertThat(new String(content(zip, "model/data.pkl"), StandardCharsets.ISO_8859_1))
                    .contains("c__torch__\nModel\n", "_rebuild_tensor_v2", "p0", "training");
        }
    }

    private static byte[] content(ZipFile zip, String entry) throws Exception {
        return zip.getInputStream(zip.getEntry(entry)).readAllBytes();
    }
}
