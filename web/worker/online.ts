/**
 * The process that runs one paper trader: `deno run web/worker/online.ts DATABASE FILE TRADER OWNER`. It trades bar by bar, writes
 * every bar whole to the trader's file and now and then a report to the traders' database, and ends when it is asked to there.
 * When its standard input closes, the server that started it is gone: it ends, and the next server takes the trader up.
 * @module
 */
import { DataError, openEngine, openTraderStore, paperTrade, type Trader } from "@adaptrade/adaptrade";
import { calibration } from "@adaptrade/adaptrade/online";
import { type OnlineReport, type OnlineStore, openOnlineStore, TakenOverError } from "../server/online_store.ts";
import type { TargetKind } from "../server/run_config.ts";
import { openSource } from "./online_source.ts";
import { whenOrphaned } from "./orphaned.ts";

/** Between looks at what is asked for, and between reports. */
const POLL_MS = 200;

interface Place {
  readonly store: OnlineStore;
  readonly file: string;
  readonly id: string;
  readonly owner: string;
}

async function trade({ store, file, id, owner }: Place): Promise<void> {
  const { settings } = store.get(id)!;
  const interruption = new AbortController();
  const { signal } = interruption;
  let trader: Trader | undefined;
  let reported: Trader | undefined;
  let total: number | null = null;
  const poll = setInterval(() => {
    const record = store.get(id);
    if (record?.owner !== owner) return interruption.abort("orphaned");
    if (record.stopping) interruption.abort("stop");
    if (trader === undefined || trader === reported) return;
    reported = trader;
    store.report(id, owner, reportOf(trader, total));
  }, POLL_MS);
  whenOrphaned(() => interruption.abort("orphaned"));

  const tell = (kind: string, text: string, at: number = Date.now()): void =>
    store.tell(id, owner, { time: trader?.time ?? null, at, kind, text });
  try {
    const source = await openSource(settings, { signal, tell });
    await using engine = await openEngine({ backend: "cpu", threads: 1 });
    using log = await openTraderStore(file);
    trader = log.load(source.trader);
    tell("started", trader.moments === 0 ? source.title : `${source.title}, going on behind bar ${trader.moments}`);
    ({ total } = source);
    let rested = performance.now();
    const steps = paperTrade(engine, source.feed(trader), { trader, log, commitEvery: source.commitEvery });
    try {
      for await (const step of steps) {
        ({ trader } = step);
        if (performance.now() - rested < POLL_MS) continue;
        // Steps that need no waiting would keep the poll from its turn.
        await new Promise((resolve) => setTimeout(resolve));
        rested = performance.now();
        if (signal.aborted) break;
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      // Steps made but not handed on are written by now.
      trader = log.load(source.trader);
      if (store.get(id)?.owner === owner) store.report(id, owner, reportOf(trader, total));
    }
    if (signal.aborted && signal.reason === "orphaned") return;
    tell(signal.aborted ? "stopped" : "done", signal.aborted ? "Asked to stop" : "The replay has come to its end");
    store.finish(id, owner, signal.aborted ? "stopped" : "done");
  } catch (error) {
    if (error instanceof TakenOverError) return;
    if (signal.aborted) {
      if (signal.reason === "stop") store.finish(id, owner, "stopped");
      return;
    }
    tell("failed", inWords(error));
    throw error;
  } finally {
    clearInterval(poll);
  }
}

/** What the pages show of a trader beside its bars. */
function reportOf({ account, online, moments, time }: Trader, total: number | null): OnlineReport {
  const [{ symbol, score }] = online.markets;
  const { config } = online;
  const forecaster = "forecaster" in config ? config.forecaster : null;
  const target = forecaster === null ? "return" : forecaster.target.kind as TargetKind;
  return {
    bars: moments,
    total,
    time,
    equity: account.equity,
    capital: account.initialCapital,
    held: account.holdings[symbol]?.position ?? 0,
    costs: Object.values(account.costs).reduce((sum, cost) => sum + cost, 0),
    updates: online.updates,
    rejected: online.rejected,
    withheld: online.withheld,
    forecasts: { target, horizon: config.horizon, ...(forecaster !== null && { closeOnly: forecaster.closeOnly }) },
    judged: score.count,
    calibration: calibration(score, config.horizon),
  };
}

/** What to tell a person of a failure. */
function inWords(error: unknown): string {
  return error instanceof DataError || error instanceof RangeError || error instanceof TypeError
    ? error.message
    : `${(error as Error).name}: ${(error as Error).message}`;
}

if (import.meta.main) {
  const [database, file, id, owner] = Deno.args;
  using store = await openOnlineStore(database);
  try {
    await trade({ store, file, id, owner });
  } catch (error) {
    console.error(error);
    store.finish(id, owner, "failed", inWords(error));
  }
  // Standard input is still being waited for.
  store[Symbol.dispose]();
  Deno.exit(0);
}
