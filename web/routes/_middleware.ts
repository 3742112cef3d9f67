/**
 * What every request passes: the security headers, the page of errors (JSON for `/api/`), inside the headers so that error
 * pages carry them too, the guard, and the static files, innermost so that they are guarded and carry the headers.
 *
 * Fresh starts islands with an inline script that carries a nonce, which its `csp()` writes into the policy; the subset in
 * `fresh/` writes no inline script. `securityHeaders` takes the nonce, where there is one, and writes the policy around it:
 * inline styles stay allowed, since charts set them, and nothing is upgraded to https, which 127.0.0.1 does not speak.
 * @module
 */
import { csp, HttpError, type Middleware, staticFiles } from "fresh";
import { h } from "preact";
import { errorMessage, errorStatus, ErrorView } from "../components/ErrorView.tsx";
import { FieldError } from "../server/field_error.ts";
import { refusal, staysInside } from "../server/guard.ts";
import { MethodError, requireReading } from "../server/methods.ts";
import { define, type State } from "../utils.ts";

const guard: Middleware<State> = (ctx) => {
  const reason = refusal(ctx.req);
  if (reason !== null) throw new HttpError(403, reason);
  // Fresh's static files take an encoded ".." for a failure of the server.
  if (!staysInside(ctx.url.pathname)) throw new HttpError(404);
  if (!ctx.url.pathname.startsWith("/api/")) requireReading(ctx.req.method);
  return ctx.next();
};

const securityHeaders: Middleware<State> = async (ctx) => {
  const response = await ctx.next();
  const nonce = /'nonce-[\w-]+'/.exec(response.headers.get("content-security-policy") ?? "")?.[0];
  const policy = [
    "default-src 'self'",
    `script-src 'self'${nonce ? ` ${nonce}` : ""} 'wasm-unsafe-eval'`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ];
  response.headers.set("content-security-policy", policy.join("; "));
  response.headers.set("x-content-type-options", "nosniff");
  response.headers.set("referrer-policy", "no-referrer");
  response.headers.set("cross-origin-opener-policy", "same-origin");
  response.headers.set("cross-origin-resource-policy", "same-origin");
  return response;
};

const errors: Middleware<State> = async (ctx) => {
  try {
    return await ctx.next();
  } catch (error) {
    const status = errorStatus(error);
    if (status >= 500) console.error(error);
    const headers: HeadersInit = error instanceof MethodError ? { allow: error.allow } : {};
    if (ctx.url.pathname.startsWith("/api/")) {
      const { cause } = error as Error;
      const field = cause instanceof FieldError ? { field: cause.field } : {};
      return Response.json({ error: errorMessage(error), ...field }, { status, headers });
    }
    return await ctx.render(h(ErrorView, { error }), { status, headers });
  }
};

/** The middlewares, outermost first. */
export default define.middleware([
  securityHeaders,
  csp<State>({ useNonce: true }),
  errors,
  guard,
  staticFiles<State>(),
]);
