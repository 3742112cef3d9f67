/**
 * Coverage of the next day's return on the sample markets by RiskMetrics' volatility: normal intervals, split conformal ones of the first
 * 1,000 days, adaptive ones. `deno run bench/conformal.ts`
 * @module
 */
import { sampleMarkets } from "@adaptrade/adaptrade";
import { riskMetricsVolatility } from "@adaptrade/adaptrade/features";
import { conformalCoverage, conformalInit, conformalQuantile, conformalUpdate } from "@adaptrade/adaptrade/statistics";

/** Nominal coverages, with the normal quantile of each. */
const LEVELS = [[0.5, 0.6745], [0.8, 1.2816], [0.95, 1.96]] as const;
const FIRST = 1000;

/** Largest distance of the share within from nominal over windows of 250 days. */
function worstWindow(inside: readonly number[], level: number): number {
  let worst = 0;
  for (let end = 250; end <= inside.length; end += 25) {
    const share = inside.slice(end - 250, end).reduce((sum, hit) => sum + hit, 0) / 250;
    worst = Math.max(worst, Math.abs(share - level));
  }
  return worst;
}

const percent = (share: number): string => (100 * share).toFixed(1).padStart(5);
console.log("market  level  days    normal (worst)   split (worst)    adaptive (worst)  bound");
for (const market of await sampleMarkets({ symbols: ["SP500", "NASDAQ", "WTI", "DAX", "FTSE"] })) {
  const { symbol, close } = market;
  const volatility = riskMetricsVolatility(market);
  const scores: number[] = [];
  for (let t = 30; t + 1 < close.length; t++) {
    const score = Math.abs(close[t + 1] / close[t] - 1) / volatility[t];
    if (Number.isFinite(score)) scores.push(score);
  }
  const before = scores.slice(0, FIRST);
  for (const [level, quantile] of LEVELS) {
    const split = conformalQuantile(before, level);
    let state = conformalInit({ coverages: [level], start: [quantile] });
    for (const score of before) state = conformalUpdate(state, score);
    const inside: [number[], number[], number[]] = [[], [], []];
    for (const score of scores.slice(FIRST)) {
      const next = conformalUpdate(state, score);
      [score <= quantile, score <= split, next.misses[0] === state.misses[0]]
        .forEach((hit, i) => inside[i].push(hit ? 1 : 0));
      state = next;
    }
    const cells = inside.map((hits) =>
      `${percent(hits.reduce((sum, hit) => sum + hit, 0) / hits.length)} (${percent(worstWindow(hits, level))})`
    );
    const [{ bound }] = conformalCoverage(state);
    const days = inside[0].length;
    console.log(
      `${symbol.padEnd(7)} ${percent(level)}  ${String(days).padEnd(6)} ${cells.join("    ")}     ${percent(bound!)}`,
    );
  }
}
