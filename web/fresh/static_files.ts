/**
 * `staticFiles()`: serves `static/` and the built chunks. Knows nothing of where they lie: the snapshot reads them.
 * @module
 */
import { type Middleware, snapshotOf } from "./context.ts";
import { BUILD_KEY } from "./runtime.ts";

/** A middleware that answers with a static file where there is one. */
export function staticFiles<State>(): Middleware<State> {
  return async (ctx) => {
    const { method } = ctx.req;
    const file = method === "GET" || method === "HEAD" ? await snapshotOf(ctx).readFile(ctx.url.pathname) : null;
    if (file === null) return ctx.next();
    const keep = file.immutable || ctx.url.searchParams.has(BUILD_KEY);
    return new Response(file.bytes, {
      headers: {
        "content-type": file.type,
        "cache-control": keep ? "public, max-age=31536000, immutable" : "no-cache",
        "x-content-type-options": "nosniff",
      },
    });
  };
}
