/**
 * What can be said of a paper trader so far, in sentences that claim no more than was seen, with its worst falls and its profit by
 * day. For islands.
 * @module
 */
import type { JSX } from "preact";
import type { OnlinePoint } from "../server/online_life.ts";
import type { OnlineSkill } from "../server/online_skill.ts";
import type { OnlineStanding } from "../server/online_standing.ts";
import type { OnlineSettings } from "../server/online_config.ts";
import { ChartCard } from "./ChartCard.tsx";
import { dateUtc, percent, signedMoney, signedPercent } from "./format.ts";
import type { OnlineForecasting } from "./online_forecast.ts";
import { SignedColumns } from "./SignedColumns.tsx";

interface OnlineVerdictProps {
  readonly standing: OnlineStanding;
  readonly last: OnlinePoint;
  /** Close of the first bar with a forecast; null before it. */
  readonly since: number | null;
  readonly settings: OnlineSettings;
  readonly forecasts: OnlineForecasting;
  readonly costs: number;
}

/** Before so many trades nothing can be told from chance. */
const FEW_TRADES = 30;

/** The verdict. */
export function OnlineVerdict(props: OnlineVerdictProps): JSX.Element {
  const { standing: { falls, closed }, last, since, settings: { capital } } = props;
  const gain = last.equity / capital - 1;
  const held = since === null ? null : last.close / since - 1;
  const traded = closed > 0 || last.equity !== capital;
  const [tone, title] = !traded
    ? ["info", "has not traded yet"]
    : gain <= 0
    ? ["warn", "behind cash"]
    : held !== null && gain <= held
    ? ["warn", "ahead of cash, behind holding"]
    : ["info", "ahead of cash and of holding"];
  return (
    <section class="card stack" aria-label="Verdict">
      <header>
        <h2>So far</h2>
        <p>
          <span class="badge" data-tone={tone}>{title}</span>
        </p>
      </header>
      <ul class="sentences">{sentences(props, gain, held).map((sentence) => <li key={sentence}>{sentence}</li>)}</ul>
      {falls.length > 0 && (
        <div class="table-scroll" role="group" tabIndex={0} aria-label="Worst falls of the equity">
          <table>
            <caption class="hint">Worst falls of the equity</caption>
            <thead>
              <tr>
                <th scope="col" class="number">Depth</th>
                <th scope="col">From</th>
                <th scope="col">Lowest</th>
                <th scope="col">Made good</th>
              </tr>
            </thead>
            <tbody>
              {falls.map(({ from, bottom, recovered, depth }) => (
                <tr key={from}>
                  <td class="number negative">{signedPercent(depth, 2)}</td>
                  <td>{dateUtc(from)}</td>
                  <td>{dateUtc(bottom)}</td>
                  <td>{recovered === null ? "not yet" : dateUtc(recovered)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function sentences(
  { standing: { closed, won, skill, risk, away }, last, settings, forecasts: { target, horizon }, costs }:
    OnlineVerdictProps,
  gain: number,
  held: number | null,
): string[] {
  const said = [
    `${signedPercent(gain, 2)} since it began, after costs of ${costs.toFixed(2)}: equity ${last.equity.toFixed(2)}.`,
  ];
  if (held !== null) said.push(`Holding since the first forecast would have made ${signedPercent(held, 2)}.`);
  if (skill !== null) said.push(skillSentence(skill, horizon));
  if (target === "logVolatility" && risk !== null) {
    said.push(
      `Its equity moved by ${percent(risk)} a year; it holds the market so that it would by ${percent(settings.risk)}.`,
    );
  }
  if (closed > 0) {
    const few = closed < FEW_TRADES ? "; too few to tell skill from chance" : "";
    said.push(`${closed} closed ${closed === 1 ? "trade" : "trades"}, ${won} won after costs${few}.`);
  }
  if (away.bars > 0) {
    said.push(
      `Away for ${away.bars} bars in ${away.stretches} ${
        away.stretches === 1 ? "stretch" : "stretches"
      }: it learned from them and traded nothing in them.`,
    );
  }
  if (settings.source === "replay") {
    said.push("A replay of bars that are known already: no proof of what it would have earned.");
  }
  return said;
}

/** What its forecasts are worth beside saying the least. */
function skillSentence({ count, latest, saved, reference, beyondChance }: OnlineSkill, horizon: number): string {
  const over = horizon === 1 ? "" : ` over ${horizon} bars`;
  const than = reference === "no move"
    ? `forecasting no move${over}`
    : `RiskMetrics, its bias by the outcomes before taken out,${over || " over a bar"}`;
  const all = `Its ${latest ? "last " : ""}${count} forecasts have`;
  if (saved <= 0) return `${all} ${percent(-saved)} more squared error than ${than}: they show no skill.`;
  const chance = beyondChance === null ? "" : beyondChance ? ", which is more than chance" : "; it may be chance";
  return `${all} ${percent(saved)} less squared error than ${than}${chance}.`;
}

/** Profit of each of the last days. */
export function OnlineDays({ days }: { readonly days: OnlineStanding["days"] }): JSX.Element {
  return (
    <ChartCard title="Profit by day" note={`account currency, days in UTC; last ${days.length}`}>
      <SignedColumns
        label={`Profit of the last ${days.length} days`}
        head="Day"
        value="Profit"
        items={days.map(({ time, profit }) => ({ name: dateUtc(time), value: profit }))}
        format={signedMoney}
      />
    </ChartCard>
  );
}
