/**
 * The stand-in for Fresh: order of routes and middlewares, parameters, error pages, the document's head, islands' props, static
 * files. What is asked here holds for Fresh 2 too.
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { App, type Context, createDefine, HttpError, page, type PageProps, staticFiles } from "fresh";
import { asset, Head, IS_BROWSER } from "fresh/runtime";
import { type ComponentType, h, type JSX } from "preact";
import { readProps } from "../../web/fresh/props.ts";
import { setBuildId } from "../../web/fresh/runtime.ts";
import type { BuildSnapshot } from "../../web/fresh/snapshot.ts";

interface State {
  trail: string[];
}

const define = createDefine<State>();

function Island(props: { readonly text: string }): JSX.Element {
  return h("em", null, props.text);
}

function Outer(props: { readonly text: string }): JSX.Element {
  return h("section", null, h(Island, props));
}

/** A snapshot of route modules by id. */
function snapshotOf(routes: Readonly<Record<string, Record<string, unknown>>>): BuildSnapshot {
  return {
    routes: Object.entries(routes).map(([id, module]) => ({ id, module })),
    islands: new Map([
      [Island as ComponentType, { url: "/i.js", exportName: "default" }],
      [Outer as ComponentType, { url: "/o.js", exportName: "default" }],
    ]),
    bootUrl: "/boot.js",
    readFile: (pathname) =>
      Promise.resolve(
        pathname === "/style.css" ? { bytes: new Uint8Array([97]), type: "text/css", immutable: false } : null,
      ),
  };
}

/** An app of route modules, as a function of path and request. */
function serve(routes: Readonly<Record<string, Record<string, unknown>>>, app = new App<State>()) {
  app.fsRoutes();
  app.applySnapshot(snapshotOf(routes));
  const handler = app.handler();
  return (path: string, init?: RequestInit) => handler(new Request(`http://127.0.0.1${path}`, init));
}

/** A route that answers with its name and parameters. */
function named(name: string): Record<string, unknown> {
  return {
    handler: define.handlers({ GET: (ctx) => new Response(`${name} ${JSON.stringify(ctx.params)}`) }),
  };
}

const DOCUMENT = define.layout(({ Component }) =>
  h("html", null, h("head", null, h("title", null, "app")), h("body", null, h(Component, null)))
);

Deno.test("App takes a folder's own names before its parameters, whatever order the files come in", async () => {
  const get = serve({
    "[all]": named("all"),
    "runs/[id]": named("run"),
    "runs/[id]/[action]": named("action"),
    "runs/[id]/events": named("events"),
    "runs/index": named("runs"),
    "runs/new": named("new"),
    index: named("home"),
  });
  for (
    const [path, answer] of [
      ["/", "home {}"],
      ["/runs", "runs {}"],
      ["/runs/", "runs {}"],
      ["/runs/new", "new {}"],
      ["/runs/7", 'run {"id":"7"}'],
      ["/runs/a%20b", 'run {"id":"a b"}'],
      ["/runs/7/events", 'events {"id":"7"}'],
      ["/runs/7/stop", 'action {"id":"7","action":"stop"}'],
      ["/else", 'all {"all":"else"}'],
    ]
  ) {
    const response = await get(path);
    assertEquals([response.status, await response.text()], [200, answer], path);
  }
  for (const path of ["/runs/7/stop/now", "/%E0%A4%A"]) {
    const response = await get(path);
    await response.body?.cancel();
    assertEquals(response.status, 404, path);
  }
});

Deno.test("App runs middlewares from outside in, and hands what they leave to the handler", async () => {
  const step = (name: string) => async (ctx: Context<State>) => {
    ctx.state.trail = [...ctx.state.trail ?? [], name];
    const response = await ctx.next();
    response.headers.append("x-back", name);
    return response;
  };
  const get = serve({
    _middleware: { default: define.middleware([step("root 1"), step("root 2")]) },
    "api/_middleware": { default: define.middleware(step("api")) },
    "api/x": { handler: define.handlers((ctx) => Response.json(ctx.state.trail)) },
    x: { handler: define.handlers((ctx) => Response.json(ctx.state.trail)) },
  }, new App<State>().use(step("app")));
  const response = await get("/api/x");
  assertEquals(await response.json(), ["app", "root 1", "root 2", "api"]);
  assertEquals(response.headers.get("x-back"), "api, root 2, root 1, app");
  assertEquals(await (await get("/x")).json(), ["app", "root 1", "root 2"]);
});

Deno.test("App answers by method: its own, HEAD by GET without a body, 404 for others", async () => {
  const get = serve({
    x: { handler: define.handlers({ GET: () => new Response("got"), POST: () => new Response("put") }) },
  });
  assertEquals(await (await get("/x", { method: "POST" })).text(), "put");
  const head = await get("/x", { method: "HEAD" });
  assertEquals([head.status, await head.text()], [200, ""]);
  const other = await get("/x", { method: "DELETE" });
  assertEquals([other.status, await other.text()], [404, "Not Found"]);
});

Deno.test("App shows what was thrown on the nearest error page, inside its layouts, and else in plain text", async () => {
  const fail = (error: Error) => ({
    handler: define.handlers({
      GET() {
        throw error;
      },
    }),
  });
  const errorPage = (name: string) => ({
    default: ({ error }: PageProps) => h("p", null, `${name}: ${(error as Error).message}`),
  });
  const get = serve({
    _app: { default: DOCUMENT },
    _error: errorPage("root"),
    "deep/_error": errorPage("deep"),
    "deep/_layout": { default: ({ Component }: PageProps) => h("main", null, h(Component, null)) },
    "deep/x": fail(new HttpError(418, "no <coffee>")),
    x: fail(new Error("secret")),
  });
  const deep = await get("/deep/x");
  assertEquals(deep.status, 418);
  assertStringIncludes(await deep.text(), "<body><main><p>deep: no &lt;coffee></p></main></body>");
  const root = await get("/x");
  assertEquals(root.status, 500);
  assertStringIncludes(await root.text(), "<body><p>root: secret</p></body>");
  const missing = await get("/nowhere");
  assertEquals(missing.status, 404);
  assertStringIncludes(await missing.text(), "<body><p>root: ");

  const bare = serve({ x: fail(new HttpError(400, "say more")) });
  const plain = await bare("/x");
  assertEquals([plain.status, await plain.text()], [400, "say more"]);
  const silent = await serve({ x: fail(new HttpError(403)) })("/x");
  assertEquals([silent.status, await silent.text()], [403, "Forbidden"]);
});

Deno.test("page() carries data, status and headers; Head puts a page's own title into the document", async () => {
  const get = serve({
    _app: { default: DOCUMENT },
    x: {
      handler: define.handlers({ GET: () => page({ who: "you" }, { status: 201, headers: { "x-own": "1" } }) }),
      default: ({ data }: PageProps<{ who: string }>) =>
        h("p", null, h(Head, null, h("title", null, "own"), h("meta", { name: "a", content: '"<' })), "for ", data.who),
    },
  });
  const response = await get("/x");
  const html = await response.text();
  assertEquals([response.status, response.headers.get("x-own")], [201, "1"]);
  assertEquals(
    html,
    '<!DOCTYPE html><html><head><title>own</title><meta name="a" content="&quot;&lt;"/></head><body><p>for you</p></body></html>',
  );
});

Deno.test("an island's props cannot leave their script element, and an island inside another is that one's", async () => {
  const text = '</script><script>alert(1)</script><!-- "\\ \u2028';
  const get = serve({
    _app: { default: DOCUMENT },
    x: { default: () => h("div", null, h(Island, { text }), h(Outer, { text: "inner" })) },
  });
  const html = await (await get("/x")).text();
  assertEquals(html.match(/<script/g)?.length, 2);
  assertEquals(html.match(/<!--/g)?.length, 4);
  const json = /<script type="application\/json" id="__fresh_islands">([^]*?)<\/script>/.exec(html)![1];
  assertEquals(JSON.parse(json), [
    { url: "/i.js", exportName: "default", props: { text } },
    { url: "/o.js", exportName: "default", props: { text: "inner" } },
  ]);
  assertStringIncludes(html, "<!--island:1--><section><em>inner</em></section><!--/island:1-->");
  for (const url of ["/boot.js", "/i.js", "/o.js"]) {
    assertStringIncludes(html, `<link rel="modulepreload" href="${url}"/>`);
  }
  assert(!/<script(?![^>]*(src|application\/json))/.test(html), "no inline script");
});

Deno.test("an island's props keep the numbers that JSON has none for", async () => {
  const numbers = { all: [NaN, Infinity, -Infinity, -0, 0, 1.5, null], deep: { nan: NaN, text: "NaN" } };
  const get = serve({ x: { default: () => h(Island, { text: "", ...numbers } as { readonly text: string }) } });
  const html = await (await get("/x")).text();
  const json = /<script type="application\/json" id="__fresh_islands">([^]*?)<\/script>/.exec(html)![1];
  const [{ props }] = readProps(json) as [{ props: unknown }];
  assertEquals(props, { text: "", ...numbers });
});

Deno.test("a page without islands loads no script", async () => {
  const get = serve({ _app: { default: DOCUMENT }, x: { default: () => h("p", null, "plain") } });
  assert(!(await (await get("/x")).text()).includes("<script"));
});

Deno.test("ctx.redirect() stays on this server for paths, however many slashes they begin with", async () => {
  const to = (location: string) => ({ handler: define.handlers({ GET: (ctx) => ctx.redirect(location) }) });
  const get = serve({
    a: to("/b"),
    evil: to("//evil.example"),
    deep: to("/a//b?c=//d"),
    away: to("https://example.org/"),
  });
  for (
    const [path, location] of [
      ["/a", "/b"],
      ["/evil", "/evil.example"],
      ["/deep", "/a/b?c=//d"],
      ["/away", "https://example.org/"],
    ]
  ) {
    const response = await get(path);
    assertEquals([response.status, response.headers.get("location")], [302, location]);
  }
});

Deno.test("staticFiles() serves what is there, for ever under an address that asset() made", async () => {
  const get = serve({ "style.css": named("route") }, new App<State>().use(staticFiles()));
  assertEquals(asset("/style.css"), "/style.css");
  setBuildId("abc");
  try {
    assertEquals([asset("/style.css"), asset("/a?b")], ["/style.css?__frsh_c=abc", "/a?b&__frsh_c=abc"]);
    const kept = await get(asset("/style.css"));
    assertEquals([await kept.text(), kept.headers.get("content-type")], ["a", "text/css"]);
    assertStringIncludes(kept.headers.get("cache-control")!, "immutable");
    const plain = await get("/style.css");
    const changing = "no-cache, no-store, max-age=0, must-revalidate";
    assertEquals([await plain.text(), plain.headers.get("cache-control")], ["a", changing]);
    const stale = await get("/style.css?__frsh_c=old&b=1");
    assertEquals([stale.status, stale.headers.get("location")], [307, "/style.css?b=1"]);
  } finally {
    setBuildId("");
  }
  const post = await get("/style.css", { method: "POST" });
  await post.body?.cancel();
  assertEquals(post.status, 405);
  assertEquals(IS_BROWSER, false);
});
