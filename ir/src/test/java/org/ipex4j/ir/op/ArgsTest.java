package org.ipex4j.ir.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Scalar;
import org.junit.jupiter.api.Test;

class ArgsTest {
    private static final Schema SCHEMA =
            Schema.parse(
                    "aten::f(Tensor self, Tensor? weight, Tensor?[] rest, int[] sizes, float eps=1e-05,"
                            + " *, Scalar alpha=1, ScalarType? dtype=None, bool keep=False, int? dim=None, str mode='a') -> Tensor");

    @Test
    void convertsPlainJavaValues() {
        Args<String> args =
                Args.of(
                        SCHEMA,
                        "x",
                        null,
                        Arrays.asList("y", null),
                        new int[] {2, 3},
                        2,
                        3,
                        DType.INT8,
                        true,
                        4,
                        "b");

        assertThat(args.tensor("self")).isEqualTo("x");
        assertThat(args.optionalTensor("weight")).isEmpty();
        assertThat(args.isNone("weight")).isTrue();
        assertThat(args.tensors("rest")).containsExactly("y", null);
        assertThat(args.integers("sizes")).containsExactly(2, 3);
        assertThat(args.real("eps")).isEqualTo(2.0);
        assertThat(args.number("alpha")).isEqualTo(Scalar.of(3));
        assertThat(args.dtype("dtype")).contains(DType.INT8);
        assertThat(args.bool("keep")).isTrue();
        assertThat(args.optionalInteger("dim")).contains(4L);
        assertThat(args.text("mode")).isEqualTo("b");
        assertThat(args.allTensors()).containsExactly("x", "y");
    }

    @Test
    void leftOutArgumentsTakeTheirDefaults() {
        Args<String> args = Args.of(SCHEMA, "x", "w", List.of(), new long[0]);
        assertThat(args.real("eps")).isEqualTo(1e-5);
        assertThat(args.number("alpha")).isEqualTo(Scalar.of(1));
        assertThat(args.dtype("dtype")).isEmpty();
        assertThat(args.optionalInteger("dim")).isEmpty();
        assertThat(args.optionalReal("eps")).contains(1e-5);
    }

    @Test
    void mapsEveryTensorAndNothingElse() {
        Args<String> args = Args.of(SCHEMA, "x", "w", Arrays.asList(null, "y"), new long[] {1});
        Args<Integer> lengths = args.map(s -> s.charAt(0) - 'a');
        assertThat(lengths.allTensors()).containsExactly('x' - 'a', 'w' - 'a', 'y' - 'a');
        assertThat(lengths.tensors("rest")).containsExactly(null, 'y' - 'a');
        assertThat(lengths.get("sizes")).isEqualTo(args.get("sizes"));
    }

    @Test
    void replacesOneArgument() {
        Args<String> args = Args.of(SCHEMA, "x", "w", List.of(), new long[0]);
        assertThat(args.with("self", new Arg.Tensor<>("z")).allTensors()).containsExactly("z", "w");
        assertThat(args.tensor("self")).isEqualTo("x");
    }

    @Test
    void numbersKeepTheirCategory() {
        Schema s = Schema.parse("aten::g(Scalar a, Scalar b, Scalar c, Scalar d) -> Tensor");
        Args<String> args = Args.of(s, true, 2, 2.5f, Scalar.of(7L));
        assertThat(args.number("a")).isEqualTo(Scalar.of(true));
        assertThat(args.number("b")).isEqualTo(Scalar.of(2));
        assertThat(args.number("c")).isEqualTo(Scalar.of(2.5));
        assertThat(args.number("d").dtype()).isEqualTo(DType.INT64);
    }

    @Test
    void errorsNameOpAndArgument() {
        assertThatThrownBy(() -> Args.of(SCHEMA, "x"))
                .hasMessage("aten.f: argument 'weight' is missing");
        assertThatThrownBy(() -> Args.of(SCHEMA, (Object) null, null, List.of(), new long[0]))
                .hasMessage("aten.f: argument 'self' must not be null");
        assertThatThrownBy(() -> Args.of(SCHEMA, new Object[11]))
                .hasMessage("aten.f takes 10 arguments, got 11");
        Args<String> args = Args.of(SCHEMA, "x", null, List.of(), new long[0]);
        assertThatThrownBy(() -> args.tensor("weight"))
                .hasMessageContaining("aten.f: argument 'weight' should be a tensor");
        assertThatThrownBy(() -> args.integer("self")).hasMessageContaining("should be an int");
        assertThatThrownBy(() -> args.get("nothing"))
                .hasMessage("aten.f has no argument 'nothing'");
    }
}
