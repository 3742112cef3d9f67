/**
 * Renders a page to HTML: layouts and app wrapper around it, `<Head>` moved into the head, islands between comments that
 * `client.ts` finds, their props as JSON. Emits no inline script, so a policy needs no nonce.
 *
 * Islands are found through Preact's diff hook: a component of the registry is replaced by one that adds the comments,
 * unless it stands inside another island, whose chunk already holds it.
 * @module
 */
import { type ComponentType, createContext, Fragment, h, options, type VNode } from "preact";
import { useContext } from "preact/hooks";
import { renderToString } from "preact-render-to-string";
import type { AnyNode, Context, PageComponent, PageProps } from "./context.ts";
import { collectHead } from "./head.ts";
import { writeProps } from "./props.ts";
import type { BuildSnapshot, IslandChunk } from "./snapshot.ts";

/** One island on a page, as the browser reads it. */
export interface IslandUse extends IslandChunk {
  /** What it is given; see `props.ts`. */
  readonly props: Readonly<Record<string, unknown>>;
}

/** The id of the element that holds the islands of a page. */
export const ISLANDS_ID = "__fresh_islands";

const InsideIsland = createContext(false);

interface Rendering {
  readonly islands: ReadonlyMap<ComponentType, IslandChunk>;
  readonly used: IslandUse[];
}

let rendering: Rendering | null = null;
const wrapped = new WeakSet<VNode>();

// `__b` is Preact's mangled name of the hook that runs before a node is rendered.
const hooks = options as unknown as { __b?: (vnode: VNode) => void };
const previous = hooks.__b;
hooks.__b = (vnode) => {
  const island = vnode.type as ComponentType<Record<string, unknown>>;
  const chunk = rendering !== null && typeof island === "function" && !wrapped.has(vnode)
    ? rendering.islands.get(island as ComponentType)
    : undefined;
  if (chunk !== undefined) {
    const current = rendering!;
    vnode.type = (props: Record<string, unknown>) => {
      const child = h(island, props);
      wrapped.add(child as VNode);
      if (useContext(InsideIsland)) return child;
      const index = current.used.push({ ...chunk, props }) - 1;
      return h(
        InsideIsland.Provider,
        { value: true },
        comment(`island:${index}`),
        child,
        comment(`/island:${index}`),
      );
    };
  }
  previous?.(vnode);
};

/** The HTML of a page inside its wrappers, outermost first. */
export function renderPage<State>(
  vnode: AnyNode | null,
  wrappers: readonly PageComponent<State>[],
  ctx: Context<State>,
  snapshot: BuildSnapshot,
): string {
  const used: IslandUse[] = [];
  const tree = wrappers.reduceRight<AnyNode | null>(
    (child, wrapper) => h(wrapper, pageProps(ctx, null, () => child)),
    vnode,
  );
  rendering = { islands: snapshot.islands, used };
  try {
    const { html, head } = collectHead(() => renderToString(tree ?? h(Fragment, null)));
    return `<!DOCTYPE html>${insertBefore(withHead(html, head, used, snapshot), "</body>", scripts(used, snapshot))}`;
  } finally {
    rendering = null;
  }
}

/** What a page, layout or app wrapper is given. */
export function pageProps<State>(
  ctx: Context<State>,
  data: unknown,
  Component: PageProps<unknown, State>["Component"],
): PageProps<unknown, State> {
  const { url, req, params, state, error } = ctx;
  return { data, url, req, params, state, error, Component };
}

function comment(text: string): VNode {
  return h(Fragment, { UNSTABLE_comment: text } as object);
}

/** A page's own `<title>` replaces the app's. */
function withHead(html: string, head: readonly VNode[], used: readonly IslandUse[], snapshot: BuildSnapshot): string {
  const own = renderToString(h(Fragment, null, ...head));
  const urls = used.length === 0 ? [] : [snapshot.bootUrl, ...new Set(used.map((island) => island.url))];
  const preloads = urls.map((url) => `<link rel="modulepreload" href="${url}"/>`).join("");
  const base = own.includes("<title") ? html.replace(/<title[^>]*>[^<]*<\/title>/, "") : html;
  return insertBefore(base, "</head>", own + preloads);
}

function scripts(used: readonly IslandUse[], snapshot: BuildSnapshot): string {
  if (used.length === 0) return "";
  // "<" never appears in the JSON, so no prop can close the element.
  const json = writeProps(used).replaceAll("<", "\\u003c");
  return `<script type="application/json" id="${ISLANDS_ID}">${json}</script>` +
    `<script type="module" src="${snapshot.bootUrl}"></script>`;
}

function insertBefore(html: string, mark: string, addition: string): string {
  const at = html.lastIndexOf(mark);
  return at < 0 ? html + addition : html.slice(0, at) + addition + html.slice(at);
}
