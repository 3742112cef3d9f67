/**
 * Tasks to learn over markets: a market, a decision in the training time, a history cut at random, the rows known by then,
 * and the rows that follow. It refuses labels that were not known before the training's end.
 * @module
 */
import type { Samples, Task } from "../engine/problem.ts";
import { type Random, random } from "../net/random.ts";
import { bisectLeft } from "../features/bisect.ts";
import { historyStart, type MarketTable } from "./market_table.ts";
import {
  type DecisionAt,
  rowWriter,
  saysNothing,
  type ScaledMarket,
  type Support,
  supportOf,
  type SupportPlan,
} from "./decisions.ts";

/** How tasks are drawn. */
export interface TaskDraw extends SupportPlan {
  /** Rows to be judged on. */
  readonly queryRows: number;
  /** Tasks a batch. */
  readonly tasks: number;
  /** Share of tasks whose history is cut. */
  readonly cutShare: number;
  /** Labels must be known before this time, ms UTC. */
  readonly to: number;
  /** Seed. */
  readonly seed: number;
  /** Whether nothing adapts: a support is then cut to as few rows as show that the whole of it says something (default false). */
  readonly unadapted?: boolean;
}

/** Bars of the shortest and longest cut history. */
const CUT = { least: 3, most: 300 };
/** Tries to draw a task before a market's data are judged unusable. */
const TRIES = 50;

/** A history cut at random before bar `bar`, as its first bar: log-uniform in length, or whole, as those that cannot be cut are. */
export function drawStart(
  stream: Random,
  table: MarketTable,
  { bar, cutShare }: { readonly bar: number; readonly cutShare: number },
): number {
  if (stream.uniform() >= (table.risk ? cutShare : 0)) return historyStart(table, bar);
  return historyStart(table, bar, Math.round(CUT.least * (CUT.most / CUT.least) ** stream.uniform()));
}

function queryOf(market: ScaledMarket, at: { start: number; bar: number; end: number }, draw: TaskDraw): Samples {
  const { queryRows, cols, skip } = draw;
  const x = new Float32Array(queryRows * (cols + 1));
  const y = x.subarray(queryRows * cols);
  const { series: { listed } } = market.table;
  const write = rowWriter(market, { start: at.start, x, cols, skip });
  let rows = 0;
  for (let bar = at.bar; rows < queryRows && bar < at.end && listed[bar] === listed[at.bar]; bar++) {
    const label = write(bar, rows * cols);
    if (!Number.isNaN(label)) y[rows++] = label;
  }
  return { rows, x: x.subarray(0, rows * cols), y: y.subarray(0, rows) };
}

/** Bars of a market that labels known before `to` start from, as a range. */
export function labelledRange(table: MarketTable, to: number, horizon: number): { first: number; end: number } {
  const end = Math.max(table.first, bisectLeft(table.candles.time, to) - horizon);
  return { first: table.first, end };
}

/** The support of a task, or undefined where it says nothing. */
function telling(market: ScaledMarket, at: DecisionAt, draw: TaskDraw): Support | undefined {
  // Two rows that differ tell as much of the whole as all of them.
  if (draw.unadapted) {
    const few = supportOf(market, at, { ...draw, rows: 2 });
    if (!saysNothing(few)) return few;
  }
  const support = supportOf(market, at, draw);
  return saysNothing(support) ? undefined : support;
}

/** A source of batches: batch k is the same whichever were drawn before it. */
export function drawTasks(markets: readonly ScaledMarket[], draw: TaskDraw): (batch: number) => Task[] {
  const { horizon, tasks, to, cutShare } = draw;
  const sources = markets
    .map((market) => ({ market, ...labelledRange(market.table, to, horizon) }))
    .filter(({ first, end }) => end - first > 3 * horizon + 4);
  const root = random(draw.seed);
  return (batch) => {
    const stream = root.fork(batch);
    const drawn: Task[] = [];
    for (let tries = 0; drawn.length < tasks && tries < tasks * TRIES; tries++) {
      const { market, first, end } = sources[stream.integer(sources.length)];
      const bar = first + horizon + 2 + stream.integer(end - first - horizon - 2);
      const start = drawStart(stream, market.table, { bar, cutShare });
      const support = telling(market, { start, bar }, draw);
      const query = queryOf(market, { start, bar, end }, draw);
      if (support && query.rows > 0) drawn.push({ support, query });
    }
    return drawn;
  };
}
