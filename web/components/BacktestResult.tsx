/**
 * A finished backtest: verdict, what was tested, candles with entries, exits, stops and regimes, equity and drawdown beside the
 * baselines and another result, its course, figures with intervals, trades, fills. For islands.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Trade } from "@adaptrade/adaptrade/trading";
import type { BacktestView } from "../server/backtest_view.ts";
import { BacktestCourse } from "./BacktestCourse.tsx";
import { BacktestFigures } from "./BacktestFigures.tsx";
import { BacktestFills, BacktestFindings } from "./BacktestFills.tsx";
import { BacktestSettings } from "./BacktestSettings.tsx";
import { BacktestTrades } from "./BacktestTrades.tsx";
import type { ChartBand, ChartLevel } from "./candle_layer.ts";
import { CandleChart, type ChartMarker } from "./CandleChart.tsx";
import { dateUtc } from "./format.ts";
import { Icon } from "./Icon.tsx";
import { type ChartSeries, LineChart } from "./LineChart.tsx";

const REGIMES: Readonly<Record<string, readonly [name: string, color: string]>> = {
  bull: ["bull", "--good"],
  bear: ["bear", "--bad"],
  "high-volatility": ["high volatility", "--chart-5"],
  "low-volatility": ["low volatility", "--chart-2"],
  ranging: ["ranging", "--line-strong"],
};

interface BacktestResultProps {
  readonly view: BacktestView;
  /** Other results that can be laid over this one. */
  readonly others: readonly { readonly id: string; readonly name: string }[];
  /** Reads one of them. */
  readonly read: (id: string) => Promise<BacktestView>;
}

/** The result. */
export function BacktestResult({ view, others, read }: BacktestResultProps): JSX.Element {
  const { id, symbol, runName, verdict, notes, time, chart } = view;
  const chosen = useSignal<Trade | null>(null);
  const over = useSignal("");
  const other = useSignal<BacktestView | null>(null);
  const log = useSignal(false);
  const market = useRef<HTMLElement>(null);
  const choose = (trade: Trade) => {
    chosen.value = trade;
    market.current?.scrollIntoView({ block: "nearest" });
  };
  useEffect(() => {
    let left = false;
    other.value = null;
    if (over.value !== "") void read(over.value).then((found) => left || (other.value = found));
    return () => left = true;
  }, [over.value]);
  // Drawn once: the charts compare these by identity.
  const parts = useMemo(() => ({
    markers: markersOf(view),
    levels: stopLevels(view),
    bands: regimeBands(view),
  }), [id]);
  // Identity again: the chart's bands change with the trade alone.
  const bands = useMemo(() => chosen.value === null ? parts.bands : [...parts.bands, tradeBand(chosen.value, time)], [
    parts,
    chosen.value,
  ]);
  const lines = useMemo(() => linesOf(view, other.value), [id, other.value]);
  const stops = parts.levels.length > 0;
  const present = new Set(view.regimes.filter((regime) => regime !== null));
  return (
    <>
      <section class="card stack" aria-label="Verdict">
        <header>
          <h2>{`${symbol}, ${runName}`}</h2>
          <p>{`${dateUtc(view.from)} to ${dateUtc(view.to)}, ${view.bars} bars`}</p>
        </header>
        <div>
          <p>
            <span class="badge" data-tone={verdict.significant ? "good" : verdict.wins ? "info" : "warn"}>
              {verdict.significant ? "beats every baseline" : verdict.wins ? "ahead, not significant" : "does not win"}
            </span>
          </p>
          <ul class="sentences">{verdict.sentences.map((sentence) => <li key={sentence}>{sentence}</li>)}</ul>
          {notes.map((note) => <p key={note} class="small muted">{note}.</p>)}
          <BacktestFindings view={view} />
        </div>
        <div class="row">
          <a class="button" href={`/api/backtest/${id}/report`} target="_blank">Tear sheet</a>
          <a class="button" href={`/api/backtest/${id}/trades`} download>
            <Icon name="download" />
            Trades as CSV
          </a>
          <a class="button" href={`/api/backtest/${id}/fills`} download>
            <Icon name="download" />
            Fills as CSV
          </a>
          <a class="button" href={`/compare?run=${view.request.run}`}>Compare the run</a>
        </div>
      </section>
      <BacktestSettings view={view} />
      <section class="card" aria-label="Trades on the market" ref={market}>
        <header>
          <h2>Entries and exits</h2>
          <p>{`${view.strategies[0].name}; scroll to move in time`}</p>
        </header>
        <CandleChart
          label={`Prices of ${symbol} with ${view.trades.length} trades of ${view.strategies[0].name}`}
          bars={chart}
          markers={parts.markers}
          levels={parts.levels}
          bands={bands}
          focus={chosen.value?.entryTime ?? time.at(-1)!}
          height={380}
        />
        <ul class="legend">
          <li>
            <span class="positive" aria-hidden="true">▲</span>long entry
          </li>
          <li>
            <span class="negative" aria-hidden="true">▼</span>short entry
          </li>
          <li>
            <span aria-hidden="true">●</span>exit by signal
          </li>
          <li>
            <span aria-hidden="true">■</span>exit by stop or take-profit
          </li>
          {stops && (
            <li>
              <span class="swatch" style={{ color: "var(--chart-3)" }} />stop
            </li>
          )}
        </ul>
        {present.size > 0 && (
          <ul class="legend" aria-label="Regimes, as the strip at the chart's foot shows them">
            <li>Regime:</li>
            {Object.entries(REGIMES).filter(([regime]) => present.has(regime as never)).map((
              [regime, [name, color]],
            ) => (
              <li key={regime}>
                <span class="swatch block solid" style={{ color: `var(${color})` }} />
                {name}
              </li>
            ))}
          </ul>
        )}
      </section>
      <div class="grid wide">
        <section class="card" aria-label="Equity">
          <header>
            <h2>Equity</h2>
            {others.length > 0 && (
              <label class="row small">
                <span>Lay over it</span>
                <select class="narrow" value={over.value} onChange={(event) => over.value = event.currentTarget.value}>
                  <option value="">nothing</option>
                  {others.map(({ id, name }) => <option key={id} value={id}>{name}</option>)}
                </select>
              </label>
            )}
            <label class="check small">
              <input
                type="checkbox"
                checked={log.value}
                onChange={(event) => log.value = event.currentTarget.checked}
              />
              <span>logarithmic</span>
            </label>
          </header>
          <LineChart
            label="Equity by strategy, as a multiple of the capital at the start"
            x={lines.seconds}
            time
            log={log.value}
            sync="backtest"
            series={lines.equity}
          />
        </section>
        <section class="card" aria-label="Drawdown">
          <header>
            <h2>Drawdown</h2>
            <p>% below the highest equity so far</p>
          </header>
          <LineChart
            label="Drawdown by strategy, in per cent"
            x={lines.seconds}
            time
            sync="backtest"
            series={lines.drawdown}
          />
        </section>
      </div>
      <BacktestFigures view={view} />
      <BacktestCourse view={view} />
      <BacktestTrades
        trades={view.trades}
        interval={chart.interval}
        chosen={chosen.value?.entryTime ?? null}
        choose={choose}
      />
      <BacktestFills view={view} />
    </>
  );
}

/** Equity and drawdown of every strategy, and of another result's model over the same axis. */
function linesOf(view: BacktestView, other: BacktestView | null): {
  readonly seconds: readonly number[];
  readonly equity: readonly ChartSeries[];
  readonly drawdown: readonly ChartSeries[];
} {
  const all = [
    ...view.strategies.map(({ name }, i) => ({ name, time: view.time, values: view.equity[i] })),
    ...(other === null
      ? []
      : [{ name: `${other.symbol}, ${other.runName}`, time: other.time, values: other.equity[0] }]),
  ];
  const time = other === null ? view.time : [...new Set([...view.time, ...other.time])].sort((a, b) => a - b);
  const line = (i: number, values: readonly number[]): ChartSeries => {
    const at = new Map(all[i].time.map((ms, bar) => [ms, values[bar]]));
    return {
      label: all[i].name,
      values: time === all[i].time ? values : time.map((ms) => at.get(ms) ?? null),
      dashed: i > 0,
    };
  };
  return {
    seconds: time.map((ms) => ms / 1000),
    equity: all.map(({ values }, i) => line(i, values)),
    drawdown: all.map(({ values }, i) => line(i, drawdownOf(values))),
  };
}

/** The bars that a trade was held in. */
function tradeBand({ entryTime, exitTime }: Trade, time: readonly number[]): ChartBand {
  return { from: entryTime, to: exitTime ?? time.at(-1)!, color: "--accent" };
}

/** Per cent below the peak so far; the peak starts at the capital. */
function drawdownOf(equity: readonly number[]): number[] {
  let peak = 1;
  return equity.map((value) => {
    peak = Math.max(peak, value);
    return 100 * (value / peak - 1);
  });
}

function markersOf({ trades }: BacktestView): ChartMarker[] {
  const marks = trades.flatMap(({ side, entryTime, exitTime, exitReason }): ChartMarker[] => {
    const long = side === "long";
    const entry: ChartMarker = {
      time: entryTime,
      position: long ? "below" : "above",
      shape: long ? "arrowUp" : "arrowDown",
      color: long ? "--good" : "--bad",
    };
    if (exitTime === null) return [entry];
    const shape = exitReason === "signal" ? "circle" : "square";
    return [entry, { time: exitTime, position: long ? "above" : "below", shape, color: "--text" }];
  });
  return marks.sort((a, b) => a.time - b.time);
}

/** The stop in force in each bar; empty where no trade has one. */
function stopLevels({ stops, trades, chart: { time } }: BacktestView): ChartLevel[] {
  if (trades.every(({ stop }) => stop === null)) return [];
  // A stop stands for the bar after the close it was set at; the first bar shown was only decided on.
  const values = [null, null, ...stops].slice(0, time.length);
  const index = new Map(time.map((ms, i) => [ms, i]));
  for (const { entryTime, stop } of trades) values[index.get(entryTime)!] ??= stop;
  return [{ values, color: "--chart-3" }];
}

function regimeBands({ regimes, time }: BacktestView): ChartBand[] {
  const bands: ChartBand[] = [];
  for (let i = 0, from = 0; i < regimes.length; i++) {
    if (regimes[i] === regimes[i + 1] && i + 1 < regimes.length) continue;
    const regime = regimes[i];
    if (regime !== null) bands.push({ from: time[from], to: time[i], color: REGIMES[regime][1], part: "strip" });
    from = i + 1;
  }
  return bands;
}
