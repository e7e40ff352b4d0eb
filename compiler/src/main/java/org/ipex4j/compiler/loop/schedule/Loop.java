package org.ipex4j.compiler.loop.schedule;

/**
 * One loop of a schedule, made of one or more domain dimensions.
 *
 * @param id position in the schedule's list of loops
 */
public record Loop(int id, long size, boolean reduced) {}
