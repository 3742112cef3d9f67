/** A study of made-up figures, put into a data folder as its runner leaves it. Holds no assertions. */
import { type MarketStudy, openStudies } from "../../lib/search/mod.ts";

/** Markets that it walks over; every seventh cannot be studied. */
export const STUDY_MARKETS = 300;

/** Figures of a market, made of its number alone. */
export function madeFigures(i: number): MarketStudy {
  const wave = Math.sin(i);
  const skill = 0.12 + 0.15 * wave;
  const sharpe = 0.4 + 0.5 * Math.cos(2 * i);
  return {
    market: `MKT${String(i).padStart(3, "0")}`,
    interval: "1d",
    bars: 1000 + i,
    from: Date.UTC(2015, 0, 2),
    to: Date.UTC(2018, 11, 28),
    score: {
      decisions: 990 + i,
      mse: 1 - skill,
      unadapted: (1 - skill) * (1 + 0.02 * Math.cos(i)),
      nothing: 1,
      skill,
      statistic: -20 * skill,
      pValue: skill > 0.1 ? 0.001 : 0.4,
    },
    money: {
      sharpe,
      holdSharpe: 0.3,
      totalReturn: 0.2 * sharpe,
      maxDrawdown: 0.1 + 0.05 * (1 - wave),
      estimate: { sharpe: sharpe / 16, bars: 990, skewness: 0, kurtosis: 3 },
    },
  };
}

/** Puts `markets` of them into `studies.sqlite`, and the end where it comes to it. */
export async function storeStudy(
  data: string,
  { name = "all of them", markets = STUDY_MARKETS, file = "studies.sqlite" } = {},
): Promise<void> {
  using store = await openStudies(`${data}/${file}`);
  const backtest = { costRate: 0.001, sizing: { kind: "volatility", target: 0.009 } };
  store.begin(name, { forecaster: "f".repeat(64), others: [], from: Date.UTC(2015, 0, 2), backtest }, STUDY_MARKETS);
  const nothing = new Float64Array(0);
  for (let i = 0; i < markets; i++) {
    const source = `MKT${String(i).padStart(3, "0")}.csv`;
    if (store.has(name, source)) continue;
    if (i % 7 === 3) store.keep(name, source, { refused: `Cannot read ${source}: its prices are torn <b>` });
    else {
      const series = { time: nothing, value: nothing, unadapted: nothing, labels: nothing };
      store.keep(name, source, { study: madeFigures(i), series });
    }
  }
  if (markets === STUDY_MARKETS) store.end(name);
}
