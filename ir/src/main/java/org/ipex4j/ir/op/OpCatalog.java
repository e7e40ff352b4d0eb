package org.ipex4j.ir.op;

import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Every op the IR knows, by full name, filled by one explicit call per family. */
public final class OpCatalog {
    private static final OpCatalog INSTANCE = new OpCatalog();

    private final Map<String, Op> ops = new LinkedHashMap<>();

    private OpCatalog() {
        Ops.addAll(this);
    }

    /**
     * Adds an op.
     *
     * @param schema as in PyTorch's native_functions.yaml
     */
    void add(String schema, TypeRule rule, CostRule cost, Trait... traits) {
        Schema parsed = Schema.parse(schema);
        Set<Trait> set = EnumSet.noneOf(Trait.class);
        set.addAll(Arrays.asList(traits));
        if (ops.put(parsed.name(), new Op(parsed, set, rule, cost)) != null) {
            throw new IllegalStateException("op declared twice: " + parsed.name());
        }
    }

    /** Adds an op that costs one operation per result element. */
    void add(String schema, TypeRule rule, Trait... traits) {
        add(
                schema,
                rule,
                (args, results) -> results.stream().mapToLong(t -> t.numel()).sum(),
                traits);
    }

    /** The op of this full name. */
    public static Op get(String name) {
        return find(name)
                .orElseThrow(() -> new IllegalArgumentException("unknown op '" + name + "'"));
    }

    public static Optional<Op> find(String name) {
        return Optional.ofNullable(INSTANCE.ops.get(name));
    }

    public static Collection<Op> all() {
        return Collections.unmodifiableCollection(INSTANCE.ops.values());
    }

    /** Names in declaration order. */
    public static List<String> names() {
        return List.copyOf(INSTANCE.ops.keySet());
    }
}
