package org.ipex4j.engine.capture;

import ai.djl.ndarray.NDList;
import ai.djl.nn.AbstractBaseBlock;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.lang.invoke.MethodType;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.ipex4j.ir.graph.Source;

/**
 * Finds out which block and which Java line made a call. The line is that of the first stack frame
 * outside this engine and DJL's arrays. The block is inferred, for a stack frame does not tell its
 * object: the stack gives the classes of the blocks that are running, outermost first; the
 * parameter looked up last gives a place in the tree; and from there on blocks of the right classes
 * are taken in the order of the tree, going on to the next one when the code of the present one
 * would have had to run backwards. Blocks with parameters of their own are thus found exactly. Of
 * blocks without, neighbours of the same class may be confused if they contain loops.
 */
final class SourceFinder {
    private static final StackWalker WALKER =
            StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);
    private static final String FORWARD =
            MethodType.methodType(
                            NDList.class,
                            ParameterStore.class,
                            NDList.class,
                            boolean.class,
                            PairList.class)
                    .descriptorString();
    private static final CodeSource OWN = SourceFinder.class.getProtectionDomain().getCodeSource();

    /** True for classes that stand between a block's code and the tracer. */
    private static final ClassValue<Boolean> PLUMBING =
            new ClassValue<>() {
                @Override
                protected Boolean computeValue(Class<?> type) {
                    String name = type.getName();
                    boolean own =
                            name.startsWith("org.ipex4j.engine.")
                                    && Objects.equals(
                                            type.getProtectionDomain().getCodeSource(), OWN);
                    return own
                            || name.startsWith("java.")
                            || name.startsWith("jdk.")
                            || name.startsWith("ai.djl.ndarray.")
                            || name.startsWith("ai.djl.util.");
                }
            };

    private final BlockTree tree;

    /** Where each block that is running or has run was last seen. */
    private final Map<BlockTree.Entry, Position> seen = new HashMap<>();

    private BlockTree.Entry current;

    /** A block's forward within a stack, whose frames go from the outermost in. */
    private record Position(List<StackWalker.StackFrame> frames, int start) {
        /**
         * True if a call of a block that was at {@code this} can have come to {@code next} later
         * on.
         */
        boolean precedes(Position next) {
            for (int i = 0; ; i++) {
                if (start + i >= frames.size() || next.start + i >= next.frames.size()) {
                    return false;
                }
                StackWalker.StackFrame a = frames.get(start + i);
                StackWalker.StackFrame b = next.frames.get(next.start + i);
                if (a.getDeclaringClass() != b.getDeclaringClass()
                        || !a.getMethodName().equals(b.getMethodName())) {
                    return false;
                }
                if (a.getByteCodeIndex() != b.getByteCodeIndex()) {
                    return a.getByteCodeIndex() < b.getByteCodeIndex();
                }
            }
        }
    }

    /** The stack as it concerns blocks: classes and positions of those running, outermost first. */
    private record Stack(List<Class<?>> blocks, List<Position> positions, String line) {}

    SourceFinder(BlockTree tree) {
        this.tree = tree;
        current = tree.root();
    }

    /** A parameter of this block was looked up. */
    void enter(BlockTree.Entry owner) {
        if (owner != current) {
            seen.remove(owner);
        }
        current = owner;
    }

    /** Where the calling thread is. */
    Source find() {
        // What called the compiled block is no business of the graph.
        Stack stack =
                read(
                        WALKER.walk(
                                frames ->
                                        frames.takeWhile(
                                                        f ->
                                                                f.getDeclaringClass()
                                                                        != ForwardRun.class)
                                                .toList()
                                                .reversed()));
        current = locate(stack);
        BlockTree.Entry e = current;
        int depth = depth(current);
        for (int i = Math.min(depth, stack.positions.size() - 1); i >= 0 && e != null; i--) {
            seen.put(e, stack.positions.get(i));
            e = e.parent();
        }
        return new Source(current.path(), stack.line);
    }

    private static int depth(BlockTree.Entry entry) {
        int depth = 0;
        for (BlockTree.Entry e = entry.parent(); e != null; e = e.parent()) {
            depth++;
        }
        return depth;
    }

    private static Stack read(List<StackWalker.StackFrame> frames) {
        List<Class<?>> blocks = new ArrayList<>();
        List<Position> positions = new ArrayList<>();
        StackWalker.StackFrame line = null;
        // True between a block's forwardInternal and the AbstractBaseBlock.forward of the next
        // block: further
        // frames there are the base class whose forwardInternal is called by super, the same block.
        boolean open = false;
        for (int i = 0; i < frames.size(); i++) {
            StackWalker.StackFrame f = frames.get(i);
            Class<?> type = f.getDeclaringClass();
            if (PLUMBING.get(type)) {
                continue;
            }
            line = f;
            if (type == AbstractBaseBlock.class) {
                open = false;
            } else if (isForward(f) && !open) {
                blocks.add(type);
                positions.add(new Position(frames, i));
                open = f.getMethodName().equals("forwardInternal");
            }
        }
        return new Stack(
                blocks,
                positions,
                line == null ? "" : line.getFileName() + ":" + line.getLineNumber());
    }

    /** A block's own forward; what it inherits from {@link AbstractBaseBlock} only calls that. */
    private static boolean isForward(StackWalker.StackFrame f) {
        if (!Block.class.isAssignableFrom(f.getDeclaringClass())
                || f.getDeclaringClass() == Block.class) {
            return false;
        }
        boolean named =
                f.getMethodName().equals("forwardInternal") || f.getMethodName().equals("forward");
        return named && FORWARD.equals(f.getDescriptor());
    }

    private BlockTree.Entry locate(Stack stack) {
        if (stack.blocks.isEmpty()) {
            return tree.root();
        }
        Position now = stack.positions.getLast();
        boolean here = matches(current, stack.blocks);
        if (here && current.ownsParameters()) {
            return current; // another block of the class would have looked up its own
        }
        // The block itself or, after a child has run, its parent going on.
        for (BlockTree.Entry e = current; e != null; e = e.parent()) {
            if (matches(e, stack.blocks) && (!seen.containsKey(e) || seen.get(e).precedes(now))) {
                return e;
            }
        }
        BlockTree.Entry next = next(stack, false);
        next = next == null ? next(stack, true) : next;
        if (next != null) {
            return next;
        }
        if (here) {
            return current;
        }
        // Not after the last one seen: a block that runs again, or in another order than its name.
        for (BlockTree.Entry e : tree.entries()) {
            if (matches(e, stack.blocks)) {
                return e;
            }
        }
        return enclosing(stack.blocks);
    }

    private BlockTree.Entry next(Stack stack, boolean withParameters) {
        for (BlockTree.Entry e :
                tree.entries().subList(current.index() + 1, tree.entries().size())) {
            if (e.ownsParameters() == withParameters && matches(e, stack.blocks)) {
                return e;
            }
        }
        return null;
    }

    /** Blocks that their parents do not list are not in the tree: the innermost that is. */
    private BlockTree.Entry enclosing(List<Class<?>> blocks) {
        for (int depth = blocks.size() - 1; depth > 0; depth--) {
            List<Class<?>> outer = blocks.subList(0, depth);
            for (BlockTree.Entry e = current; e != null; e = e.parent()) {
                if (matches(e, outer)) {
                    return e;
                }
            }
            for (BlockTree.Entry e : tree.entries()) {
                if (matches(e, outer)) {
                    return e;
                }
            }
        }
        return tree.root();
    }

    private static boolean matches(BlockTree.Entry entry, List<Class<?>> blocks) {
        BlockTree.Entry e = entry;
        for (int i = blocks.size() - 1; i >= 0; i--) {
            if (e == null || !blocks.get(i).isInstance(unwrapped(e.block()))) {
                return false;
            }
            e = e.parent();
        }
        return e == null;
    }

    private static Block unwrapped(Block block) {
        return block instanceof WrappedBlock w ? unwrapped(w.unwrap()) : block;
    }
}
