import { assert, assertEquals } from "@std/assert";
import { openNaiveEngine } from "../../../lib/engine/naive/engine.ts";
import { type Broker, paperBroker } from "../../../lib/online/live/broker.ts";
import { momentsOf } from "../../../lib/online/live/moment.ts";
import { paperTrade } from "../../../lib/online/live/paper_trader.ts";
import { openTrader } from "../../../lib/online/live/trader.ts";
import { decodeTrader, encodeTrader } from "../../../lib/online/live/trader_snapshot.ts";
import type { TraderRecord } from "../../../lib/online/live/trader_step.ts";
import { smallLearner } from "../fixtures.ts";
import { liveMarket, OPTIONS, smallTrader } from "./fixtures.ts";

const engine = openNaiveEngine();
const MARKETS = [liveMarket("BTCUSDT", 60, 20)];

async function recordsOf(broker?: Broker): Promise<TraderRecord[]> {
  const options = { trader: smallTrader(["BTCUSDT"]), ...(broker && { broker }) };
  const records: TraderRecord[] = [];
  for await (const { record } of paperTrade(engine, momentsOf(MARKETS), options)) records.push(record);
  return records;
}

Deno.test("paperTrade() trades through the broker that it is given; the paper broker is what it has without one", async () => {
  const plain = await recordsOf();
  assert(plain.some(({ fills }) => fills.length > 0));
  assertEquals(await recordsOf(paperBroker(OPTIONS.rules)), plain);
});

Deno.test("what a broker says is what the trader goes on with, and is asked for bars and targets alone", async () => {
  const paper = paperBroker(OPTIONS.rules);
  const wanted: number[] = [];
  let frozen = true;
  const shy: Broker = {
    trade(account, orders) {
      const before = structuredClone(account);
      wanted.push(...orders.map(({ target }) => target!));
      const step = paper.trade(account, orders.map((order) => ({ ...order, target: order.target! / 2 })));
      frozen &&= JSON.stringify(before) === JSON.stringify(account);
      return Promise.resolve(step);
    },
  };
  const records = await recordsOf(shy);
  assert(frozen, "the account that it was given is as it was");
  assertEquals(wanted.slice(1), records.slice(0, -1).map(({ positions: [one] }) => one.wanted));
  const held = (all: readonly TraderRecord[]) => Math.max(...all.map(({ positions: [one] }) => Math.abs(one.held)));
  assert(held(records) < 0.6 * held(await recordsOf()), "half of what was wanted is held");
});

Deno.test("a trader with functions of its own is taken up again under the same ones, by name", () => {
  const open = (name: string) => {
    const impact = { [name]: () => 0.001 }[name];
    return openTrader(smallLearner({}, ["X"]), { rules: { costs: { impact } } });
  };
  const text = encodeTrader(open("rootLaw"));
  assertEquals(decodeTrader(open("rootLaw"), text).moments, 0);
  let message = "";
  try {
    decodeTrader(open("another"), text);
  } catch (error) {
    message = String(error);
  }
  assert(message.includes("function rootLaw"), message);
});
