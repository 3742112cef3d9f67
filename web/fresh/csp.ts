/**
 * `csp()`: sets a Content-Security-Policy. With `useNonce` it drops `'unsafe-inline'` for scripts: `render.ts` writes no
 * inline script, so where Fresh names a nonce this needs none.
 * @module
 */
import type { Middleware } from "./context.ts";

/** How to build the policy. */
export interface CSPOptions {
  /** Directives that add to or replace the defaults of the same name. */
  readonly csp?: string[];
  /** Whether inline scripts are refused. */
  readonly useNonce?: boolean;
}

const DEFAULTS: readonly string[] = [
  "default-src 'self'",
  "script-src 'self' 'unsafe-inline'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
];

/** A middleware that sets the policy on every response that passes through it. */
export function csp<State>(options: CSPOptions = {}): Middleware<State> {
  const { csp: own = [], useNonce = false } = options;
  const name = (directive: string) => directive.split(" ")[0];
  const names = new Set(own.map(name));
  const policy = [...DEFAULTS.filter((directive) => !names.has(name(directive))), ...own]
    .map((directive) =>
      useNonce && name(directive) === "script-src" ? directive.replace(" 'unsafe-inline'", "") : directive
    )
    .join("; ");
  return async (ctx) => {
    const response = await ctx.next();
    response.headers.set("content-security-policy", policy);
    return response;
  };
}
