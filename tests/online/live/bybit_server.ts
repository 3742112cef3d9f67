/**
 * A local Bybit: GET /v5/market/kline and the public websocket, in the words of its documentation, with faults to order.
 * https://bybit-exchange.github.io/docs/v5/websocket/public/kline
 */
import type { Candles } from "../../../lib/data/candles.ts";
import { envelope } from "../../data/bybit_server.ts";
import { STEP } from "./fixtures.ts";

/** A running server. */
export interface LocalBybit extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`. */
  readonly rest: string;
  /** `ws://127.0.0.1:PORT`. */
  readonly stream: string;
  /** Its clock, ms UTC: bars that end by then have closed. */
  now: number;
  /** Whether it answers pings and sends bars; a stalled one leaves its present connections open, and silent for good. */
  stall(): void;
  /** REST queries so far. */
  readonly queries: URLSearchParams[];
  /** Answers for the next REST queries instead of the documented one. */
  readonly faults: (() => Response)[];
  /** Pings received. */
  pings: number;
  /** Connections that were subscribed. */
  subscriptions: number;
  /** Open connections that are subscribed and not stalled. */
  readonly listeners: number;
  /** What a subscription is answered, if not with success. */
  refusal: string | undefined;
  /** Whether subscriptions are left without an answer. */
  mute: boolean;
  /** Markets that it does not know any more: subscriptions to them, and queries, are refused. */
  readonly gone: Set<string>;
  /** Markets that it knows, but has no bars of. */
  readonly silent: Set<string>;
  /** Sends text to all that listen. */
  send(text: string): void;
  /** Sends bar `i` of a market; closed or with figures that are not final. */
  sendBar(symbol: string, i: number, options?: { readonly closed?: boolean }): void;
  /** Cuts all connections. */
  disconnect(): void;
}

/** The message that carries bars of a market. */
export function klineMessage(
  market: Candles,
  bars: readonly number[],
  options: { closed: boolean; now: number },
): string {
  const data = bars.map((i) => ({
    start: market.time[i],
    end: market.time[i] + STEP - 1,
    interval: "60",
    open: String(market.open[i]),
    close: options.closed ? String(market.close[i]) : String(market.open[i]),
    high: String(market.high[i]),
    low: String(market.low[i]),
    volume: String(market.volume[i]),
    turnover: "1",
    confirm: options.closed,
    timestamp: options.now,
  }));
  return JSON.stringify({ topic: `kline.60.${market.symbol}`, data, ts: options.now, type: "snapshot" });
}

/** Starts a server of these hourly markets on a free port. */
export function serveBybit(markets: readonly Candles[], now: number): LocalBybit {
  const open = new Set<WebSocket>();
  let listening = new Set<WebSocket>();
  const find = (symbol: string | null): Candles | undefined => markets.find((market) => market.symbol === symbol);

  const klines = (query: URLSearchParams): Response => {
    server.queries.push(query);
    const fault = server.faults.shift();
    if (fault) return fault();
    const market = find(query.get("symbol"));
    if (server.silent.has(query.get("symbol")!)) return envelope(0, "OK", { list: [] }, server.now);
    if (!market || server.gone.has(market.symbol)) return envelope(10001, "Not supported symbols", {}, server.now);
    const [start, end, limit] = ["start", "end", "limit"].map((name) => Number(query.get(name)));
    const rows: string[][] = [];
    market.time.forEach((time, i) => {
      // Bybit gives the open bar too.
      if (time < start || time > end || time > server.now) return;
      const { open, high, low, close, volume } = market;
      rows.push([time, open[i], high[i], low[i], close[i], volume[i], 1].map(String));
    });
    return envelope(0, "OK", { list: rows.slice(0, limit).reverse() }, server.now);
  };
  const accept = (request: Request): Response => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    open.add(socket);
    const gone = (): void => {
      open.delete(socket);
      listening.delete(socket);
    };
    socket.onclose = gone;
    socket.onerror = gone;
    let stalled = false;
    stalls.push(() => stalled = true);
    socket.onmessage = ({ data }): void => {
      const { op, args } = JSON.parse(data);
      if (stalled) return;
      if (op === "ping") {
        server.pings++;
        socket.send(JSON.stringify({ success: true, ret_msg: "pong", conn_id: "1", req_id: "", op: "ping" }));
      } else if (op === "subscribe" && Array.isArray(args)) {
        if (server.mute) return;
        const unknown = args.find((topic) => server.gone.has(topic.split(".")[2]));
        const refusal = server.refusal ?? (unknown && `error:handler not found,topic:${unknown}`);
        const success = refusal === undefined;
        socket.send(JSON.stringify({ success, ret_msg: refusal ?? "", conn_id: "1", op: "subscribe" }));
        if (!success) return;
        listening.add(socket);
        server.subscriptions++;
      }
    };
    return response;
  };
  const stalls: (() => void)[] = [];
  const http = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/v5/market/kline") return klines(searchParams);
    return pathname === "/v5/public/linear" ? accept(request) : new Response("Not found", { status: 404 });
  });
  const server: LocalBybit = {
    rest: `http://127.0.0.1:${http.addr.port}`,
    stream: `ws://127.0.0.1:${http.addr.port}`,
    now,
    queries: [],
    faults: [],
    pings: 0,
    subscriptions: 0,
    refusal: undefined,
    mute: false,
    gone: new Set(),
    silent: new Set(),
    get listeners(): number {
      return listening.size;
    },
    stall(): void {
      for (const one of stalls) one();
      listening = new Set();
    },
    send(text: string): void {
      for (const socket of listening) if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    sendBar(symbol: string, i: number, { closed = true } = {}): void {
      this.send(klineMessage(find(symbol)!, [i], { closed, now: server.now }));
    },
    disconnect(): void {
      for (const socket of open) socket.close();
      listening.clear();
    },
    async [Symbol.asyncDispose](): Promise<void> {
      this.disconnect();
      await http.shutdown();
    },
  };
  return server;
}
