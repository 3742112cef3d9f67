/**
 * `App`: middlewares, file routes, and the handler that `Deno.serve` runs. Routes come from files alone (no `app.get`).
 *
 * Order is Fresh's: what `use` adds before `fsRoutes` runs around every file route; each folder's `_middleware` runs inside
 * those of the folders above it, and its `_error` page shows what was thrown below it.
 * @module
 */
import { STATUS_CODES } from "node:http";
import { h } from "preact";
import { Context, HttpError, type Middleware, type PageComponent } from "./context.ts";
import type { HandlerByMethod, HandlerFn, PageResponse } from "./define.ts";
import { pageProps } from "./render.ts";
import { type BuildSnapshot, EMPTY_SNAPSHOT, type RouteFile } from "./snapshot.ts";

/** Where and how to listen; what `Deno.serve` takes. */
export type ListenOptions = Partial<Deno.ServeTcpOptions>;

interface Route<State> {
  readonly pattern: URLPattern;
  readonly run: (ctx: Context<State>) => Promise<Response>;
}

type Layer<State> = (ctx: Context<State>, next: () => Promise<Response>) => Promise<Response>;

/** The pattern of a route file's address: "runs/[id]" to "/runs/:id", "index" to "/". */
function toPathname(id: string): string {
  return `/${id.replace(/(^|\/)index$/, "").replace(/\[(\w+)\]/g, ":$1")}`;
}

/** Sorts a folder's own names before its parameters. */
function order(pathname: string): string {
  return pathname.replace(/:\w+/g, "\uffff");
}

/** An application: middlewares around the routes of `routes/`. */
export class App<State> {
  readonly #middlewares: Middleware<State>[] = [];
  #fsRoutes = false;
  #snapshot: BuildSnapshot = EMPTY_SNAPSHOT;

  /** Adds middlewares around everything. */
  use(...middlewares: Middleware<State>[]): this {
    this.#middlewares.push(...middlewares);
    return this;
  }

  /** Adds the routes of `routes/`. */
  fsRoutes(): this {
    this.#fsRoutes = true;
    return this;
  }

  /** Hands the app what the builder made; the builder does. */
  applySnapshot(snapshot: BuildSnapshot): void {
    this.#snapshot = snapshot;
  }

  /** The function that answers requests. */
  handler(): (request: Request, info?: Deno.ServeHandlerInfo) => Promise<Response> {
    const snapshot = this.#snapshot;
    const files = this.#fsRoutes ? snapshot.routes : [];
    const common = this.#middlewares.map(middlewareLayer);
    const routes = files.filter((file) => !basename(file.id).startsWith("_"))
      .map((file): [string, Route<State>] => [toPathname(file.id), makeRoute(file, files, common)])
      .sort(([a], [b]) => order(a) < order(b) ? -1 : 1)
      .map(([, route]) => route);
    const fallback = chain([...common, ...folderLayers<State>("", files)], () => Promise.reject(new HttpError(404)));

    return async (request, info = LOCAL) => {
      const url = URL.parse(request.url);
      // A Host that is no host, such as one whose port is out of range.
      if (url === null) return plainError(new HttpError(400));
      url.pathname = url.pathname.replace(/\/+/g, "/");
      const pathname = url.pathname.replace(/(?<=.)\/$/, "");
      let run = fallback;
      let params: Record<string, string> = {};
      for (const route of staysWhole(pathname) ? routes : []) {
        const match = route.pattern.exec({ pathname });
        if (match === null) continue;
        params = Object.fromEntries(
          Object.entries(match.pathname.groups).map(([key, value]) => [key, decodeURI(value ?? "")]),
        );
        run = route.run;
        break;
      }
      try {
        const response = await run(new Context<State>(request, url, info, params, snapshot));
        return request.method === "HEAD" ? new Response(null, response) : response;
      } catch (error) {
        return plainError(error);
      }
    };
  }

  /** Serves the app. */
  listen(options: ListenOptions = {}): Promise<void> {
    Deno.serve(options as Deno.ServeTcpOptions, this.handler());
    return Promise.resolve();
  }
}

const LOCAL: Deno.ServeHandlerInfo = {
  remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 0 },
  completed: Promise.resolve(),
};

/** Whether a path can be decoded; one that cannot is no route's. */
function staysWhole(pathname: string): boolean {
  try {
    return decodeURI(pathname) !== "";
  } catch {
    return false;
  }
}

function basename(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1);
}

function chain<State>(layers: readonly Layer<State>[], last: (ctx: Context<State>) => Promise<Response>) {
  return layers.reduceRight<(ctx: Context<State>) => Promise<Response>>(
    (next, layer) => (ctx) => layer(ctx, () => next(ctx)),
    last,
  );
}

function middlewareLayer<State>(middleware: Middleware<State>): Layer<State> {
  return async (ctx, next) => {
    const outer = ctx.next;
    ctx.next = next;
    try {
      return await middleware(ctx);
    } finally {
      ctx.next = outer;
    }
  };
}

/** The layers of the folders from `routes/` down to the one that holds `id`. */
function folderLayers<State>(id: string, files: readonly RouteFile[]): Layer<State>[] {
  const folders = id.split("/").slice(0, -1).reduce<string[]>((all, part) => [...all, `${all.at(-1)}${part}/`], [""]);
  return folders.flatMap((folder) => {
    const find = (name: string) => files.find((file) => file.id === `${folder}${name}`)?.module.default;
    const wrappers = [folder === "" ? find("_app") : undefined, find("_layout")]
      .filter((wrapper) => wrapper !== undefined) as PageComponent<State>[];
    const error = find("_error") as PageComponent<State> | undefined;
    const middlewares = [find("_middleware") ?? []].flat() as Middleware<State>[];
    return [wrapperLayer(wrappers, error), ...middlewares.map(middlewareLayer)];
  });
}

function wrapperLayer<State>(
  wrappers: PageComponent<State>[],
  errorPage: PageComponent<State> | undefined,
): Layer<State> {
  return async (ctx, next) => {
    const depth = ctx.wrappers.length;
    ctx.wrappers.push(...wrappers);
    try {
      return await next();
    } catch (error) {
      if (errorPage === undefined) throw error;
      ctx.error = error;
      ctx.wrappers.length = depth + wrappers.length;
      return await ctx.render(h(errorPage, pageProps(ctx, null, () => null)), { status: statusOf(error) });
    } finally {
      ctx.wrappers.length = depth;
    }
  };
}

function makeRoute<State>(file: RouteFile, files: readonly RouteFile[], common: readonly Layer<State>[]): Route<State> {
  const component = file.module.default as PageComponent<State> | undefined;
  const handler = (file.module.handler ?? file.module.handlers) as
    | HandlerFn<unknown, State>
    | HandlerByMethod<unknown, State>
    | undefined;
  const answerTo = (method: keyof HandlerByMethod<unknown, State>) =>
    typeof handler === "function"
      ? handler
      : (handler !== undefined && Object.hasOwn(handler, method) ? handler[method] : undefined) ??
        (method === "GET" && component ? emptyPage : undefined);
  const last = async (ctx: Context<State>): Promise<Response> => {
    const answer = answerTo(
      (ctx.req.method === "HEAD" ? "GET" : ctx.req.method) as keyof HandlerByMethod<unknown, State>,
    );
    if (answer === undefined) throw new HttpError(404);
    const result = await answer(ctx);
    if (result instanceof Response) return result;
    const { data, ...init } = result;
    return ctx.render(component === undefined ? null : h(component, pageProps(ctx, data, () => null)), init);
  };
  return {
    pattern: new URLPattern({ pathname: toPathname(file.id) }),
    run: chain([...common, ...folderLayers<State>(file.id, files)], last),
  };
}

const emptyPage = (): PageResponse<unknown> => ({ data: {} });

function statusOf(error: unknown): number {
  return error instanceof HttpError ? error.status : 500;
}

function plainError(error: unknown): Response {
  const status = statusOf(error);
  if (status >= 500) console.error(error);
  if (!(error instanceof HttpError)) return new Response("Internal server error", { status });
  return new Response(error.message || STATUS_CODES[status], { status });
}
