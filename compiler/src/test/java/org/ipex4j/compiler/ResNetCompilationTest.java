package org.ipex4j.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.ipex4j.compiler.CompilerTest.Net;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.Value;
import org.ipex4j.ir.plan.CompiledGraph;
import org.ipex4j.ir.plan.LibraryCall;
import org.ipex4j.ir.plan.Step;
import org.junit.jupiter.api.Test;

/** ResNet-50 as a whole: what it compiles to, and what another batch size shares with it. */
class ResNetCompilationTest {
    static Value bottleneck(Net n, Value x, long width, long stride) {
        Value y = n.relu(n.bn(n.conv(x, width, 1, 1, 1)));
        y = n.relu(n.bn(n.conv(y, width, 3, stride, 1)));
        y = n.bn(n.conv(y, width * 4, 1, 1, 1));
        Value skip =
                x.type().sizes().get(1) == width * 4 && stride == 1
                        ? x
                        : n.bn(n.conv(x, width * 4, 1, stride, 1));
        return n.relu(n.g.call("aten.add.Tensor", y, skip));
    }

    static Graph resnet50(int batch) {
        Net n = new Net();
        Value x = n.relu(n.bn(n.conv(n.arg(batch, 3, 224, 224), 64, 7, 2, 1)));
        x = n.g.call("aten.max_pool2d", x, new long[] {3, 3}, new long[] {2, 2}, new long[] {1, 1});
        long[] widths = {64, 128, 256, 512};
        int[] depth = {3, 4, 6, 3};
        for (int stage = 0; stage < 4; stage++) {
            for (int i = 0; i < depth[stage]; i++) {
                x = bottleneck(n, x, widths[stage], i == 0 && stage > 0 ? 2 : 1);
            }
        }
        x = n.g.call("aten.adaptive_avg_pool2d", x, new long[] {1, 1});
        x = n.g.call("aten.flatten.using_ints", x, 1);
        return n.g.build(n.linear(x, 1000));
    }

    @Test
    void resnet50IsLibraryCallsWithFewReorders() {
        CompileReport report =
                new Compiler(CompilerTest.TARGET, new FakeOracle())
                        .verifying()
                        .compileWithReport(resnet50(1), CompileOptions.DEFAULT);
        List<Step> steps = report.compiled().main().steps();
        assertThat(steps).allMatch(s -> s instanceof Step.Library);
        assertThat(report.libraryCalls().stream().filter(c -> c.kind().equals("convolution")))
                .hasSize(53);
        assertThat(
                        report.libraryCalls().stream()
                                .filter(
                                        c ->
                                                c.kind().equals("convolution")
                                                        && c.postOps().contains("sum")))
                .hasSize(16);
        assertThat(report.reorders()).isLessThanOrEqualTo(8);
        assertThat(report.flops()).isBetween(7.5e9, 9.5e9);
        // Three maps of the widest stage are enough: 3.2 MB each.
        assertThat(report.compiled().main().arenaBytes()).isLessThan(12_000_000);
        assertThat(report.compiled().prologues()).hasSize(53);
        assertThat(((Step.Library) steps.getFirst()).call())
                .isInstanceOf(LibraryCall.Convolution.class);
    }

    @Test
    void anotherBatchSizeSharesThePrologues() {
        Compiler compiler = new Compiler(CompilerTest.TARGET, new FakeOracle());
        CompiledGraph one = compiler.compile(CompilerTest.smallResNet(4), CompileOptions.DEFAULT);
        CompiledGraph other = compiler.compile(CompilerTest.smallResNet(5), CompileOptions.DEFAULT);
        assertThat(other.prologues().stream().map(CompiledGraph.Prologue::key).toList())
                .isEqualTo(one.prologues().stream().map(CompiledGraph.Prologue::key).toList());
        assertThat(other.bound()).isEqualTo(one.bound());
    }

    @Test
    void anotherBatchSizeFindsTheSameKernels() {
        Compiler compiler = new Compiler(CompilerTest.TARGET, new FakeOracle());
        CompiledGraph one = compiler.compile(resnet50(1), CompileOptions.DEFAULT);
        CompiledGraph other = compiler.compile(resnet50(5), CompileOptions.DEFAULT);
        assertThat(symbols(one)).isNotEmpty();
        assertThat(symbols(other)).isEqualTo(symbols(one));
    }

    private static Set<String> symbols(CompiledGraph compiled) {
        Set<String> symbols = new TreeSet<>();
        compiled.main().units().forEach(u -> symbols.add(u.symbol()));
        compiled.prologues().forEach(p -> p.plan().units().forEach(u -> symbols.add(u.symbol())));
        return symbols;
    }
}
