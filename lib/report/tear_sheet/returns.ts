/**
 * The returns of one strategy: by month, by size, and the positions that earned them.
 * @module
 */
import { type ReturnDistribution, returnDistribution } from "./distribution.ts";
import { renderExposure } from "./exposure_chart.ts";
import { renderMonths } from "./heat_map.ts";
import { renderHistogram } from "./histogram.ts";
import { monthlyReturns } from "./series.ts";
import { absent, count, dataTable, number, percent } from "./text.ts";
import type { Track } from "./track.ts";

function shapeTable(shape: ReturnDistribution): string {
  const { mean, deviation, skewness, kurtosis, worst, best, valueAtRisk, expectedShortfall } = shape;
  const head = ["A bar", "Mean", "Deviation", "Skewness", "Kurtosis", "Worst", "Best", "5% quantile", "Mean below it"];
  return dataTable("Net returns of bars on which something was held", head, [[
    count(shape.bars, "bar"),
    percent(mean, 3),
    percent(deviation, 2),
    number(skewness),
    number(kurtosis),
    percent(worst, 2),
    percent(best, 2),
    percent(valueAtRisk, 2),
    percent(expectedShortfall, 2),
  ]]);
}

/** Renders monthly returns, the distribution of returns and the exposure of one strategy. */
export function returnsPart({ time, netReturns, grossReturns, positions }: Track): string {
  const shape = returnDistribution(netReturns, grossReturns);
  const idle = shape.idle > 0 ? absent(`${count(shape.idle, "bar")} on which nothing was held are left out.`) : "";
  const distribution = shape.bins.length > 0
    ? renderHistogram(shape) + idle + shapeTable(shape)
    : absent("There is no distribution of returns: fewer than 2 bars on which something was held, or all alike.");
  return `<h4>Monthly returns</h4>${renderMonths(monthlyReturns(time, netReturns))}` + distribution +
    renderExposure(time, positions);
}
