package org.ipex4j.engine.kernels;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.ipex4j.compiler.loop.LoopLowerings;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.compiler.samples.OpSamples;
import org.ipex4j.compiler.samples.Sample;
import org.ipex4j.compiler.samples.SampleTensor;
import org.ipex4j.ir.graph.GraphBuilder;
import org.ipex4j.ir.graph.Input;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;
import org.ipex4j.ir.op.Trait;
import org.ipex4j.ir.plan.Layout;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every sample of every op that has a loop lowering, compiled as a kernel of one op. */
class SampleKernelTest {
    @TestFactory
    Stream<DynamicTest> samples() {
        return OpCatalog.all().stream()
                .filter(
                        op ->
                                LoopLowerings.supports(op)
                                        && !op.is(Trait.VIEW)
                                        && !OpSamples.of(op).isEmpty())
                .map(op -> DynamicTest.dynamicTest(op.name(), () -> check(op)));
    }

    private static void check(Op op) {
        for (Sample s : OpSamples.of(op)) {
            if (s.op().name().equals("aten.roll") && s.args().integers("dims").length == 0) {
                continue; // decomposed before lowering: it goes through a flat view
            }
            try {
                check(s);
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError(s + "\n" + e.getMessage(), e);
            }
        }
    }

    private static void check(Sample s) {
        GraphBuilder g = new GraphBuilder();
        Map<SampleTensor, Value> inputs = new LinkedHashMap<>();
        Map<Value, Layout> layouts = new HashMap<>();
        for (SampleTensor t : s.args().allTensors()) {
            if (!inputs.containsKey(t)) {
                Value v = g.input(Input.Role.ARGUMENT, "x" + inputs.size(), t.type());
                inputs.put(t, v);
                layouts.put(v, Layout.strided(t.strides()));
            }
        }
        Args<Value> args = s.args().map(inputs::get);
        List<Value> results = g.call(s.op(), args);
        List<RefTensor> values = inputs.keySet().stream().map(SampleTensor::value).toList();
        KernelHarness.check(g.build(results), values, layouts, s.slack() * 2);
    }
}
