package org.ipex4j.engine;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.engine.StandardCapabilities;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.SymbolBlock;
import ai.djl.training.ParameterServer;
import ai.djl.training.optimizer.Optimizer;
import org.ipex4j.engine.autograd.IpexGradientCollector;
import org.ipex4j.engine.capture.WarmUp;
import org.ipex4j.engine.ndarray.IpexNDManager;
import org.ipex4j.engine.ndarray.RandomSource;
import org.ipex4j.engine.optim.IpexParameterServer;

/**
 * The DJL engine {@code IPEX}: arrays on the CPU, ops through the compiler. DJL's engine of lowest
 * rank is its default; this one stands behind PyTorch and MXNet, and before those for prediction
 * alone.
 */
public final class IpexEngine extends Engine {
    public static final String NAME = "IPEX";
    static final int RANK = 5;

    private IpexEngine() {}

    private static final class Holder {
        static final IpexEngine INSTANCE = new IpexEngine();
    }

    public static IpexEngine instance() {
        WarmUp.start();
        return Holder.INSTANCE;
    }

    @Override
    public Engine getAlternativeEngine() {
        return null;
    }

    @Override
    public String getEngineName() {
        return NAME;
    }

    @Override
    public int getRank() {
        return RANK;
    }

    @Override
    public String getVersion() {
        String version = IpexEngine.class.getPackage().getImplementationVersion();
        return version == null ? "0.1.0" : version;
    }

    @Override
    public boolean hasCapability(String capability) {
        return StandardCapabilities.MKLDNN.equals(capability)
                || StandardCapabilities.OPENMP.equals(capability);
    }

    @Override
    public Model newModel(String name, Device device) {
        return new IpexModel(name, cpu(device));
    }

    @Override
    public SymbolBlock newSymbolBlock(NDManager manager) {
        throw new UnsupportedOperationException(
                "the IPEX engine has no symbol blocks: build the block in Java and load its parameters");
    }

    @Override
    public NDManager newBaseManager() {
        return newBaseManager(null);
    }

    @Override
    public NDManager newBaseManager(Device device) {
        return IpexNDManager.system().newSubManager(device);
    }

    /**
     * Opens a gradient collector; gradients of earlier ones are dropped.
     *
     * @throws IllegalStateException if one is open already
     */
    @Override
    public IpexGradientCollector newGradientCollector() {
        return new IpexGradientCollector();
    }

    @Override
    public ParameterServer newParameterServer(Optimizer optimizer) {
        return IpexParameterServer.of(optimizer);
    }

    /**
     * Seeds the engine's random numbers: the same seed gives the same numbers, whatever the
     * threads.
     */
    @Override
    public void setRandomSeed(int seed) {
        super.setRandomSeed(seed);
        RandomSource.seed(seed);
    }

    /** The device if it is the CPU or null. */
    public static Device cpu(Device device) {
        if (device != null && !Device.cpu().equals(device)) {
            throw new IllegalArgumentException(
                    "the IPEX engine runs on the CPU only, not on " + device);
        }
        return Device.cpu();
    }
}
