package org.ipex4j.engine.capture;

import ai.djl.ndarray.NDList;
import ai.djl.nn.AbstractBaseBlock;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.lang.invoke.MethodType;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.ipex4j.ir.graph.Source;

/**
 * Finds out which block and which Java line made a call. The line is that of the first stack frame outside
 * this engine and DJL's arrays. The block is inferred: the stack gives the classes of the blocks that are
 * running, outermost first, and the parameter looked up last gives a place in the tree; the blocks that
 * follow in the tree and are of the right classes are taken in order. Blocks with parameters are thus found
 * exactly. Of blocks without, two neighbours of the same class may be confused if both run the same line.
 */
final class SourceFinder {
    private static final StackWalker WALKER = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);
    private static final String FORWARD = MethodType.methodType(
                    NDList.class, ParameterStore.class, NDList.class, boolean.class, PairList.class)
            .descriptorString();
    private static final CodeSource OWN = SourceFinder.class.getProtectionDomain().getCodeSource();

    /** True for classes that stand between a block's code and the tracer. */
    private static final ClassValue<Boolean> PLUMBING = new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
            String name = type.getName();
            boolean own = name.startsWith("org.ipex4j.engine.")
                    && Objects.equals(type.getProtectionDomain().getCodeSource(), OWN);
            return own
                    || name.startsWith("java.")
                    || name.startsWith("jdk.")
                    || name.startsWith("ai.djl.ndarray.")
                    || name.startsWith("ai.djl.util.");
        }
    };

    private final BlockTree tree;
    private BlockTree.Entry current;
    /** What the current block was last seen doing; null right after it looked up a parameter. */
    private Position position;

    /** A block's own frame and the one it called. */
    private record Position(String method, int line, String callee, int calleeLine) {
        /** True if a block that was at {@code this} can have come to {@code next} in the same call. */
        boolean precedes(Position next) {
            if (!method.equals(next.method)) {
                return false;
            }
            if (line != next.line) {
                return line < next.line;
            }
            return callee.equals(next.callee) && calleeLine < next.calleeLine;
        }
    }

    /** The stack as it concerns blocks: their classes from the outermost in, and where the innermost is. */
    private record Stack(List<Class<?>> blocks, Position position, String line) {}

    SourceFinder(BlockTree tree) {
        this.tree = tree;
        current = tree.root();
    }

    /** A parameter of this block was looked up. */
    void enter(BlockTree.Entry owner) {
        current = owner;
        position = null;
    }

    /** Where the calling thread is. */
    Source find() {
        // What called the compiled block is no business of the graph.
        Stack stack = WALKER.walk(
                frames -> read(frames.takeWhile(f -> f.getDeclaringClass() != ForwardRun.class).iterator()));
        current = locate(stack);
        position = stack.position;
        return new Source(current.path(), stack.line);
    }

    private static Stack read(Iterator<StackWalker.StackFrame> frames) {
        List<Class<?>> blocks = new ArrayList<>();
        Position position = null;
        String line = "";
        StackWalker.StackFrame inner = null;
        // True between a block's forwardInternal and the AbstractBaseBlock.forward that called it: further
        // frames there are the subclass that calls super.forwardInternal, the same block.
        boolean open = false;
        while (frames.hasNext()) {
            StackWalker.StackFrame f = frames.next();
            Class<?> type = f.getDeclaringClass();
            if (PLUMBING.get(type)) {
                continue;
            }
            if (line.isEmpty()) {
                line = f.getFileName() + ":" + f.getLineNumber();
            }
            if (type == AbstractBaseBlock.class) {
                open = false;
                continue;
            }
            if (isForward(f)) {
                if (open) {
                    blocks.set(0, type);
                } else {
                    blocks.addFirst(type);
                }
                open = f.getMethodName().equals("forwardInternal");
                if (position == null) {
                    position = new Position(
                            type.getName() + "." + f.getMethodName(),
                            f.getLineNumber(),
                            inner == null ? "" : inner.getClassName() + "." + inner.getMethodName(),
                            inner == null ? 0 : inner.getLineNumber());
                }
            }
            inner = f;
        }
        return new Stack(blocks, position, line);
    }

    /** A block's own forward; what it inherits from {@link AbstractBaseBlock} only calls that. */
    private static boolean isForward(StackWalker.StackFrame f) {
        if (!Block.class.isAssignableFrom(f.getDeclaringClass()) || f.getDeclaringClass() == Block.class) {
            return false;
        }
        boolean named = f.getMethodName().equals("forwardInternal") || f.getMethodName().equals("forward");
        return named && FORWARD.equals(f.getDescriptor());
    }

    private BlockTree.Entry locate(Stack stack) {
        if (stack.blocks.isEmpty()) {
            return tree.root();
        }
        boolean here = matches(current, stack.blocks);
        if (here && (position == null || stack.position == null || position.precedes(stack.position))) {
            return current;
        }
        for (BlockTree.Entry e : tree.entries().subList(current.index() + 1, tree.entries().size())) {
            if (matches(e, stack.blocks)) {
                return e;
            }
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
