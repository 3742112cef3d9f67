/**
 * Meta-reinforcement learning of trading: over markets a policy learns to start where a few steps on a market's last bars, by what an
 * account earned in them, earn most in those that follow. It trades a market that it never saw, net of costs, beside one policy for
 * all markets, holding and nothing. `--help` says what it takes.
 * @module
 */
import { parseArgs } from "node:util";
import {
  backtestPositions,
  type BacktestResult,
  type Candles,
  compareResults,
  judge,
  marketRows,
  walkForward,
} from "@adaptrade/adaptrade";
import { requestAccess } from "./access.ts";
import { interruptSignal, numberOption, progressLine, runMain, textTable, UsageError } from "./cli.ts";
import { openChosenEngine } from "./engine.ts";
import { readMarkets, SOURCE_HELP, SOURCE_OPTIONS, sourceAccess } from "./market/source.ts";
import { comparisonTable } from "./market/table.ts";
import { traderPositions, trainTrader } from "./meta_rl/traders.ts";

const HELP = `Learns over markets to trade by an account's growth, and trades a market never seen, net of costs.

deno run --allow-read=. examples/meta_rl.ts [options]

${SOURCE_HELP}
  --market SYMBOL    the market that is traded, and never trained on (default NASDAQ, else the last)
  --test FRACTION    share of its time, the last, that is traded (default 0.4)
  --steps N          outer steps of each learner (default 400)
  --support N        bars to adapt on (default 40)
  --cost RATE        cost of a trade as a fraction of what is traded (default 0.0005)
  --seeds N          learners of each kind, whose mean position is held (default 3)
  --backend NAME     auto, webgpu or cpu (default auto)
  --help             this text`;

function chosenMarket(markets: readonly Candles[], named: string | undefined): Candles {
  const found = markets.find(({ symbol }) => symbol === (named ?? "NASDAQ"));
  if (named !== undefined && !found) throw new UsageError(`--market: there is no ${named} among the markets`);
  return found ?? markets[markets.length - 1];
}

/** Mean over learners, `[decisions]`. */
function meanOf(positions: readonly Float64Array[]): Float64Array {
  return positions[0].map((_, i) => positions.reduce((sum, one) => sum + one[i], 0) / positions.length);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      ...SOURCE_OPTIONS,
      market: { type: "string" },
      test: { type: "string", default: "0.4" },
      steps: { type: "string", default: "400" },
      support: { type: "string", default: "40" },
      cost: { type: "string", default: "0.0005" },
      seeds: { type: "string", default: "3" },
      backend: { type: "string", default: "auto" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const share = numberOption("test", values.test, { min: 0.01, max: 0.9 });
  const steps = numberOption("steps", values.steps, { min: 1, integer: true });
  const supportRows = numberOption("support", values.support, { min: 5, integer: true });
  const costRate = numberOption("cost", values.cost, { min: 0 });
  const seeds = numberOption("seeds", values.seeds, { min: 1, integer: true });
  await requestAccess({ needs: [sourceAccess(values)] });
  const { signal, dispose } = interruptSignal();
  try {
    const markets = await readMarkets(values, signal);
    const unseen = chosenMarket(markets, values.market);
    const from = unseen.time[Math.floor((1 - share) * unseen.time.length)];
    const seen = markets.filter(({ symbol }) => symbol !== unseen.symbol).map((one) => marketRows(one, { horizon: 1 }));
    await using engine = await openChosenEngine(values.backend);
    const options = { costRate, rebalance: "always" as const };
    const walk = walkForward(unseen, { from, horizon: 1, supportRows });
    const progress = progressLine();
    const results: BacktestResult[] = [];
    for (const [name, innerSteps] of [["meta-learned, adapted", 2], ["one policy for all", 0]] as const) {
      const positions: Float64Array[] = [];
      for (let seed = 1; seed <= seeds; seed++) {
        progress.update(`${name}, learner ${seed} of ${seeds}`);
        const plan = { innerSteps, supportRows, steps, costRate, to: from, seed };
        const state = await trainTrader(engine, seen, { plan, signal });
        positions.push(await traderPositions(engine, state, walk));
      }
      const single = positions.map((wanted) =>
        backtestPositions(name, unseen, { walk, wanted, options }).metrics.sharpe
      );
      progress.done(
        `${name}: net Sharpe of each learner ${single.map((value) => value?.toFixed(2) ?? "–").join(", ")}`,
      );
      results.push(backtestPositions(name, unseen, { walk, wanted: meanOf(positions), options }));
    }
    const fixed = (name: string, position: number): BacktestResult =>
      backtestPositions(name, unseen, { walk, wanted: new Float64Array(walk.time.length).fill(position), options });
    results.push({ ...fixed("buy and hold", 1) }, fixed("flat", 0));
    const comparison = compareResults(results, unseen, { ...options, seed: 1 });
    console.log(
      `\n${unseen.symbol} from ${
        new Date(from).toISOString().slice(0, 10)
      }, never trained on; cost ${costRate} of what is traded.\n`,
    );
    console.log(textTable(comparisonTable(comparison)));
    console.log(`\n${judge(comparison).sentences.join("\n")}`);
  } finally {
    dispose();
  }
}

if (import.meta.main) await runMain(main);
