/**
 * The job that bench/pool.ts runs: its input as it is, so that what is measured is the way.
 * @module
 */
import { defineJobKind, type JobKind } from "@adaptrade/adaptrade/pool";

/** Gives its only input. */
export const carried: JobKind = defineJobKind({ kind: "carried", version: 1, run: ([bytes]) => bytes });
