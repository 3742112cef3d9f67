/**
 * What a request carries through middlewares, handlers and pages, with the names and shapes of Fresh 2. Holds no routing
 * (`app.ts`) and no HTML (`render.ts`); leaves out what the dashboard does not use: partials, web sockets, base paths.
 * @module
 */
import type { AnyComponent, ComponentChildren, VNode } from "preact";
import { renderPage } from "./render.ts";
import type { BuildSnapshot } from "./snapshot.ts";

/** An error with an HTTP status; the nearest `_error` page shows it. */
export class HttpError extends Error {
  /** The HTTP status, 400 to 599. */
  readonly status: number;

  /**
   * @param status the HTTP status
   * @param message what to tell the reader
   */
  constructor(status: number, message?: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "HttpError";
    this.status = status;
  }
}

/** A function that answers a request, or passes it on with `ctx.next()`. */
export type Middleware<State> = (ctx: Context<State>) => Response | Promise<Response>;

/** What pages, layouts and the app wrapper are given. */
export interface PageProps<Data = unknown, State = unknown> {
  /** What the handler passed to `page()`. */
  readonly data: Data;
  /** The request's address. */
  readonly url: URL;
  /** The request. */
  readonly req: Request;
  /** The parameters of the matched route. */
  readonly params: Record<string, string>;
  /** What middlewares left for the page. */
  readonly state: State;
  /** What was thrown, on error pages; null elsewhere. */
  readonly error: unknown;
  /** What a layout or the app wrapper goes around. */
  readonly Component: () => ComponentChildren;
}

/** A rendered element, whatever its props. */
// deno-lint-ignore no-explicit-any
export type AnyNode = VNode<any>;

/** A page, layout or app wrapper. */
export type PageComponent<State> = AnyComponent<PageProps<unknown, State>>;

// Kept beside the class, so that middlewares see what Fresh's context has and nothing more.
const SNAPSHOTS = new WeakMap<object, BuildSnapshot>();

/** The build that serves a request. */
export function snapshotOf(ctx: object): BuildSnapshot {
  return SNAPSHOTS.get(ctx)!;
}

/** Everything of one request. */
export class Context<State> {
  /** What middlewares leave for handlers and pages. */
  readonly state: State = {} as State;
  /** What was thrown, while an error page is rendered; null otherwise. */
  error: unknown = null;
  /** Passes the request on. */
  next: () => Promise<Response> = () => Promise.reject(new HttpError(404));
  /** The app wrapper and the layouts, outermost first, that `render` puts around a page. */
  readonly wrappers: PageComponent<State>[] = [];

  /** @param params the parameters of the matched route */
  constructor(
    readonly req: Request,
    readonly url: URL,
    readonly info: Deno.ServeHandlerInfo,
    readonly params: Record<string, string>,
    snapshot: BuildSnapshot,
  ) {
    SNAPSHOTS.set(this, snapshot);
  }

  /** Renders a page inside its layouts and the app wrapper. */
  render(vnode: AnyNode | null, init: ResponseInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set("content-type", "text/html; charset=utf-8");
    return Promise.resolve(
      new Response(renderPage(vnode, this.wrappers, this, snapshotOf(this)), { ...init, headers }),
    );
  }

  /** Answers with a redirect to a path of this server or to another address. */
  redirect(location: string, status = 302): Response {
    const [, path, rest] = /^([^?#]*)([^]*)$/.exec(location)!;
    const safe = path.startsWith("/") ? path.replace(/\/+/g, "/") + rest : location;
    return new Response(null, { status, headers: { location: safe } });
  }
}
