/**
 * What figures were measured on, in words.
 * @module
 */
import { availableParallelism, cpus } from "node:os";
import { peerVersions } from "./peers.ts";

/** Processor, cores, Deno and the peers' versions. */
export async function machine(): Promise<string> {
  return `Machine: ${cpus()[0].model.trim()}, ${availableParallelism()} cores, ${Deno.build.target}; ` +
    `Deno ${Deno.version.deno}, V8 ${Deno.version.v8}; ${await peerVersions()}.`;
}
