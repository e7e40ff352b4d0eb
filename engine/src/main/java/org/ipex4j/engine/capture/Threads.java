package org.ipex4j.engine.capture;

import org.ipex4j.runtime.Runtime;

/** How many threads compiled code may use. */
final class Threads {
    private Threads() {}

    static int count() {
        return Runtime.instance().threads();
    }
}
