package org.ipex4j.compiler.autodiff;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Ops that no gradient flows through, and ops that have no derivative, with the reason. */
final class NonDifferentiable {
    private NonDifferentiable() {}

    static void addTo(DerivativeTable t) {
        t.zero("aten.full_like", "aten.zeros_like", "aten.ones_like", "aten.empty_like");
        t.zero("aten.bernoulli", "aten.bernoulli.p", "aten.uniform", "aten.normal_functional");
        t.limit(
                "makes a tensor from numbers",
                "aten.full",
                "aten.zeros",
                "aten.ones",
                "aten.empty.memory_format",
                "aten.scalar_tensor",
                "aten.arange",
                "aten.arange.start",
                "aten.arange.start_step",
                "aten.linspace",
                "aten.eye",
                "aten.eye.m",
                "aten.rand",
                "aten.randn",
                "aten.randint",
                "aten.randint.low",
                "aten.randperm",
                "ipex.philox_uniform",
                "aten.where.Scalar");
        List<String> discrete = new ArrayList<>();
        for (String comparison : List.of("eq", "ne", "lt", "le", "gt", "ge")) {
            discrete.add("aten." + comparison + ".Tensor");
            discrete.add("aten." + comparison + ".Scalar");
        }
        discrete.addAll(
                Arrays.asList(
                        "ipex.join_bfloat16",
                        "ipex.bfloat16_top",
                        "ipex.bfloat16_trail",
                        "aten.isclose",
                        "aten.logical_and",
                        "aten.logical_or",
                        "aten.logical_xor",
                        "aten.logical_not",
                        "aten.isnan",
                        "aten.isinf",
                        "aten.isfinite",
                        "aten.signbit",
                        "aten.any",
                        "aten.any.dim",
                        "aten.any.dims",
                        "aten.all",
                        "aten.all.dim",
                        "aten.all.dims",
                        "aten.argmax",
                        "aten.argmin",
                        "aten.argsort",
                        "aten.nonzero",
                        "aten.one_hot",
                        "aten.count_nonzero",
                        "aten.count_nonzero.dim_IntList"));
        t.limit("its result is not floating", discrete.toArray(String[]::new));
        t.limit(
                "takes integers or bool alone",
                "aten.bitwise_and.Tensor",
                "aten.bitwise_and.Scalar",
                "aten.bitwise_or.Tensor",
                "aten.bitwise_or.Scalar",
                "aten.bitwise_xor.Tensor",
                "aten.bitwise_xor.Scalar",
                "aten.bitwise_not",
                "aten.bitwise_left_shift.Tensor",
                "aten.bitwise_left_shift.Tensor_Scalar",
                "aten.bitwise_right_shift.Tensor",
                "aten.bitwise_right_shift.Tensor_Scalar");
        t.limit(
                "its result's sizes depend on the data, so that graphs cannot hold it",
                "aten.masked_select",
                "aten.repeat_interleave.self_Tensor");
        t.limit(
                "not differentiable in PyTorch",
                "aten.floor_divide",
                "aten.floor_divide.Scalar",
                "aten._unique2",
                "aten.unique_dim");
        t.limit(
                "its derivative is that of the next order, and there is none above 1",
                "aten.polygamma");
        t.limit(
                "stands for an op of which the derivative was taken before",
                "ipex.max_pool_training",
                "ipex.max_pool_backward");
        t.limit(
                "is itself a derivative; second derivatives are not offered",
                "aten.convolution_backward",
                "ipex.convolution_backward_data",
                "ipex.convolution_backward_weights",
                "aten.native_batch_norm_backward",
                "aten.native_layer_norm_backward",
                "aten.native_group_norm_backward",
                "aten.max_pool2d_with_indices_backward",
                "aten.max_pool3d_with_indices_backward",
                "aten.avg_pool2d_backward",
                "aten.avg_pool3d_backward",
                "aten._adaptive_avg_pool2d_backward",
                "aten._adaptive_avg_pool3d_backward",
                "aten.threshold_backward",
                "aten.gelu_backward",
                "aten.sigmoid_backward",
                "aten.tanh_backward",
                "aten._softmax_backward_data",
                "aten._log_softmax_backward_data",
                "aten.nll_loss_backward",
                "aten.embedding_dense_backward",
                "aten.native_dropout_backward");
    }
}
