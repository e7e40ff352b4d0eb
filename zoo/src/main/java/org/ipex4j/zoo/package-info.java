/**
 * Models of torchvision as DJL blocks: the same structure and the same {@code state_dict} keys, so
 * that published weights load by name.
 */
package org.ipex4j.zoo;
