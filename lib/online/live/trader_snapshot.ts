/**
 * A paper trader as text, to be stored and taken up again bitwise. Its settings and its learner's layout are not restored but
 * compared: a trader goes on under the rules it was opened with alone. When it began to trade is part of its life, and restored.
 * @module
 */
import { DataError } from "../../data/candles.ts";
import { decodeOnline, encodeOnline } from "../snapshot.ts";
import type { Trader } from "./trader.ts";

/** Version of the format that this code writes; it reads this one alone. */
const VERSION = 2;

/** A function of one's own (a size, a cost) is known by its name alone. */
function nameFunctions(_: string, value: unknown): unknown {
  return typeof value === "function" ? `function ${value.name}` : value;
}

function settingsText({ settings, online }: Trader): string {
  const { tradeFrom: _, ...compared } = settings;
  const markets = online.markets.map(({ symbol, interval }) => ({ symbol, interval }));
  return JSON.stringify({ ...compared, markets }, nameFunctions);
}

/**
 * Turns a trader into text.
 *
 * @returns JSON; {@linkcode decodeTrader} gives bitwise the same trader again.
 *
 * @example
 * ```ts
 * import { metaGradient, mlp, onlineConfig, onlineInit, openTrader, simulateMarket } from "@adaptrade/adaptrade";
 * import { decodeTrader, encodeTrader } from "@adaptrade/adaptrade/online";
 * import { assertEquals } from "@std/assert";
 *
 * const meta = metaGradient({ net: mlp({ inputs: 10, hidden: [4], outputs: 1 }), inner: { steps: 2, lr: 0.05 } });
 * const { candles } = simulateMarket({ bars: 150, symbol: "SIM" });
 * const config = onlineConfig({ meta, history: 130, trainRows: 10, validationRows: 4 });
 * const trader = openTrader(onlineInit(config, [candles]));
 * const text = encodeTrader(trader);
 * assertEquals(encodeTrader(decodeTrader(trader, text)), text);
 * ```
 */
export function encodeTrader(trader: Trader): string {
  const { online, account, wishes, time, moments, lived, settings: { tradeFrom } } = trader;
  // JSON has no infinities: "from the beginning" and "never" go as words.
  const saved = { account, wishes, time, moments, lived, tradeFrom: String(tradeFrom) };
  return JSON.stringify({ version: VERSION, settings: settingsText(trader), saved, online: encodeOnline(online) });
}

interface Saved {
  readonly version: number;
  readonly settings: string;
  readonly saved: Pick<Trader, "account" | "wishes" | "time" | "moments" | "lived"> & { readonly tradeFrom: string };
  readonly online: string;
}

function isSaved(value: unknown): value is Saved {
  const names = ["version", "settings", "saved", "online"];
  return typeof value === "object" && value !== null && names.every((name) => name in value);
}

function freezeDeep(_: string, value: unknown): unknown {
  return Object.freeze(value);
}

/**
 * Reads a trader back.
 *
 * @param fresh The trader as it was opened: same markets, learner's layout and settings; its `tradeFrom` gives way to the saved one.
 * @param text From {@linkcode encodeTrader}.
 * @returns A frozen trader, bitwise as it was saved.
 * @throws {DataError} The text is no saved trader, of another version, of other settings or of another layout.
 *
 * @example
 * ```ts
 * import { metaGradient, mlp, onlineConfig, onlineInit, openTrader, simulateMarket } from "@adaptrade/adaptrade";
 * import { decodeTrader, encodeTrader } from "@adaptrade/adaptrade/online";
 * import { assertEquals } from "@std/assert";
 *
 * const meta = metaGradient({ net: mlp({ inputs: 10, hidden: [4], outputs: 1 }), inner: { steps: 2, lr: 0.05 } });
 * const { candles } = simulateMarket({ bars: 150, symbol: "SIM" });
 * const config = onlineConfig({ meta, history: 130, trainRows: 10, validationRows: 4 });
 * const trader = openTrader(onlineInit(config, [candles]));
 * assertEquals(decodeTrader(trader, encodeTrader(trader)).account, trader.account);
 * ```
 */
export function decodeTrader(fresh: Trader, text: string): Trader {
  const refuse = (why: string): never => {
    throw new DataError(`Cannot read the trader: ${why}`);
  };
  let parsed: unknown;
  try {
    parsed = JSON.parse(text, freezeDeep);
  } catch {
    return refuse(`expected JSON, received ${text.length} characters of something else`);
  }
  if (!isSaved(parsed)) return refuse("expected a saved trader, received other JSON");
  if (parsed.version !== VERSION) return refuse(`expected format version ${VERSION}, received ${parsed.version}`);
  const wanted = settingsText(fresh);
  if (parsed.settings !== wanted) return refuse(`expected the settings ${wanted}, received ${parsed.settings}`);
  const online = decodeOnline(fresh.online.config, parsed.online);
  const { tradeFrom, ...saved } = parsed.saved;
  const settings = Object.freeze({ ...fresh.settings, tradeFrom: Number(tradeFrom) });
  return Object.freeze({ settings, online, ...saved });
}
