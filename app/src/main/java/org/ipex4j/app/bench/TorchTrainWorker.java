package org.ipex4j.app.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Trains the exported graph in libtorch, op by op, by its autograd and its own SGD, in BF16 under
 * autocast. Arguments: those of {@link Setting}, and {@code torch} for channels-last or {@code
 * torch-contiguous}.
 */
final class TorchTrainWorker {
    private final Setting setting;
    private final boolean channelsLast;
    private final int batches;
    private final JitModule model;
    private final SGD sgd;
    private final Tensor[] pictures = new Tensor[TrainRecipe.HELD];
    private final Tensor[] labels = new Tensor[TrainRecipe.HELD];
    private int steps;

    TorchTrainWorker(Setting setting, boolean channelsLast) throws Exception {
        this.setting = setting;
        this.channelsLast = channelsLast;
        batches = setting.batches();
        torch.set_num_threads(setting.threads());
        torch.setGraphExecutorOptimize(false);
        model = torch.load(setting.archive().toString());
        model.train();
        List<Tensor> trained = new ArrayList<>();
        for (int i = 0; model.hasattr("p" + i); i++) {
            IValue attribute = model.attr("p" + i);
            Tensor p = new Tensor(attribute.toTensor());
            p.set_data(laidOut(p));
            if (p.requires_grad()) {
                trained.add(p);
            }
        }
        SGDOptions options = new SGDOptions(TrainRecipe.RATE);
        options.momentum().put(TrainRecipe.MOMENTUM);
        sgd = new SGD(new TensorVector(trained.toArray(Tensor[]::new)), options);
        for (int i = 0; i < Math.min(batches, TrainRecipe.HELD); i++) {
            Setting.Values p = setting.readInput(i);
            pictures[i] = laidOut(torch.from_blob(new FloatPointer(p.values()), p.sizes()).clone());
            labels[i] = torch.tensor(setting.readLabels(i)).to(torch.ScalarType.Long);
        }
    }

    /** A tensor in the layout in which the model runs. */
    private Tensor laidOut(Tensor t) {
        return channelsLast && t.dim() == 4 ? t.contiguous(torch.MemoryFormat.ChannelsLast) : t;
    }

    /** Replaces a batch that is held. */
    private void load(int number) throws IOException {
        int i = number % TrainRecipe.HELD;
        Setting.Values p = setting.readInput(number);
        try (PointerScope scope = new PointerScope()) {
            pictures[i].copy_(torch.from_blob(new FloatPointer(p.values()), p.sizes()));
            labels[i].copy_(torch.tensor(setting.readLabels(number)));
        }
    }

    /** The entry of the worker's process. */
    public static void main(String[] args) throws Exception {
        WorkerProtocol protocol = new WorkerProtocol(System.out);
        try (PointerScope scope = new PointerScope()) {
            TorchTrainWorker worker =
                    new TorchTrainWorker(Setting.of(args), args[Setting.ARGUMENTS].equals("torch"));
            protocol.train(worker::step, () -> 0);
        }
    }

    /**
     * Learns from the next batch.
     *
     * @return the loss before the step
     */
    double step() throws IOException {
        if (steps >= TrainRecipe.HELD && steps < batches) {
            load(steps);
        }
        int i = steps++ % Math.min(batches, TrainRecipe.HELD);
        try (PointerScope scope = new PointerScope()) {
            sgd.zero_grad();
            if (setting.isBf16()) {
                TorchWorker.autocast();
            }
            Tensor scores = model.forward(new IValueVector(new IValue(pictures[i]))).toTensor();
            Tensor loss = torch.cross_entropy_loss(scores, labels[i]);
            torch.set_autocast_enabled(torch.DeviceType.CPU, false);
            loss.backward();
            sgd.step();
            return loss.item_float();
        }
    }
}
