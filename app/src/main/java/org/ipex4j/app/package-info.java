/** ipex4j: app. */
package org.ipex4j.app;
