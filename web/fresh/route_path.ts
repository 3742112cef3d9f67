/**
 * Turns the path of a route file into the pattern of its address. Knows `index`, `[name]`, `[...name]` and `(group)`.
 * @module
 */

/** "runs/[id]" to "/runs/:id", "index" to "/". */
export function toPathname(id: string): string {
  const parts = id.split("/").filter((part) => !/^\(.*\)$/.test(part));
  if (parts.at(-1) === "index") parts.pop();
  return `/${parts.map((part) => part.replace(/^\[\.\.\.(\w+)\]$/, ":$1*").replace(/\[(\w+)\]/g, ":$1")).join("/")}`;
}
