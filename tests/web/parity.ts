/**
 * Compares what two dashboards answer on copies of one data folder: the subset in `web/fresh`, and the same `web/` on Fresh
 * itself (`web/fresh/README.md` says how to start that). Every page, API and file, by every method: status, document title,
 * headers, and the page's HTML or the body. Writes what differs, and how many answers were alike. Starts nothing.
 *
 * deno run --allow-net=127.0.0.1 tests/web/parity.ts http://127.0.0.1:8000 http://127.0.0.1:8001
 * @module
 */
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** Headers that name the build or the moment, or that only one of the two sends: `link` and `etag` are Fresh's. */
const OWN_HEADERS = new Set(["date", "link", "etag", "vary", "content-length"]);

/** Pages, APIs and files: those that are there, and those that are not. */
async function addresses(url: string): Promise<readonly string[]> {
  const ids = async (path: string): Promise<readonly string[]> =>
    (await (await fetch(`${url}${path}`)).json()).map(({ id }: { readonly id: string }) => id);
  const [runs, backtests, traders] = await Promise.all(["/api/runs", "/api/backtest", "/api/online"].map(ids));
  const search = "file=data:searches.sqlite&name=bowl";
  return [
    ...[
      "/",
      "/data",
      "/forecast",
      "/lab",
      "/backtest",
      "/compare",
      "/online",
      "/searches",
      "/methods",
      "/studies",
      "/engine",
    ],
    ...[...runs, "none"].flatMap((id) => [
      `/runs/${id}`,
      ...["forecast", "lab", "backtest", "compare", "api/forecast/view", "api/lab/view"].map((at) =>
        `/${at}?run=${id}`
      ),
      ...["none", "stop", "events"].map((action) => `/api/runs/${id}/${action}`),
    ]),
    ...[...backtests, "none"].flatMap((id) => [
      `/backtest?id=${id}`,
      ...["view", "trades", "fills", "report"].map((part) => `/api/backtest/${id}/${part}`),
    ]),
    ...[...traders, "none"].flatMap((id) => [`/online/${id}`, `/api/online/${id}/events`]),
    ...["sample:SP500", "file:none.csv"].map((id) => `/data/market?id=${id}`),
    ...[`/searches/one?${search}`, "/searches/one", "/studies/one", `/api/searches/one?${search}`, "/api/searches/one"],
    ...["runs", "runs/events", "backtest", "backtest/events", "online", "online/events", "searches/events"].map((at) =>
      `/api/${at}`
    ),
    ...["studies/events", "studies/markets", "studies/one"].map((at) => `/api/${at}`),
    ...["data/events", "data/upload", "data/delete", "data/fetch", "data/fetch/cancel", "searches/workers"].map((at) =>
      `/api/${at}`
    ),
    ...[
      "/api",
      "/api/none",
      "/nope",
      "/nope/deep/er",
      "/runs",
      "/runs/",
      "/runs/a%20b",
      "/runs/[id]",
      "/Data",
      "/data/",
    ],
    ...["//data", "/%64ata", "/index", "/data.tsx", "/%E0%A4%A", "/..%2f..%2fetc/passwd", `/runs/${"x".repeat(1100)}`],
    ...["/_app", "/_error", "/_layout", "/_middleware", "/routes/index.tsx", "/static/theme.css", "/_fresh/js/x/y.js"],
    ...["/favicon.ico", "/favicon.svg", "/theme.css", "/theme.css?__frsh_c=0", "/theme.js", "/none.css"],
  ];
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly titles: readonly string[];
  readonly body: string;
}

async function ask(address: string, method: string): Promise<Answer> {
  const writes = ["POST", "PUT", "PATCH"].includes(method);
  const response = await fetch(address, { method, redirect: "manual", ...(writes && { body: "no JSON {" }) });
  const type = response.headers.get("content-type") ?? "";
  const streams = type.startsWith("text/event-stream");
  if (streams) await response.body?.cancel();
  const text = streams ? "" : await response.text();
  const headers = [...response.headers].filter(([name]) => !OWN_HEADERS.has(name)).map(([name, value]) => [
    name,
    value.replace(/ 'nonce-\w+'/, "").replace(/charset=utf-8/i, "charset=utf-8"),
  ]);
  const html = type.startsWith("text/html");
  const bare = html ? text.replace(/<script[^>]*>[^]*?<\/script>/g, "") : text;
  return {
    status: response.status,
    headers: Object.fromEntries(headers),
    titles: html ? [...bare.matchAll(/<title>([^<]*)<\/title>/g)].map(([, title]) => title) : [],
    body: html ? plainHtml(bare) : text,
  };
}

/** What a reader sees of a page: neither the comments around islands, nor Fresh's attributes, nor the build. */
function plainHtml(html: string): string {
  return html.replace(/^[^]*<body[^>]*>/, "").replace(/<!--[^]*?-->/g, "").replace(/ data-frsh-key="[^"]*"/g, "")
    .replace(/ (data-(ancestor|current)="true"|aria-current="\w+")/g, "").replace(/\?__frsh_c=\w+/g, "")
    .replace(/\s+/g, " ").trim();
}

/** How two answers differ, a line each. */
function differences(ours: Answer, theirs: Answer): readonly string[] {
  const names = new Set([...Object.keys(ours.headers), ...Object.keys(theirs.headers)]);
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ["status", ours.status, theirs.status],
    ["titles", ours.titles.join(), theirs.titles.join()],
    ...[...names].map((name) => [name, ours.headers[name], theirs.headers[name]] as const),
    ["body", ours.body, theirs.body],
  ];
  return pairs.filter(([, a, b]) => a !== b).map(([what, a, b]) => {
    const [x, y] = [String(a), String(b)];
    const at = Math.max(0, [...x].findIndex((letter, index) => letter !== y[index]) - 40);
    return `  ${what}: ${x.slice(at, at + 120)} | ${y.slice(at, at + 120)}`;
  });
}

if (import.meta.main) {
  const [ours, theirs] = Deno.args;
  const paths = await addresses(ours);
  // The first look at a market reads it; until then pages know less.
  for (const path of paths) await Promise.all([ours, theirs].map((url) => ask(`${url}${path}`, "GET")));
  let alike = 0;
  for (const path of paths) {
    for (const method of METHODS) {
      const lines = differences(await ask(`${ours}${path}`, method), await ask(`${theirs}${path}`, method));
      if (lines.length === 0) alike++;
      else console.log([`${method} ${path}`, ...lines].join("\n"));
    }
  }
  console.log(`${alike} of ${paths.length * METHODS.length} answers are alike`);
}
