/**
 * What a run's forecaster is worth on the market that it never saw, as kept with the run: its errors beside every cheap method's,
 * and the verdict in words. It trains nothing.
 * @module
 */
import { type Candles, compareForecasts, type Engine, type Forecaster, judgeForecasts } from "@adaptrade/adaptrade";
import type { ForecastComparison } from "@adaptrade/adaptrade/forecast";

/** One method on the unseen market. */
export interface VerdictScore {
  /** Its name. */
  readonly name: string;
  /** Mean squared error. */
  readonly mse: number;
  /** Diebold-Mariano of the forecaster against it: below 0 where the forecaster is better; null where there is none. */
  readonly statistic: number | null;
  /** Probability of a statistic as far from 0 by chance; null where there is none. */
  readonly pValue: number | null;
}

/** What came of a run. */
export interface RunVerdict {
  /** Symbol of the market. */
  readonly symbol: string;
  /** First and last decision, ms UTC. */
  readonly from: number;
  /** Last decision, ms UTC. */
  readonly to: number;
  /** Decisions whose outcome is known. */
  readonly rows: number;
  /** Bars ahead. */
  readonly horizon: number;
  /** What it is measured against first: RiskMetrics, or what comes nearest to it in this data. */
  readonly reference: string;
  /** Squared error saved against the reference, a share; below 0 where it has more. */
  readonly less: number;
  /** Whether that is more than chance, at 5%. */
  readonly beyondChance: boolean;
  /** The verdict, in sentences. */
  readonly sentences: readonly string[];
  /** Cheap methods, then networks, the forecaster last. */
  readonly scores: readonly VerdictScore[];
}

/** What came of a run, or why nothing can be said. */
export type RunResult = RunVerdict | { readonly problem: string };

/**
 * What forecasts are measured against, the first that there is. Of closes alone the exponentially weighted level is that of squared
 * returns with RiskMetrics' own decay, so it is called so; volumes have a level and no RiskMetrics; returns have nothing but zero.
 */
const REFERENCES = ["RiskMetrics", "EWMA", "zero"];
const SIGNIFICANT = 0.05;

/**
 * Judges a forecaster on a market after its training.
 *
 * @param engine Where to adapt.
 * @param forecaster The forecaster.
 * @param data The unseen market, and the markets trained on with their later bars.
 * @throws {DataError} The market has no bars after the training whose outcome is known, or bars of another length.
 */
export async function judgeRun(
  engine: Engine,
  forecaster: Forecaster,
  data: { readonly unseen: Candles; readonly markets: readonly Candles[]; readonly signal?: AbortSignal },
): Promise<RunVerdict> {
  const { unseen, markets, signal } = data;
  const comparison = await compareForecasts(engine, forecaster, [unseen], { pool: markets, ...(signal && { signal }) });
  return verdictOf(forecaster, comparison);
}

/** What forecasts are measured against first, and what people call it. */
export function referenceOf(
  { target }: Pick<Forecaster, "target">,
  { scores }: Pick<ForecastComparison, "scores">,
): { readonly index: number; readonly name: string } {
  const [index] = REFERENCES.map((wanted) => scores.findIndex(({ name }) => name === wanted)).filter((i) => i >= 0);
  const { name } = scores[index];
  if (name === "zero") return { index, name: "saying nothing" };
  return { index, name: target.kind === "logVolatility" && name === "EWMA" ? "RiskMetrics" : name };
}

/** A comparison as runs and pages keep it. */
export function verdictOf(forecaster: Forecaster, comparison: ForecastComparison): RunVerdict {
  const { scores, from, to, rows, horizon, markets } = comparison;
  const mine = scores[scores.length - 1];
  const { index, name: reference } = referenceOf(forecaster, comparison);
  const { statistic = null, pValue = null } = scores[index].against ?? {};
  return {
    symbol: markets.join(", "),
    from,
    to,
    rows,
    horizon,
    reference,
    less: 1 - mine.mse / scores[index].mse,
    beyondChance: statistic !== null && statistic < 0 && pValue! < SIGNIFICANT,
    sentences: judgeForecasts(comparison).sentences,
    scores: scores.map(({ name, mse, against }) => ({
      name,
      mse,
      statistic: against?.statistic ?? null,
      pValue: against?.pValue ?? null,
    })),
  };
}
