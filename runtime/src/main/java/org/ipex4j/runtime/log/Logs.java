package org.ipex4j.runtime.log;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The topics that {@code IPEX_LOGS} switches on, a comma list such as {@code graph,fusion}; the
 * system property {@code ai.djl.ipex.logs} does the same. Each has an SLF4J logger of its own,
 * {@code org.ipex4j.<topic>}, and logs at level info (which ordinary configurations show), except
 * {@link #MEMORY}, which logs at debug.
 */
public enum Logs {
    /** Captured graphs, and graphs after each pass. */
    GRAPH,
    /** Fused groups and absorbed epilogues. */
    FUSION,
    /** Guards that failed, and compilations that followed. */
    RECOMPILES,
    /** LLVM text and assembly of kernels. */
    CODE,
    /** Time per step of each run. */
    PERF,
    /** Native memory: leaks with their allocation site. */
    MEMORY;

    private static final Set<Logs> ENABLED = parse(setting());

    private final Logger logger =
            LoggerFactory.getLogger("org.ipex4j." + name().toLowerCase(Locale.ROOT));

    private static String setting() {
        String text = System.getenv("IPEX_LOGS");
        return text == null || text.isBlank() ? System.getProperty("ai.djl.ipex.logs", "") : text;
    }

    /** The topics of a comma list; unknown names are refused with the known ones. */
    static Set<Logs> parse(String list) {
        Set<Logs> out = EnumSet.noneOf(Logs.class);
        for (String part : list.split(",")) {
            String name = part.strip();
            if (name.isEmpty()) {
                continue;
            }
            Logs topic =
                    Arrays.stream(values())
                            .filter(t -> t.name().equalsIgnoreCase(name))
                            .findFirst()
                            .orElse(null);
            if (topic != null) {
                out.add(topic);
            } else if (name.equalsIgnoreCase("all")) {
                out.addAll(EnumSet.allOf(Logs.class));
            } else {
                LoggerFactory.getLogger(Logs.class)
                        .warn(
                                "IPEX_LOGS: unknown topic '{}'; known are all,{}",
                                name,
                                Arrays.stream(values())
                                        .map(t -> t.name().toLowerCase(Locale.ROOT))
                                        .collect(Collectors.joining(",")));
            }
        }
        return out;
    }

    /** Whether the user asked for this topic. Ask before building an expensive message. */
    public boolean enabled() {
        return ENABLED.contains(this);
    }

    /** Logs if the topic is on. */
    public void log(String message) {
        if (enabled()) {
            if (this == MEMORY) {
                logger.debug(message);
            } else {
                logger.info(message);
            }
        }
    }

    /** Logs with a stack trace if the topic is on. */
    public void log(String message, Throwable at) {
        if (enabled()) {
            if (this == MEMORY) {
                logger.debug(message, at);
            } else {
                logger.info(message, at);
            }
        }
    }

    /** Logs if the topic is on; the message is only then made. */
    public void log(Supplier<String> message) {
        if (enabled()) {
            log(message.get());
        }
    }

    public Logger logger() {
        return logger;
    }
}
