/**
 * Weight files: safetensors and PyTorch's {@code .pth}, read without copying and without running
 * code.
 */
package org.ipex4j.formats;
