package org.ipex4j.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.training.ParameterStore;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParameterCastTest {
    private static final DataType BF16 = DataType.BFLOAT16;
    private static final Shape INPUT = new Shape(2, 3, 8, 8);

    private static Block net() {
        Linear shared = Linear.builder().setUnits(4).build();
        return new SequentialBlock()
                .add(Conv2d.builder().setKernelShape(new Shape(3, 3)).setFilters(4).build())
                .add(BatchNorm.builder().build())
                .add(l -> new NDList(l.head().mean(new int[] {2, 3})))
                .add(shared)
                .add(Activation::relu)
                .add(shared);
    }

    private static Model model(String name) {
        Model model = Model.newInstance(name, "IPEX");
        model.setBlock(net());
        return model;
    }

    private static NDArray run(Model model, NDArray x) {
        ParameterStore store = new ParameterStore(model.getNDManager(), false);
        return model.getBlock().forward(store, new NDList(x), false).head();
    }

    @Test
    void castsAllParameters() {
        try (Model model = model("net")) {
            NDManager m = model.getNDManager();
            model.getBlock().initialize(m, DataType.FLOAT32, INPUT);
            NDArray x = m.randomNormal(INPUT);
            NDArray expected = run(model, x);
            NDArray before = model.getBlock().getParameters().get(0).getValue().getArray();
            model.cast(BF16);
            assertThat(before.isReleased()).isTrue();
            assertThat(model.getDataType()).isEqualTo(BF16);
            assertThat(model.getBlock().getParameters().values())
                    .hasSizeGreaterThan(7)
                    .allMatch(p -> p.getArray().getDataType() == BF16)
                    .allMatch(p -> p.getName().equals(p.getArray().getName()));
            NDArray actual = run(model, x.toType(BF16, false));
            assertThat(actual.getDataType()).isEqualTo(BF16);
            assertThat(actual.allClose(expected, 0.05, 0.02, false)).isTrue();
            model.cast(DataType.FLOAT32);
            assertThat(run(model, x).allClose(expected, 0.05, 0.02, false)).isTrue();
        }
    }

    @Test
    void compiledBlocksSeeTheNewTypes() {
        try (Model model = model("net")) {
            NDManager m = model.getNDManager();
            Block net = model.getBlock();
            net.initialize(m, DataType.FLOAT32, INPUT);
            Block compiled = Ipex.compile(net);
            ParameterStore store = new ParameterStore(m, false);
            NDArray x = m.randomNormal(INPUT);
            NDArray expected = compiled.forward(store, new NDList(x), false).head();
            compiled.cast(BF16);
            NDArray actual =
                    compiled.forward(store, new NDList(x.toType(BF16, false)), false).head();
            assertThat(actual.getDataType()).isEqualTo(BF16);
            assertThat(actual.allClose(expected, 0.05, 0.02, false)).isTrue();
        }
    }

    @Test
    void castModelsAreSavedAndLoaded(@TempDir Path dir) throws Exception {
        try (Model model = model("net");
                Model other = model("net")) {
            model.getBlock().initialize(model.getNDManager(), DataType.FLOAT32, INPUT);
            model.cast(BF16);
            model.save(dir, "net");
            other.load(dir, "net");
            NDArray x = model.getNDManager().randomNormal(INPUT).toType(BF16, false);
            NDArray loaded = run(other, x);
            assertThat(loaded.getDataType()).isEqualTo(BF16);
            assertThat(loaded).isEqualTo(run(model, x));
        }
    }

    @Test
    void refusals() {
        try (Model model = Model.newInstance("empty", "IPEX");
                Model blank = model("blank")) {
            assertThatThrownBy(() -> model.cast(BF16))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("Model.cast: model 'empty' has no block: call setBlock first");
            assertThatThrownBy(() -> blank.cast(BF16))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("has no array yet: initialize or load the block first");
            assertThatThrownBy(() -> blank.cast(DataType.INT8))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("Block.cast: a floating type expected, got int8");
        }
    }
}
