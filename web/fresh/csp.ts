/**
 * `csp()`: sets a Content-Security-Policy. With `useNonce` it drops `'unsafe-inline'` for scripts: `render.ts` writes no
 * inline script, so where Fresh names a nonce this needs none. It takes no directives of one's own.
 * @module
 */
import type { Middleware } from "./context.ts";

/** How to build the policy. */
export interface CSPOptions {
  /** Whether inline scripts are refused. */
  readonly useNonce?: boolean;
}

/** A middleware that sets the policy on every response that passes through it. */
export function csp<State>({ useNonce = false }: CSPOptions = {}): Middleware<State> {
  const policy = [
    "default-src 'self'",
    `script-src 'self'${useNonce ? "" : " 'unsafe-inline'"}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
  return async (ctx) => {
    const response = await ctx.next();
    response.headers.set("content-security-policy", policy);
    return response;
  };
}
