package org.ipex4j.engine.dispatch;

import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import org.ipex4j.ir.op.Args;
import org.ipex4j.ir.op.Op;
import org.ipex4j.ir.op.OpCatalog;

/**
 * Which ops autocast treats how: PyTorch's lists for the CPU, by name without overload. Ops that
 * are on no list run in the types of their operands. The lists hold PyTorch's names that the
 * catalogue has not, too: methods of arrays that compute the same in other ways ask by them.
 *
 * @see <a href="https://docs.pytorch.org/docs/stable/amp.html#cpu-op-specific-behavior">CPU
 *     Op-Specific Behavior</a>
 */
final class CastPolicies {
    private static final String LOWER =
            """
            conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d conv_tbc _convolution
            mm bmm addmm addbmm baddbmm _addmm_activation linalg_vecdot linear matmul prelu
            scaled_dot_product_attention _native_multi_head_attention mkldnn_rnn_layer
            """;

    private static final String FLOAT32 =
            """
            avg_pool3d max_pool3d adaptive_avg_pool3d adaptive_max_pool3d fractional_max_pool2d
            fractional_max_pool3d max_unpool2d max_unpool3d
            reflection_pad1d reflection_pad2d replication_pad1d replication_pad2d replication_pad3d
            grid_sampler grid_sampler_2d _grid_sampler_2d_cpu_fallback grid_sampler_3d
            prod trace cdist quantile nanquantile polar view_as_complex fake_quantize_per_tensor_affine
            nll_loss nll_loss2d cross_entropy_loss mse_loss l1_loss smooth_l1_loss huber_loss kl_div
            binary_cross_entropy binary_cross_entropy_with_logits ctc_loss cosine_embedding_loss
            hinge_embedding_loss poisson_nll_loss margin_ranking_loss soft_margin_loss
            triplet_margin_loss multi_margin_loss multilabel_margin_loss multilabel_margin_loss_forward
            cholesky cholesky_inverse cholesky_solve inverse lu_solve _lu_with_info orgqr ormqr geqrf qr
            pinverse svd triangular_solve linalg_cholesky linalg_cholesky_ex linalg_cond linalg_eig
            linalg_eigh linalg_eigvals linalg_eigvalsh linalg_householder_product linalg_inv
            linalg_inv_ex linalg_lstsq linalg_matrix_rank linalg_qr linalg_solve linalg_svd
            linalg_svdvals linalg_tensorinv linalg_tensorsolve
            stft fft_fft fft_fft2 fft_fftn fft_ifft fft_ifft2 fft_ifftn fft_rfft fft_rfft2 fft_rfftn
            fft_irfft fft_irfft2 fft_irfftn fft_hfft fft_ihfft
            """;

    private static final String WIDEST = "cat stack index_copy";

    private static final Map<String, CastPolicy> BY_NAME = new HashMap<>();
    private static final Map<Op, CastPolicy> BY_OP = new IdentityHashMap<>();
    private static final Op PAD = OpCatalog.get("aten.pad");

    static {
        put(LOWER, CastPolicy.LOWER);
        put(FLOAT32, CastPolicy.FLOAT32);
        put(WIDEST, CastPolicy.WIDEST);
        // What the layers of this engine call where PyTorch's call conv1d to conv_transpose3d, and
        // nll_loss.
        put("convolution", CastPolicy.LOWER);
        put("nll_loss_forward", CastPolicy.FLOAT32);
        for (Op op : OpCatalog.all()) {
            CastPolicy policy = BY_NAME.get(base(op.name()));
            if (policy != null) {
                BY_OP.put(op, policy);
            }
        }
    }

    private CastPolicies() {}

    private static void put(String names, CastPolicy policy) {
        for (String name : names.strip().split("\\s+")) {
            BY_NAME.put("aten." + name, policy);
        }
    }

    /** The name without overload. */
    private static String base(String name) {
        int overload = name.indexOf('.', name.indexOf('.') + 1);
        return overload < 0 ? name : name.substring(0, overload);
    }

    /** The policy for a call; null if it runs in the types of its operands. */
    static CastPolicy of(Op op, Args<?> args) {
        return op == PAD ? ofPad(args) : BY_OP.get(op);
    }

    /** Padding is another op for each mode and number of dimensions. */
    private static CastPolicy ofPad(Args<?> args) {
        int dimensions = args.integers("pad").length / 2;
        String mode = args.text("mode");
        String op =
                switch (mode) {
                    case "reflect" -> "aten.reflection_pad" + dimensions + "d";
                    case "replicate" -> "aten.replication_pad" + dimensions + "d";
                    default -> "aten.constant_pad_nd";
                };
        return BY_NAME.get(op);
    }

    /** The policy for an op that the catalogue need not have. */
    static CastPolicy of(String op) {
        return BY_NAME.get(op);
    }
}
