/**
 * Handlers, pages and the `define` helpers, typed as in Fresh 2: a page's `data` has the type its handlers return.
 * Everything here returns what it is given; it exists for the types.
 * @module
 */
import type { AnyComponent } from "preact";
import type { Context, Middleware, PageProps } from "./context.ts";

/** What `page()` returns: the data of a page, and how to answer. */
export interface PageResponse<Data> {
  /** What the page is given. */
  readonly data: Data;
  /** Further response headers. */
  readonly headers?: HeadersInit;
  /** The status; 200 by default. */
  readonly status?: number;
}

/** Answers a request itself or hands its page the data. */
export type HandlerFn<Data, State> = (
  ctx: Context<State>,
) => Response | PageResponse<Data> | Promise<Response | PageResponse<Data>>;

/** Handlers by HTTP method. */
export type HandlerByMethod<Data, State> = {
  [method in "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS"]?: HandlerFn<Data, State>;
};

/** One handler for every method, or one a method. */
export type RouteHandler<Data, State> = HandlerFn<Data, State> | HandlerByMethod<Data, State>;

/** The data, and how to answer. */
export function page<Data>(
  data: Data,
  options: { readonly headers?: HeadersInit; readonly status?: number } = {},
): PageResponse<Data> {
  return { data, ...options };
}

/** Helpers that give handlers, pages and middlewares their types. */
export interface Define<State> {
  /** Types handlers. */
  handlers<Data, Handlers extends RouteHandler<Data, State> = RouteHandler<Data, State>>(handlers: Handlers): Handlers;
  /** Types a page by its handlers. */
  page<
    // deno-lint-ignore no-explicit-any
    Handler extends RouteHandler<any, State> = never,
    Data = Handler extends HandlerFn<infer D, State> ? D : Handler extends HandlerByMethod<infer D, State> ? D : never,
  >(render: AnyComponent<PageProps<Data, State>>): AnyComponent<PageProps<Data, State>>;
  /** Types a layout or the app wrapper. */
  layout(render: AnyComponent<PageProps<unknown, State>>): AnyComponent<PageProps<unknown, State>>;
  /** Types a middleware, or several in order. */
  middleware<M extends Middleware<State> | Middleware<State>[]>(middleware: M): M;
}

/** The helpers for one type of state. */
export function createDefine<State>(): Define<State> {
  return {
    handlers: (handlers) => handlers,
    page: (render) => render,
    layout: (render) => render,
    middleware: (middleware) => middleware,
  };
}
