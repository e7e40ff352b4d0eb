/**
 * CIFAR-10 in its published binary form: reading, drawing pictures of that form, fetching the
 * published archive, and batches with fused transforms.
 */
package org.ipex4j.zoo.data;
