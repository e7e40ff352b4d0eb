/** ipex4j: zoo. */
package org.ipex4j.zoo;
