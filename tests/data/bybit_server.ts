// A local server that answers as Bybit documents GET /v5/market/kline, with faults to order.

/** What a request was. */
export interface KlineRequest {
  /** Its query. */
  readonly query: URLSearchParams;
  /** How many came before it. */
  readonly index: number;
}

/** How the server behaves. */
export interface KlineServerOptions {
  /** Its clock, ms UTC. */
  readonly now: number;
  /** Open time of a market's first bar, ms UTC. */
  readonly listed?: number;
  /** An answer instead of the documented one; undefined for the documented one. */
  readonly fault?: (request: KlineRequest) => Response | undefined;
}

/** A running server. */
export interface KlineServer extends AsyncDisposable {
  /** Its address. */
  readonly url: string;
  /** Queries so far. */
  readonly queries: URLSearchParams[];
}

const STEPS: Readonly<Record<string, number>> = { "1": 60_000, "60": 3_600_000, D: 86_400_000 };

/** The envelope of every answer. */
export function envelope(retCode: number, retMsg: string, result: unknown, time: number): Response {
  return Response.json({ retCode, retMsg, result, retExtInfo: {}, time });
}

/** The price of a bar, from its time alone. */
export function priceAt(time: number): number {
  return 100 + (time / 3_600_000) % 97;
}

/** Rows as Bybit gives them: newest first, strings, the bar that contains an unaligned start, the open bar. */
function klines(query: URLSearchParams, { now, listed = 0 }: KlineServerOptions): string[][] {
  const step = STEPS[query.get("interval") ?? ""];
  const first = Math.max(listed, Math.floor(Number(query.get("start")) / step) * step);
  const rows: string[][] = [];
  const last = Math.min(Number(query.get("end")), now);
  for (let t = Math.floor(last / step) * step; t >= first && rows.length < Number(query.get("limit")); t -= step) {
    const price = priceAt(t);
    rows.push([t, price, price + 1, price - 1, price + 0.5, 3.25, 325].map(String));
  }
  return rows;
}

/** Starts a server on a free port of 127.0.0.1. */
export function serveKlines(options: KlineServerOptions): KlineServer {
  const queries: URLSearchParams[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    const url = new URL(request.url);
    if (url.pathname !== "/v5/market/kline") return new Response("Not found", { status: 404 });
    const query = url.searchParams;
    queries.push(query);
    const fault = options.fault?.({ query, index: queries.length - 1 });
    if (fault) return fault;
    if (query.get("symbol") === "NONESUCH") return envelope(10001, "Not supported symbols", {}, options.now);
    const category = query.get("category");
    const result = { symbol: query.get("symbol"), category, list: klines(query, options) };
    return envelope(0, "OK", result, options.now);
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    queries,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
