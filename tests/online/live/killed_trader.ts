/**
 * A program that is meant to be killed: it replays a made-up market of so many bars into a trader's file, from where the file
 * left off, and prints a dot when it
 * begins and another for each bar that is written. `deno run killed_trader.ts FILE BARS`.
 */
import { openNaiveEngine } from "../../../lib/engine/naive/engine.ts";
import { paperTrade } from "../../../lib/online/live/paper_trader.ts";
import { replayFeed } from "../../../lib/online/live/replay_feed.ts";
import { openTraderStore } from "../../../lib/store/trader_store.ts";
import { killedMarket, killedTrader } from "./fixtures.ts";

const [file, bars] = Deno.args;
const dot = (): number => Deno.stdout.writeSync(new Uint8Array([46]));
dot();
using store = await openTraderStore(file);
const trader = store.load(killedTrader());
const feed = replayFeed([killedMarket(Number(bars))], trader.time === null ? {} : { after: trader.time });
let moments = trader.moments;
for await (const step of paperTrade(openNaiveEngine(), feed, { trader, log: store })) {
  dot();
  ({ moments } = step.trader);
}
if (moments !== Number(bars)) throw new Error(`Expected ${bars} moments, received ${moments}`);
