package org.ipex4j.ir;

/**
 * Philox 4x32-10: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC
 * 2011. A block of 128 random bits is a function of key and counter alone.
 */
public final class Philox {
    private static final long M0 = 0xD2511F53L;
    private static final long M1 = 0xCD9E8D57L;
    private static final int W0 = 0x9E3779B9;
    private static final int W1 = 0xBB67AE85;

    private final int key0;
    private final int key1;
    private int x0;
    private int x1;
    private int x2;
    private int x3;

    public Philox(long key) {
        key0 = (int) key;
        key1 = (int) (key >>> 32);
    }

    /** Computes the block of a counter: 64 bits of position, 64 of stream. */
    public void at(long position, long stream) {
        int c0 = (int) position;
        int c1 = (int) (position >>> 32);
        int c2 = (int) stream;
        int c3 = (int) (stream >>> 32);
        int k0 = key0;
        int k1 = key1;
        for (int round = 0; round < 10; round++) {
            long p0 = M0 * (c0 & 0xffffffffL);
            long p1 = M1 * (c2 & 0xffffffffL);
            int n0 = (int) (p1 >>> 32) ^ c1 ^ k0;
            int n2 = (int) (p0 >>> 32) ^ c3 ^ k1;
            c1 = (int) p1;
            c3 = (int) p0;
            c0 = n0;
            c2 = n2;
            k0 += W0;
            k1 += W1;
        }
        x0 = c0;
        x1 = c1;
        x2 = c2;
        x3 = c3;
    }

    /** The four words of the block. */
    public int word(int i) {
        return switch (i) {
            case 0 -> x0;
            case 1 -> x1;
            case 2 -> x2;
            default -> x3;
        };
    }

    /** The first or second half of the block. */
    public long bits(int half) {
        return half == 0
                ? ((long) x1 << 32) | (x0 & 0xffffffffL)
                : ((long) x3 << 32) | (x2 & 0xffffffffL);
    }

    /** A uniform number in [0, 1) with this many random bits. */
    public double uniform(int half, int precision) {
        return (bits(half) >>> (64 - precision)) * Math.scalb(1.0, -precision);
    }

    /** Random bits of a uniform number: as many as the type's significand holds. */
    public static int significand(DType type) {
        return switch (type) {
            case BFLOAT16 -> 8;
            case FLOAT16 -> 11;
            case FLOAT32 -> 24;
            default -> 53;
        };
    }
}
