package org.ipex4j.engine;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineProvider;

/** Finds the engine for DJL's service loader. */
public final class IpexEngineProvider implements EngineProvider {
    @Override
    public String getEngineName() {
        return IpexEngine.NAME;
    }

    @Override
    public int getEngineRank() {
        return IpexEngine.RANK;
    }

    @Override
    public Engine getEngine() {
        return IpexEngine.instance();
    }
}
