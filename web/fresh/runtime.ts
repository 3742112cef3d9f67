/**
 * The subset of `fresh/runtime`: what pages and islands may use on both sides. Loads neither the server nor the builder.
 * @module
 */
export { Head } from "./head.ts";

/** True in a browser. */
export const IS_BROWSER: boolean = typeof document !== "undefined";

/** The query parameter that carries the build. */
export const BUILD_KEY = "__frsh_c";

const build = { id: "" };

/** Sets the build whose files `asset` names; the builder does. */
export function setBuildId(id: string): void {
  build.id = id;
}

/** The build whose files `asset` names; empty before there is one. */
export function buildId(): string {
  return build.id;
}

/** The address of a static file, made unique to this build so that browsers may keep it. */
export function asset(path: string): string {
  return build.id === "" ? path : `${path}${path.includes("?") ? "&" : "?"}${BUILD_KEY}=${build.id}`;
}
