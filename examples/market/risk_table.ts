/**
 * Comparisons of forecasts as text: the table of losses, the curve by bars of history and its picture.
 * @module
 */
import type { ForecastComparison, HistoryCurve } from "@adaptrade/adaptrade/forecast";

function signed(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : value.toFixed(1);
}

/** Header and one row a method. */
export function riskTable({ scores }: ForecastComparison): string[][] {
  const levels = scores[0].valueAtRisk.flatMap(({ level }) => [`VaR${100 * level}% loss`, "below"]);
  return [
    ["method", "MSE", "QLIKE", "R²", "DM", "DM QLIKE", ...levels],
    ...scores.map(({ name, mse, qlike, r2, against, againstQlike, valueAtRisk }) => [
      name,
      mse.toFixed(4),
      qlike === null ? "–" : qlike.toFixed(3),
      r2.toFixed(3),
      signed(against?.statistic),
      signed(againstQlike?.statistic),
      ...valueAtRisk.flatMap((
        { tickLoss, coverage },
      ) => [`${(1e4 * tickLoss).toFixed(2)}bp`, `${(100 * coverage).toFixed(1)}%`]),
    ]),
  ];
}

/** Header and one row a method: squared error by bars of history. */
export function curveTable({ lengths, methods }: HistoryCurve): string[][] {
  return [
    ["bars of history", ...lengths.map((length) => length === null ? "all" : String(length))],
    ...methods.map(({ name, mse }) => [name, ...mse.map((error) => error.toFixed(4))]),
  ];
}

const BAR = 44;

/** The curve as bars of text: the market's own regression against the forecaster, at each length of history. */
export function curvePicture({ lengths, methods }: HistoryCurve): string {
  const drawn = [["HAR, own rows", "░"], ["meta-learned", "█"]] as const;
  const rows = drawn.flatMap(([name, mark]) => {
    const found = methods.find((method) => method.name === name);
    return found ? [{ name, mark, mse: found.mse }] : [];
  });
  // A regression on a handful of rows can be off by any factor: its bar ends at twice the forecaster's worst.
  const most = 2 * Math.max(...(rows[rows.length - 1]?.mse ?? [1]));
  return lengths.flatMap((length, i) =>
    rows.map(({ name, mark, mse }, row) =>
      `${(row === 0 ? length === null ? "all" : String(length) : "").padStart(5)}  ${
        (mse[i] > most ? `${mark.repeat(BAR - 1)}»` : mark.repeat(Math.max(1, Math.round(BAR * mse[i] / most)))).padEnd(
          BAR,
        )
      } ${mse[i].toFixed(3)} ${name}`
    )
  ).join("\n");
}
