/**
 * Where the lab looks: run, market and bar, by menus, a date and a slider over the bars that the arrow keys move. For islands.
 * @module
 */
import type { JSX } from "preact";
import type { LabCandles } from "../server/lab_candles.ts";
import type { RunChoice } from "../server/run_choices.ts";
import type { MarketChoice } from "../server/markets.ts";
import { barName, dateUtc } from "./format.ts";

interface LabPlaceProps {
  readonly runs: readonly RunChoice[];
  readonly markets: readonly MarketChoice[];
  readonly place: { readonly run: string; readonly market: string };
  readonly candles: LabCandles | null;
  readonly time: number | null;
  readonly choose: (change: Partial<{ run: string; market: string }>) => void;
  readonly pick: (time: number) => void;
}

const DAY_MS = 86_400_000;

/** The controls. */
export function LabPlace({ runs, markets, place, candles, time, choose, pick }: LabPlaceProps): JSX.Element {
  const times = candles?.bars.time ?? [];
  const first = candles === null || candles.first === null ? 0 : times.findIndex((one) => one >= candles.first!);
  const at = time === null ? first : times.findLastIndex((one) => one <= time);
  const words = barName(candles?.bars.interval ?? "1d");
  const ready = candles !== null && candles.first !== null && time !== null;
  const pickDate = (value: string) => {
    const asked = Date.parse(value) + DAY_MS - 1;
    if (Number.isNaN(asked)) return;
    const found = times.findLastIndex((one) => one <= asked);
    pick(times[Math.max(first, found)]);
  };
  return (
    <section class="card toolbar" aria-label="Where to look">
      <label class="field">
        <span>Run</span>
        <select value={place.run} onChange={(event) => choose({ run: event.currentTarget.value })}>
          {runs.map(({ id, name }) => <option key={id} value={id}>{name}</option>)}
        </select>
      </label>
      <label class="field">
        <span>Market</span>
        <select value={place.market} onChange={(event) => choose({ market: event.currentTarget.value })}>
          {markets.map(({ id, label }) => <option key={id} value={id}>{label}</option>)}
        </select>
      </label>
      <label class="field">
        <span>Date (UTC)</span>
        <input
          type="date"
          disabled={!ready}
          min={ready ? dateUtc(times[first]) : undefined}
          max={ready ? dateUtc(times.at(-1)!) : undefined}
          value={ready ? dateUtc(time) : ""}
          onChange={(event) => pickDate(event.currentTarget.value)}
        />
      </label>
      <label class="field">
        <span>Bar: {ready ? words(time) : "–"}</span>
        <input
          type="range"
          disabled={!ready}
          min={first}
          max={Math.max(first, times.length - 1)}
          step={1}
          value={at}
          aria-valuetext={ready ? words(time) : undefined}
          onInput={(event) => pick(times[event.currentTarget.valueAsNumber])}
        />
      </label>
    </section>
  );
}
