package org.ipex4j.app.bench;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Runs the exported graph in libtorch, in this process of its own: {@code torch} op by op on
 * channels-last tensors, {@code torchscript} frozen and optimised for inference. In BF16 the first
 * runs under autocast, the second has its parameters and its input cast once. Arguments: those of
 * {@link Setting}, kind.
 */
final class TorchWorker {
    private TorchWorker() {}

    /** The entry of the worker's process. */
    public static void main(String[] args) throws Exception {
        Setting setting = Setting.of(args);
        String kind = args[Setting.ARGUMENTS];
        WorkerProtocol protocol = new WorkerProtocol(System.out);
        torch.set_num_threads(setting.threads());
        Setting.Values given = setting.readInput();
        try (InferenceMode mode = new InferenceMode(true);
                PointerScope scope = new PointerScope()) {
            long start = System.nanoTime();
            JitModule loaded = torch.load(setting.archive().toString());
            loaded.eval();
            Tensor plain = torch.from_blob(new FloatPointer(given.values()), given.sizes()).clone();
            boolean script = kind.equals("torchscript");
            if (setting.isBf16()) {
                if (script) {
                    loaded.to(torch.ScalarType.BFloat16);
                    plain = plain.to(torch.ScalarType.BFloat16);
                } else {
                    autocast();
                }
            }
            JitModule model;
            if (script) {
                model = torch.optimize_for_inference(torch.freeze(loaded));
            } else {
                torch.setGraphExecutorOptimize(false);
                model = loaded;
                channelsLast(loaded);
            }
            boolean image = given.sizes().length == 4;
            Tensor input =
                    image && !script ? plain.contiguous(torch.MemoryFormat.ChannelsLast) : plain;
            try (Tensor output = forward(model, input)) {
                protocol.fact("first", (System.nanoTime() - start) / 1e6);
                Tensor dense = output.to(torch.ScalarType.Float).contiguous();
                float[] values = new float[(int) dense.numel()];
                new FloatPointer(dense.data_ptr_float()).get(values);
                setting.writeOutput("torch-" + kind, values);
            }
            protocol.serve(() -> forward(model, input).close());
        }
    }

    /** Autocast for this thread; weights are cast at each run, as under a scope for each. */
    static void autocast() {
        torch.set_autocast_dtype(torch.DeviceType.CPU, torch.ScalarType.BFloat16);
        torch.set_autocast_cache_enabled(false);
        torch.set_autocast_enabled(torch.DeviceType.CPU, true);
    }

    private static Tensor forward(JitModule model, Tensor input) {
        try (PointerScope scope = new PointerScope()) {
            // toTensor points into the IValue, which ends with the scope: a tensor of our own
            // shares the data.
            Tensor output =
                    new Tensor(model.forward(new IValueVector(new IValue(input))).toTensor());
            output.retainReference();
            return output;
        }
    }

    /**
     * Lays out the weights of convolutions as the input is, once, as {@code
     * Module.to(channels_last)} does.
     */
    private static void channelsLast(JitModule model) {
        for (int i = 0; model.hasattr("p" + i); i++) {
            IValue attribute = model.attr("p" + i);
            Tensor p = new Tensor(attribute.toTensor());
            if (p.dim() == 4) {
                p.set_data(p.contiguous(torch.MemoryFormat.ChannelsLast));
            }
        }
    }
}
