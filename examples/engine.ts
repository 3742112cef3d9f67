/**
 * The engine that an example computes on. Looking for a GPU makes some drivers complain on stderr of a missing desktop, which only
 * who may set an environment variable can prevent: without that permission `auto` looks for none on Linux, and says so.
 * @module
 */
import { type Engine, openEngine } from "@adaptrade/adaptrade";
import type { OpenEngineOptions } from "@adaptrade/adaptrade/methods";

/**
 * Opens the engine of `--backend`.
 *
 * @param backend `auto`, `webgpu` or `cpu`, checked before.
 * @param options Threads of the CPU engine.
 */
export async function openChosenEngine(
  backend: string,
  options: Pick<OpenEngineOptions, "threads"> = {},
): Promise<Engine> {
  const { state } = await Deno.permissions.query({ name: "env", variable: "XDG_RUNTIME_DIR" });
  if (backend !== "auto" || Deno.build.os !== "linux" || state === "granted") {
    return await openEngine({ backend: backend as NonNullable<OpenEngineOptions["backend"]>, ...options });
  }
  console.log(
    "Computing on the CPU: --allow-env=XDG_RUNTIME_DIR would look for a GPU, and --backend webgpu demands one",
  );
  return await openEngine({ backend: "cpu", ...options });
}
