/**
 * What a paper trader was asked for, in words: what it lives on, how it learns, what it pays and when it leaves. The same on both
 * sides; draws nothing.
 * @module
 */
import type { OnlineSettings } from "../server/online_config.ts";
import type { TargetKind } from "../server/run_config.ts";
import { exactPercent, marketName } from "./format.ts";

/** How fast a replay goes. */
export function paceWords({ speed }: Pick<OnlineSettings, "speed">): string {
  return speed === 0 ? "as fast as it goes" : `${speed} bars a second`;
}

/** What was asked for, by name; what says nothing of a trader of its target and learner is left out. */
export function onlineWords(
  settings: OnlineSettings,
  target: TargetKind,
): readonly (readonly [name: string, words: string])[] {
  const { source, market, symbol, interval, category, run, hidden, innerSteps, innerLr, members, seed } = settings;
  const { capital, threshold, risk, fee, slippage, stop } = settings;
  const learner: readonly (readonly [string, string])[] = run === ""
    ? [
      ["Learner", `a fresh network of ${hidden} hidden units`],
      ["Inner steps", String(innerSteps)],
      ["Inner learning rate to begin with", String(innerLr)],
      ["Models in the ensemble", String(members)],
      ["Seed", String(seed)],
    ]
    : [["Learner", "the forecaster of a run"]];
  return [
    source === "replay"
      ? ["Bars from", `a replay of ${marketName(market)}, ${paceWords(settings)}`]
      : ["Bars from", `Bybit, live: ${symbol} ${interval}, ${category}`],
    ...learner,
    ["Capital", capital.toLocaleString("en")],
    target === "return"
      ? ["Stays flat within a forecast of", `±${exactPercent(threshold)}`]
      : ["Held at", `a volatility of ${exactPercent(risk)} a year, by the forecast of it`],
    ["Costs of a fill", `fee ${exactPercent(fee)}, slippage ${exactPercent(slippage)}`],
    [
      "Stop",
      stop === 0
        ? "none"
        : `${stop} times the volatility a bar from the entry; then it waits until the side wanted changes`,
    ],
  ];
}
