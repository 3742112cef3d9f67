/**
 * `staticFiles()`: serves `static/` and the built chunks; the address of another build leads to that without one. Knows nothing
 * of where they lie: the snapshot reads them. Sends no `ETag`.
 * @module
 */
import { type Middleware, snapshotOf } from "./context.ts";
import { BUILD_KEY, buildId } from "./runtime.ts";

/** A middleware that answers with a static file where there is one. */
export function staticFiles<State>(): Middleware<State> {
  return async (ctx) => {
    const file = await snapshotOf(ctx).readFile(ctx.url.pathname);
    if (file === null) return ctx.next();
    if (ctx.req.method !== "GET" && ctx.req.method !== "HEAD") {
      return new Response("Method Not Allowed", { status: 405 });
    }
    const key = ctx.url.searchParams.get(BUILD_KEY);
    if (key !== null && key !== buildId()) {
      const rest = new URL(ctx.url);
      rest.searchParams.delete(BUILD_KEY);
      return new Response(null, { status: 307, headers: { location: rest.pathname + rest.search } });
    }
    const keep = file.immutable || key !== null;
    const changing = "no-cache, no-store, max-age=0, must-revalidate";
    return new Response(file.bytes, {
      headers: {
        "content-type": file.type,
        "cache-control": keep ? "public, max-age=31536000, immutable" : changing,
      },
    });
  };
}
