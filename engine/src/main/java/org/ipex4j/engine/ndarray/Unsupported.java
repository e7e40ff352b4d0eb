package org.ipex4j.engine.ndarray;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.SparseFormat;
import java.nio.charset.Charset;

/** Methods this engine does not have, each with its reason. */
interface Unsupported extends ArrayOps {
    String COMPLEX = "it has no complex arrays";

    @Override
    default NDArray fft(long length, long axis) {
        throw unsupported("fft", COMPLEX);
    }

    @Override
    default NDArray ifft(long length, long axis) {
        throw unsupported("ifft", COMPLEX);
    }

    @Override
    default NDArray rfft(long length, long axis) {
        throw unsupported("rfft", COMPLEX);
    }

    @Override
    default NDArray irfft(long length, long axis) {
        throw unsupported("irfft", COMPLEX);
    }

    @Override
    default NDArray fft2(long[] sizes, long[] axes) {
        throw unsupported("fft2", COMPLEX);
    }

    @Override
    default NDArray ifft2(long[] sizes, long[] axes) {
        throw unsupported("ifft2", COMPLEX);
    }

    @Override
    default NDArray stft(
            long nFft,
            long hopLength,
            boolean center,
            NDArray window,
            boolean normalize,
            boolean returnComplex) {
        throw unsupported("stft", COMPLEX);
    }

    @Override
    default NDArray complex() {
        throw unsupported("complex", COMPLEX);
    }

    /** The array itself, copied: its numbers are real. */
    @Override
    default NDArray real() {
        return duplicate();
    }

    /** The array itself, copied: its numbers are real. */
    @Override
    default NDArray conj() {
        return duplicate();
    }

    @Override
    default SparseFormat getSparseFormat() {
        return SparseFormat.DENSE;
    }

    @Override
    default NDArray toDense() {
        return duplicate();
    }

    /**
     * The array itself, which is dense: the engine's ops take dense arrays wherever DJL would give
     * sparse ones (its Adagrad asks for a gradient by rows).
     */
    @Override
    default NDArray toSparse(SparseFormat fmt) {
        return this;
    }

    @Override
    default String[] toStringArray(Charset charset) {
        throw unsupported("toStringArray", "it has no string arrays");
    }
}
