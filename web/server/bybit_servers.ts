/**
 * Which servers stand for Bybit: its own, or those that ADAPTRADE_BYBIT_URL and ADAPTRADE_BYBIT_STREAM_URL name.
 * @module
 */

/** The variables of the environment that are asked. */
export const BYBIT_ENV: readonly string[] = ["ADAPTRADE_BYBIT_URL", "ADAPTRADE_BYBIT_STREAM_URL"];

/** Addresses of the REST and the websocket server. */
export interface BybitServers {
  /** The REST server. */
  readonly baseUrl: string;
  /** The websocket server. */
  readonly streamUrl: string;
}

/** The servers to ask. */
export function bybitServers(): BybitServers {
  const [baseUrl = "https://api.bybit.com", streamUrl = "wss://stream.bybit.com"] = BYBIT_ENV.map((name) =>
    Deno.env.get(name)
  );
  return { baseUrl, streamUrl };
}
