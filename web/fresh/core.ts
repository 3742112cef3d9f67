/**
 * The subset of `fresh` that the dashboard uses, for machines that JSR does not answer; `deno.jsr.json` maps `fresh` to the
 * original. Names, shapes and meanings are Fresh 2's; see each file for what it leaves out.
 * @module
 */
export { App, type ListenOptions } from "./app.ts";
export { Context, HttpError, type Middleware, type PageProps } from "./context.ts";
export { csp, type CSPOptions } from "./csp.ts";
export {
  createDefine,
  type Define,
  type HandlerByMethod,
  type HandlerFn,
  page,
  type PageResponse,
  type RouteHandler,
} from "./define.ts";
export { staticFiles } from "./static_files.ts";
