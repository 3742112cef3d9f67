/**
 * What runs this: a browser, or a host with Node's modules, which Deno, Node and Bun are. Every folder of `lib/` may import it.
 * @module
 */

/** Whether the runtime has Node's modules: Deno, Node and Bun do, browsers do not. */
export function hasNode(): boolean {
  const { process } = globalThis as { process?: { versions?: { node?: string } } };
  return typeof process?.versions?.node === "string";
}

/**
 * A module of the host's, or an error that says what lacks it.
 *
 * @param what What was asked for, as the message begins.
 * @param name The module, such as `node:sqlite`.
 * @param load Imports it.
 * @throws {Error} The host has none of that name.
 */
export async function hostModule<T>(what: string, name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    const where = hasNode() ? "this version of the runtime" : "a browser";
    throw new Error(`${what}: ${where} has no ${name}`, { cause });
  }
}
