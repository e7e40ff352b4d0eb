package org.ipex4j.compiler.loop.expr;

import java.util.ArrayList;
import java.util.List;

/** A position along one dimension of a tensor, as a function of the domain's indices. */
public sealed interface Index {
    /** {@code coefficient} times the index of domain dimension {@code dim}. */
    record Term(int dim, long coefficient) {}

    /** A constant plus terms, sorted by dimension, none of them zero. */
    record Affine(long constant, List<Term> terms) implements Index {
        public static final Affine ZERO = new Affine(0, List.of());

        public Affine {
            terms = List.copyOf(terms);
        }

        public static Affine constant(long value) {
            return new Affine(value, List.of());
        }

        public static Affine dim(int dim) {
            return new Affine(0, List.of(new Term(dim, 1)));
        }

        public Affine plus(long value) {
            return new Affine(constant + value, terms);
        }

        public Affine times(long factor) {
            if (factor == 0) {
                return ZERO;
            }
            return new Affine(
                    constant * factor,
                    terms.stream().map(t -> new Term(t.dim, t.coefficient * factor)).toList());
        }

        public Affine plus(Affine other) {
            List<Term> out = new ArrayList<>();
            int i = 0;
            int j = 0;
            while (i < terms.size() || j < other.terms.size()) {
                Term a = i < terms.size() ? terms.get(i) : null;
                Term b = j < other.terms.size() ? other.terms.get(j) : null;
                if (b == null || (a != null && a.dim < b.dim)) {
                    out.add(a);
                    i++;
                } else if (a == null || b.dim < a.dim) {
                    out.add(b);
                    j++;
                } else {
                    if (a.coefficient + b.coefficient != 0) {
                        out.add(new Term(a.dim, a.coefficient + b.coefficient));
                    }
                    i++;
                    j++;
                }
            }
            return new Affine(constant + other.constant, out);
        }

        /** The domain dimension if this is exactly its index, else -1. */
        public int plainDim() {
            return constant == 0 && terms.size() == 1 && terms.getFirst().coefficient == 1
                    ? terms.getFirst().dim
                    : -1;
        }

        public long coefficient(int dim) {
            for (Term t : terms) {
                if (t.dim == dim) {
                    return t.coefficient;
                }
            }
            return 0;
        }

        /** Bit set of the domain dimensions it varies over. */
        public long dims() {
            long bits = 0;
            for (Term t : terms) {
                bits |= 1L << t.dim;
            }
            return bits;
        }
    }

    /** A position computed from data (an i64 expression that lies in range). */
    record Dynamic(Expr value) implements Index {}
}
