/**
 * The version of the package, for what it writes. The same as in `deno.json`, which a package on JSR cannot read at run time; a
 * test holds them together.
 * @module
 */

/** The version. */
export const VERSION = "0.2.0";
