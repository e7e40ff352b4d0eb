package org.ipex4j.compiler.oracle;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.ipex4j.compiler.reference.RefTensor;
import org.ipex4j.ir.graph.Graph;
import org.ipex4j.ir.graph.Node;
import org.ipex4j.ir.graph.Value;

/** A graph run by libtorch, and differentiated by its autograd. */
public final class OracleGradients {
    private OracleGradients() {}

    /**
     * What came out.
     *
     * @param gradients of the sum of the first output, one per wanted input
     */
    public record Result(List<RefTensor> outputs, List<RefTensor> gradients) {}

    /**
     * Runs the graph op by op and walks back from its first output.
     *
     * @param wanted positions of the inputs to differentiate
     */
    public static Result run(Graph graph, List<RefTensor> inputs, List<Integer> wanted) {
        try (PointerScope scope = new PointerScope()) {
            Map<Value, Tensor> values = new HashMap<>();
            List<Tensor> leaves = new ArrayList<>();
            for (int i = 0; i < inputs.size(); i++) {
                Tensor t = TorchTensors.toTorch(inputs.get(i));
                if (wanted.contains(i)) {
                    t.requires_grad_(true);
                    leaves.add(t);
                }
                values.put(graph.inputs().get(i).value(), t);
            }
            for (Node node : graph.nodes()) {
                List<Tensor> results = Oracle.live(node.op().name(), node.args().map(values::get));
                for (int i = 0; i < node.results().size(); i++) {
                    values.put(node.results().get(i), results.get(i));
                }
            }
            List<Tensor> outputs = graph.outputs().stream().map(values::get).toList();
            torch.sum(outputs.getFirst()).backward();
            return new Result(
                    outputs.stream().map(o -> TorchTensors.fromTorch(o.detach())).toList(),
                    leaves.stream()
                            .map(
                                    l ->
                                            l.grad().defined()
                                                    ? TorchTensors.fromTorch(l.grad())
                                                    : TorchTensors.fromTorch(torch.zeros_like(l)))
                            .toList());
        }
    }
}
