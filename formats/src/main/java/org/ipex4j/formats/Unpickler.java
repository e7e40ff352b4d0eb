package org.ipex4j.formats;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ipex4j.ir.Sizes;

/**
 * Reads a pickle as data. Nothing that a pickle names is looked up or called: a short list of names
 * that state dicts use is understood, anything else is refused with its name. Opcodes: Python's
 * {@code pickletools}, protocols 2 to 5.
 */
final class Unpickler {
    /** Python's {@code None}. */
    static final Object NONE =
            new Object() {
                @Override
                public String toString() {
                    return "None";
                }
            };

    private static final Object MARK = new Object();
    private static final int MAX_DEPTH = 1_000_000;
    private static final Set<String> TENSORS =
            Set.of(
                    "torch._utils._rebuild_tensor_v2",
                    "torch._utils._rebuild_tensor",
                    "torch._utils._rebuild_parameter");

    /** A class or function that a pickle names; never more than its name. */
    record Global(String name) {}

    /** Finds what a persistent id refers to. */
    @FunctionalInterface
    interface PersistentLoad {
        Object load(Object id) throws IOException;
    }

    private final Path path;
    private final byte[] bytes;
    private final int start;
    private final PersistentLoad persistent;
    private final List<Object> stack = new ArrayList<>();
    private final Map<Long, Object> memo = new HashMap<>();
    private boolean buildTensors = true;
    private int at;

    Unpickler(Path path, byte[] bytes, PersistentLoad persistent) {
        this(path, bytes, 0, persistent);
    }

    private Unpickler(Path path, byte[] bytes, int start, PersistentLoad persistent) {
        this.path = path;
        this.bytes = bytes;
        this.start = start;
        this.at = start;
        this.persistent = persistent;
    }

    /** A reader of the pickle that follows this one, which must have been loaded. */
    Unpickler next(PersistentLoad load) {
        return new Unpickler(path, bytes, at, load);
    }

    /** Makes null of every tensor: for a first pass that only collects persistent ids. */
    Unpickler withoutTensors() {
        buildTensors = false;
        return this;
    }

    /** First byte after the pickle. */
    int position() {
        return at;
    }

    /**
     * The object that the pickle describes: maps, lists, strings, numbers, {@link StoredTensor}s.
     */
    Object load() throws IOException {
        try {
            return run();
        } catch (IndexOutOfBoundsException | ClassCastException e) {
            throw new FormatException(path, "the pickle is damaged near byte " + at, e);
        }
    }

    private Object run() throws IOException {
        while (true) {
            if (at >= bytes.length) {
                throw new FormatException(
                        path, "the pickle that begins at byte " + start + " has no end");
            }
            if (stack.size() > MAX_DEPTH) {
                throw new FormatException(
                        path, "the pickle piles up more than " + MAX_DEPTH + " objects");
            }
            int op = bytes[at++] & 0xff;
            switch (op) {
                case 0x80 -> protocol(u8());
                case 0x95 -> u64(); // FRAME: its length
                case '.' -> {
                    return pop();
                }
                case '(' -> stack.add(MARK);
                case '0' -> pop();
                case '2' -> push(peek());
                case 'N' -> push(NONE);
                case 0x88 -> push(true);
                case 0x89 -> push(false);
                case 'J' -> push((long) (int) u32());
                case 'K' -> push((long) u8());
                case 'M' -> push((long) (u8() | u8() << 8));
                case 0x8a -> push(longValue(u8()));
                case 'G' -> push(ByteBuffer.wrap(take(8)).order(ByteOrder.BIG_ENDIAN).getDouble());
                case 'X' -> push(text(u32()));
                case 0x8c -> push(text(u8()));
                case 0x8d -> push(text(u64()));
                case 'T' -> push(latin(u32()));
                case 'U' -> push(latin(u8()));
                case 'B' -> push(take(u32()));
                case 'C' -> push(take(u8()));
                case ']' -> push(new ArrayList<>());
                case '}' -> push(new LinkedHashMap<>());
                case 0x8f -> push(new LinkedHashSet<>());
                case ')' -> push(List.of());
                case 'a' -> {
                    Object v = pop();
                    list(peek()).add(v);
                }
                case 'e' -> {
                    List<Object> items = popMark();
                    list(peek()).addAll(items);
                }
                case 'l' -> push(popMark());
                case 's' -> {
                    Object v = pop();
                    Object k = pop();
                    put(peek(), k, v);
                }
                case 'u' -> {
                    List<Object> items = popMark();
                    for (int i = 0; i + 1 < items.size(); i += 2) {
                        put(peek(), items.get(i), items.get(i + 1));
                    }
                }
                case 'd' -> {
                    List<Object> items = popMark();
                    push(new LinkedHashMap<>());
                    for (int i = 0; i + 1 < items.size(); i += 2) {
                        put(peek(), items.get(i), items.get(i + 1));
                    }
                }
                case 0x90 -> dropSetItems();
                case 't' -> push(Collections.unmodifiableList(popMark()));
                case 0x85 -> pushTuple(1);
                case 0x86 -> pushTuple(2);
                case 0x87 -> pushTuple(3);
                case 'q' -> memo.put((long) u8(), peek());
                case 'r' -> memo.put(u32(), peek());
                case 0x94 -> memo.put((long) memo.size(), peek());
                case 'h' -> push(recall(u8()));
                case 'j' -> push(recall(u32()));
                case 'c' -> push(global(line() + "." + line()));
                case 0x93 -> {
                    Object name = pop();
                    push(global(pop() + "." + name));
                }
                case 'Q' -> push(persistent.load(pop()));
                case 'R' -> {
                    Object arguments = pop();
                    push(call(pop(), arguments));
                }
                case 0x81 -> {
                    Object arguments = pop();
                    push(call(pop(), arguments));
                }
                case 'b' ->
                        pop(); // BUILD: the state of an OrderedDict or Parameter, attributes beside
                // the tensors
                default ->
                        throw new FormatException(
                                path,
                                "the pickle has the opcode 0x"
                                        + Integer.toHexString(op)
                                        + " at byte "
                                        + (at - 1)
                                        + ", which state dicts do not use");
            }
        }
    }

    private void protocol(int version) throws FormatException {
        if (version > 5) {
            throw new FormatException(
                    path, "the pickle has protocol " + version + ", at most 5 is known");
        }
    }

    /** The list of what may be named. */
    private Global global(String name) throws FormatException {
        boolean known =
                name.equals("collections.OrderedDict")
                        || name.equals("torch.Size")
                        || TENSORS.contains(name)
                        || TorchStorage.isClass(name);
        if (!known) {
            throw new FormatException(
                    path,
                    "the pickle names '"
                            + name
                            + "', which is not on the list of what a state_dict may hold; "
                            + "nothing was run. Save model.state_dict() rather than the model");
        }
        return new Global(name);
    }

    private Object call(Object function, Object arguments) throws IOException {
        if (!(function instanceof Global g) || !(arguments instanceof List<?> args)) {
            throw new FormatException(
                    path, "the pickle calls something other than a function by name");
        }
        return switch (g.name) {
            case "collections.OrderedDict" -> {
                Map<Object, Object> map = new LinkedHashMap<>();
                if (!args.isEmpty()) {
                    for (Object pair : (List<?>) args.getFirst()) {
                        put(map, ((List<?>) pair).get(0), ((List<?>) pair).get(1));
                    }
                }
                yield map;
            }
            case "torch.Size" -> args.getFirst();
            case "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2" -> tensor(args);
            case "torch._utils._rebuild_parameter" -> args.getFirst();
            default -> throw new FormatException(path, "the pickle calls '" + g.name + "'");
        };
    }

    /** {@code _rebuild_tensor_v2(storage, offset, size, stride, …)}, with every bound checked. */
    private Object tensor(List<?> args) throws FormatException {
        if (!(args.get(0) instanceof TorchStorage storage)
                || !(args.get(1) instanceof Long offset)) {
            throw new FormatException(
                    path,
                    "the pickle builds a tensor from something other than a storage and an offset");
        }
        if (!buildTensors) {
            return NONE;
        }
        long[] sizes = longs(args.get(2));
        long[] strides = longs(args.get(3));
        String what =
                "a tensor of sizes "
                        + Arrays.toString(sizes)
                        + ", strides "
                        + Arrays.toString(strides)
                        + " and offset "
                        + offset
                        + " in storage '"
                        + storage.id().key()
                        + "' of "
                        + storage.id().numel()
                        + " elements";
        boolean empty = Arrays.stream(sizes).anyMatch(s -> s == 0);
        if (sizes.length != strides.length
                || offset < 0
                || Arrays.stream(sizes).anyMatch(s -> s < 0)
                || Arrays.stream(strides).anyMatch(s -> s < 0)) {
            throw new FormatException(path, "the pickle builds " + what);
        }
        long span = empty ? 0 : 1;
        try {
            for (int d = 0; d < sizes.length && !empty; d++) {
                span = Math.addExact(span, Math.multiplyExact(sizes[d] - 1, strides[d]));
            }
            if (Math.addExact(offset, span) > storage.id().numel()) {
                throw new FormatException(
                        path, "the pickle builds " + what + ": it reaches past the storage's end");
            }
        } catch (ArithmeticException e) {
            throw new FormatException(path, "the pickle builds " + what, e);
        }
        int width = storage.id().type().byteSize();
        MemorySegment window = storage.bytes().asSlice(offset * width, span * width);
        return new StoredTensor("", storage.id().type(), Sizes.of(sizes), strides, window);
    }

    private static long[] longs(Object list) {
        return ((List<?>) list).stream().mapToLong(v -> (Long) v).toArray();
    }

    private Object recall(long key) throws FormatException {
        Object v = memo.get(key);
        if (v == null) {
            throw new FormatException(
                    path, "the pickle refers to object " + key + ", which it has not made");
        }
        return v;
    }

    @SuppressWarnings("unchecked") // lists on the stack are made here
    private List<Object> list(Object o) throws FormatException {
        if (o instanceof ArrayList<?> l) {
            return (List<Object>) l;
        }
        throw new FormatException(path, "the pickle appends to " + o.getClass().getSimpleName());
    }

    @SuppressWarnings("unchecked") // maps on the stack are made here
    private void put(Object map, Object key, Object value) throws FormatException {
        if (!(map instanceof LinkedHashMap<?, ?> m)) {
            throw new FormatException(
                    path, "the pickle sets an item of " + map.getClass().getSimpleName());
        }
        if (!(key instanceof String
                || key instanceof Long
                || key instanceof Boolean
                || key instanceof Double)) {
            throw new FormatException(
                    path, "the pickle has a key of type " + key.getClass().getSimpleName());
        }
        ((Map<Object, Object>) m).put(key, value);
    }

    /** Sets hold no tensors of a state_dict: their items are dropped. */
    private void dropSetItems() throws FormatException {
        popMark();
        if (!(peek() instanceof LinkedHashSet<?>)) {
            throw new FormatException(
                    path, "the pickle adds to " + peek().getClass().getSimpleName());
        }
    }

    private void push(Object o) {
        stack.add(o);
    }

    private void pushTuple(int size) {
        Object[] items = new Object[size];
        for (int i = size - 1; i >= 0; i--) {
            items[i] = pop();
        }
        push(Collections.unmodifiableList(Arrays.asList(items)));
    }

    private Object pop() {
        return stack.remove(stack.size() - 1);
    }

    private Object peek() {
        return stack.get(stack.size() - 1);
    }

    private List<Object> popMark() {
        int mark = stack.lastIndexOf(MARK);
        List<Object> items = new ArrayList<>(stack.subList(mark + 1, stack.size()));
        stack.subList(mark, stack.size()).clear();
        return items;
    }

    private Object longValue(int length) throws FormatException {
        byte[] little = take(length);
        byte[] big = new byte[length + 1];
        for (int i = 0; i < length; i++) {
            big[length - i] = little[i];
        }
        big[0] = (byte) (length > 0 && little[length - 1] < 0 ? -1 : 0);
        BigInteger v = new BigInteger(big);
        return v.bitLength() < 64 ? (Object) v.longValue() : v;
    }

    private String text(long length) throws FormatException {
        return new String(take(length), StandardCharsets.UTF_8);
    }

    private String latin(long length) throws FormatException {
        return new String(take(length), StandardCharsets.ISO_8859_1);
    }

    private String line() throws FormatException {
        int end = at;
        while (end < bytes.length && bytes[end] != '\n') {
            end++;
        }
        if (end == bytes.length) {
            throw new FormatException(path, "the pickle ends inside a name");
        }
        String s = new String(bytes, at, end - at, StandardCharsets.UTF_8);
        at = end + 1;
        return s;
    }

    private byte[] take(long length) throws FormatException {
        if (length < 0 || length > bytes.length - at) {
            throw new FormatException(
                    path,
                    "the pickle at byte "
                            + at
                            + " wants "
                            + length
                            + " bytes, "
                            + (bytes.length - at)
                            + " are left");
        }
        byte[] out = Arrays.copyOfRange(bytes, at, at + (int) length);
        at += (int) length;
        return out;
    }

    private int u8() {
        return bytes[at++] & 0xff;
    }

    private long u32() throws FormatException {
        return Integer.toUnsignedLong(
                ByteBuffer.wrap(take(4)).order(ByteOrder.LITTLE_ENDIAN).getInt());
    }

    private long u64() throws FormatException {
        return ByteBuffer.wrap(take(8)).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }
}
