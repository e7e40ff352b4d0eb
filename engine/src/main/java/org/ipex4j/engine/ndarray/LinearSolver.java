package org.ipex4j.engine.ndarray;

/** Dense linear algebra on Java arrays. */
final class LinearSolver {
    private LinearSolver() {}

    /**
     * Inverts in place the row-major n x n matrix that begins at {@code at}, by Gauss-Jordan
     * elimination with partial pivoting.
     *
     * @throws IllegalArgumentException if the matrix is singular
     */
    static void invert(double[] a, int at, int n) {
        int[] swapped = new int[n];
        for (int k = 0; k < n; k++) {
            int pivot = k;
            for (int r = k + 1; r < n; r++) {
                if (Math.abs(a[at + r * n + k]) > Math.abs(a[at + pivot * n + k])) {
                    pivot = r;
                }
            }
            swapped[k] = pivot;
            if (a[at + pivot * n + k] == 0) {
                throw new IllegalArgumentException(
                        "NDArray.inverse: the matrix is singular (no pivot in column " + k + ")");
            }
            for (int c = 0; pivot != k && c < n; c++) {
                double t = a[at + k * n + c];
                a[at + k * n + c] = a[at + pivot * n + c];
                a[at + pivot * n + c] = t;
            }
            double scale = 1 / a[at + k * n + k];
            a[at + k * n + k] = 1;
            for (int c = 0; c < n; c++) {
                a[at + k * n + c] *= scale;
            }
            for (int r = 0; r < n; r++) {
                if (r != k) {
                    double factor = a[at + r * n + k];
                    a[at + r * n + k] = 0;
                    for (int c = 0; c < n; c++) {
                        a[at + r * n + c] -= factor * a[at + k * n + c];
                    }
                }
            }
        }
        // Rows swapped on the way in are columns swapped on the way out.
        for (int k = n - 1; k >= 0; k--) {
            for (int r = 0; swapped[k] != k && r < n; r++) {
                double t = a[at + r * n + k];
                a[at + r * n + k] = a[at + r * n + swapped[k]];
                a[at + r * n + swapped[k]] = t;
            }
        }
    }
}
