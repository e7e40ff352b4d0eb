package org.ipex4j.ir.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.ipex4j.ir.DType;
import org.ipex4j.ir.Scalar;
import org.junit.jupiter.api.Test;

class SchemaTest {
    @Test
    void parsesNamesKindsAndDefaults() {
        Schema s =
                Schema.parse(
                        "aten::x.out(Tensor(a!) self, Tensor? w=None, Tensor[] ts, Tensor?[] us, int n=-1, SymInt[2] k=3,"
                                + " int[1]? dim=None, float eps=1e-05, bool keep=False, *, Scalar alpha=1, Scalar beta=2.5, ScalarType? dtype=None,"
                                + " str mode='none') -> (Tensor, Tensor)");

        assertThat(s.name()).isEqualTo("aten.x.out");
        assertThat(s.results()).isEqualTo(2);
        assertThat(s.params())
                .extracting(Param::name)
                .containsExactly(
                        "self", "w", "ts", "us", "n", "k", "dim", "eps", "keep", "alpha", "beta",
                        "dtype", "mode");
        assertThat(s.params())
                .extracting(Param::kind)
                .containsExactly(
                        Param.Kind.TENSOR,
                        Param.Kind.TENSOR,
                        Param.Kind.TENSORS,
                        Param.Kind.OPTIONAL_TENSORS,
                        Param.Kind.INT,
                        Param.Kind.INTS,
                        Param.Kind.INTS,
                        Param.Kind.REAL,
                        Param.Kind.BOOL,
                        Param.Kind.NUMBER,
                        Param.Kind.NUMBER,
                        Param.Kind.DTYPE,
                        Param.Kind.TEXT);
        assertThat(s.params().get(0).mutated()).isTrue();
        assertThat(s.params().get(1).optional()).isTrue();
        assertThat(s.params().get(1).mutated()).isFalse();
        assertThat(defaultOf(s, "n")).isEqualTo(new Arg.Int<>(-1));
        assertThat(defaultOf(s, "k")).isEqualTo(new Arg.Ints<>(List.of(3L)));
        assertThat(defaultOf(s, "dim")).isEqualTo(new Arg.None<>());
        assertThat(defaultOf(s, "eps")).isEqualTo(new Arg.Real<>(1e-5));
        assertThat(defaultOf(s, "keep")).isEqualTo(new Arg.Bool<>(false));
        assertThat(defaultOf(s, "alpha")).isEqualTo(new Arg.Number<>(Scalar.of(1)));
        assertThat(defaultOf(s, "beta")).isEqualTo(new Arg.Number<>(Scalar.of(2.5)));
        assertThat(defaultOf(s, "mode")).isEqualTo(new Arg.Text<>("none"));
        assertThat(s.params().get(0).defaultValue()).isEmpty();
    }

    @Test
    void dropsDeviceLayoutFormatAndGenerator() {
        Schema s =
                Schema.parse(
                        "aten::y(SymInt[] size, *, Generator? generator=None, ScalarType? dtype=long, Layout? layout=None, Device? device=None,"
                                + " bool? pin_memory=None, bool non_blocking=False, MemoryFormat? memory_format=None) -> Tensor");
        assertThat(s.params()).extracting(Param::name).containsExactly("size", "dtype");
        assertThat(defaultOf(s, "dtype")).isEqualTo(new Arg.Type<>(DType.INT64));
    }

    @Test
    void tellsListsFromTuples() {
        assertThat(Schema.parse("aten::a(Tensor x) -> Tensor[]").returnsList()).isTrue();
        assertThat(Schema.parse("aten::a(Tensor x) -> (Tensor a, Tensor b)").returnsList())
                .isFalse();
        assertThat(Schema.parse("aten::a(Tensor(a!) x) -> ()").results()).isZero();
    }

    @Test
    void refusesWhatItDoesNotUnderstand() {
        assertThatThrownBy(() -> Schema.parse("aten::a(Quantizer q) -> Tensor"))
                .hasMessageContaining("unknown type 'Quantizer'");
        assertThatThrownBy(() -> Schema.parse("no schema")).hasMessage("not a schema: no schema");
        assertThatThrownBy(() -> Schema.parse("aten::a(Tensor x) -> Tensor").indexOf("y"))
                .hasMessage("aten.a has no argument 'y'");
    }

    private static Arg<Object> defaultOf(Schema s, String param) {
        return s.params().get(s.indexOf(param)).defaultValue().orElseThrow();
    }
}
