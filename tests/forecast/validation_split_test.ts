// Where nobody says when validation begins it takes the last fifth of the bars: markets listed late are learned from, too.
import { assert, assertEquals } from "@std/assert";
import { resolveTraining } from "../../lib/forecast/train_options.ts";
import { simulatedPool, sliceBars } from "./fixtures.ts";

const target = { kind: "logVolatility", horizon: 1 } as const;
const [long, ...late] = simulatedPool(4, { bars: 2000 });
const markets = [long, ...late.map((market) => sliceBars(market, 1500))];

/** Shares of all bars before a time that lie at or behind another. */
function shareBehind(from: number, to = Infinity): number {
  const times = markets.flatMap(({ time }) => Array.from(time)).filter((at) => at < to);
  return times.filter((at) => at >= from).length / times.length;
}

Deno.test("validation begins at the last fifth of the bars before the test, however late most markets were listed", () => {
  const { validationFrom } = resolveTraining(markets, { target });
  assert(Math.abs(shareBehind(validationFrom) - 0.2) < 0.01, `${shareBehind(validationFrom)}`);
  assert(late.every((_, i) => markets[1 + i].time[250] < validationFrom), "each of them is learned from");
  const testFrom = long.time[1800];
  const early = resolveTraining(markets, { target, testFrom });
  assert(Math.abs(shareBehind(early.validationFrom, testFrom) - 0.2) < 0.01);
});

Deno.test("validation of markets of one span is the last fifth of their time", () => {
  const { validationFrom } = resolveTraining([long], { target });
  assertEquals(validationFrom, long.time[1599]);
});
