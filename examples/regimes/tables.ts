/**
 * A study of regimes as text: losses by regime, who was chosen, and what came of it in sentences.
 * @module
 */
import { REGIMES } from "@adaptrade/adaptrade/features";
import type { DieboldMariano } from "@adaptrade/adaptrade/statistics";
import type { RegimeChoice } from "@adaptrade/adaptrade/trading";
import { BY_RECENCY, BY_REGIME, compareWhere, meanOver, type RegimeStudy, squaredErrors, testRows } from "./study.ts";

/** Statistic of a test; a dash where there is none. */
const signed = ({ statistic }: DieboldMariano): string => statistic === null ? "–" : statistic.toFixed(1);

/** Header, one row a regime of the test, and one of all: mean losses, and the test of the regime's rows against the last ones. */
export function lossTable(
  study: RegimeStudy,
  lossOf: (said: Float64Array) => Float64Array,
  testFrom: number,
): string[][] {
  const losses = Object.values(study.said).map(lossOf);
  const [mine, other] = [BY_REGIME, BY_RECENCY].map((name) => lossOf(study.said[name]));
  return [
    ["in the test", "decisions", ...Object.keys(study.said), "DM of the last two"],
    ...[...REGIMES, undefined].map((only) => {
      const rows = testRows(study, testFrom, only);
      const where = { testFrom, ...(only && { only }) };
      return [
        only ?? "all",
        `${rows.length}`,
        ...losses.map((values) => rows.length === 0 ? "–" : meanOver(values, rows).toFixed(4)),
        signed(compareWhere(study, { mine, other }, where)),
      ];
    }),
  ];
}

/** Header and one row a regime: squared error in validation, the chosen method marked. */
export function choiceTable({ choices, scores }: RegimeChoice): string[][] {
  return [
    ["in validation", "decisions", ...new Set(scores.map(({ candidate }) => candidate))],
    ...REGIMES.map((regime) => {
      const own = scores.filter((score) => score.regime === regime);
      const cells = own.map(({ candidate, bars, mean }) =>
        bars === 0 ? "–" : `${(-mean).toFixed(4)}${choices[regime] === candidate ? "*" : " "}`
      );
      return [regime, `${own[0].bars}`, ...cells];
    }),
  ];
}

/** How the first of two squared errors stands to the other, in words. */
function standing(share: number, { statistic, pValue }: DieboldMariano): string {
  const words = statistic === null || pValue === null || pValue > 0.05
    ? "made no difference beyond chance"
    : statistic < 0
    ? "helped"
    : "did harm";
  const figures = `${Math.abs(100 * share).toFixed(1)}% ${share > 0 ? "more" : "less"} squared error`;
  const test = statistic === null ? "they said the same" : `Diebold-Mariano ${statistic.toFixed(1)}`;
  return `${words}: ${figures} (${test})`;
}

/** What the test says of supports by regime and of switching, whatever it says. */
export function sentences(
  study: RegimeStudy,
  run: { readonly choice: RegimeChoice; readonly switched: Float64Array; readonly testFrom: number },
): string[] {
  const { choice: { fallback, tooFew }, switched, testFrom } = run;
  const rows = testRows(study, testFrom);
  const compare = (said: Float64Array, base: Float64Array): string => {
    const [mine, other] = [said, base].map((values) => squaredErrors(values, study));
    const share = meanOver(mine, rows) / meanOver(other, rows) - 1;
    return standing(share, compareWhere(study, { mine, other }, { testFrom }));
  };
  const { said } = study;
  const [mine, ewma] = [said[BY_RECENCY], said.EWMA].map((values) => squaredErrors(values, study));
  const seen = REGIMES.map((only) => testRows(study, testFrom, only)).filter(({ length }) => length > 0);
  const lower = seen.filter((own) => meanOver(mine, own) < meanOver(ewma, own));
  return [
    `The forecaster's squared error is below that of EWMA in ${lower.length} of the ${seen.length} regimes of the test.`,
    `Adapting on the last rows ${compare(said[BY_RECENCY], said.unadapted)} against not adapting.`,
    `Adapting on rows of the same regime in their place ${
      compare(said[BY_REGIME], said[BY_RECENCY])
    }. The networks had ` +
    `learned to adapt on the last rows.`,
    `Letting the regime say who forecasts ${compare(switched, said[fallback])} against ${fallback}, the best of ` +
    `validation over all regimes.`,
    ...(tooFew.length > 0 ? [`Too few decisions to choose on, left to it: ${tooFew.join(", ")}.`] : []),
  ];
}
