/**
 * The adaptation lab: a market, a bar of it and a number of inner steps in; forecast, losses, parameters and reasons out. What
 * is chosen stands in the address, so that it can be kept and shared.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { CandleChart } from "../components/CandleChart.tsx";
import { barName, counted, targetFigure } from "../components/format.ts";
import { LabCurves, LabFigures } from "../components/LabCurves.tsx";
import { LabPlace } from "../components/LabPlace.tsx";
import { LabWhy } from "../components/LabWhy.tsx";
import { send } from "../components/live.ts";
import type { LabCandles } from "../server/lab_candles.ts";
import type { RunChoice } from "../server/run_choices.ts";
import type { LabExplanation, LabView, SeenBefore } from "../server/lab_view.ts";
import type { MarketChoice } from "../server/markets.ts";

interface LabProps {
  readonly runs: readonly RunChoice[];
  readonly markets: readonly MarketChoice[];
  /** What the address asks for. */
  readonly run: string;
  readonly market: string;
  readonly time: number | null;
}

/** A slider sends many values; the server is asked once it rests this long, ms. */
const REST_MS = 90;

const SEEN: Readonly<Record<SeenBefore, readonly [tone: string, words: string]>> = {
  "unseen market": ["good", "The run never saw this market."],
  "after training": ["good", "The run saw this market, but no bar as late as this."],
  "selected on": ["warn", "The run was selected on this stretch: forecasts look better than they are."],
  "trained on": ["warn", "The run trained on this stretch: forecasts look better than they are."],
};

/** The lab. */
export default function Lab(props: LabProps): JSX.Element {
  const place = useSignal({ run: props.run, market: props.market });
  const time = useSignal<number | null>(props.time);
  const candles = useSignal<LabCandles | null>(null);
  const view = useSignal<LabView | null>(null);
  const steps = useSignal<number | null>(null);
  const explanation = useSignal<LabExplanation | null>(null);
  const problem = useSignal<string | null>(null);
  // Answers that a later question has overtaken are dropped.
  const asked = useRef({ candles: 0, view: 0, why: 0 });

  const attempt = async <Answer,>(
    what: "candles" | "view" | "why",
    work: Promise<Answer>,
    then: (a: Answer) => void,
  ) => {
    const turn = ++asked.current[what];
    try {
      const answer = await work;
      if (turn !== asked.current[what]) return;
      problem.value = null;
      then(answer);
    } catch (error) {
      if (turn === asked.current[what]) problem.value = (error as Error).message;
    }
  };

  const { run, market } = place.value;
  useEffect(() => {
    void attempt("candles", getCandles(run, market), (answer) => {
      candles.value = answer;
      const { bars, first } = answer;
      const [least, last] = [first ?? Infinity, bars.time.at(-1)!];
      const keep = time.value !== null && time.value >= least && time.value <= last;
      // By default the bars that the forecast is judged on are known.
      time.value = keep ? time.value : first === null ? null : Math.max(first, bars.time.at(-30) ?? last);
      if (first === null) problem.value = `No bar of ${bars.symbol} can be forecast from. Choose another market.`;
    });
  }, [run, market]);
  useEffect(() => {
    if (time.value === null || candles.value === null) return;
    const query = { run, market, time: time.value };
    const timer = setTimeout(() => {
      const address = new URLSearchParams({ run, market, time: String(query.time) });
      history.replaceState(null, "", `/lab?${address}`);
      void attempt("view", send<LabView>("/api/lab/view", query), (answer) => {
        view.value = answer;
        steps.value ??= Math.min(answer.steps, answer.learned.predictions.length - 1);
      });
    }, REST_MS);
    return () => clearTimeout(timer);
  }, [time.value, candles.value]);
  useEffect(() => {
    if (view.value === null) return;
    const query = { run, market, time: view.value.time, steps: steps.value };
    const timer = setTimeout(
      () =>
        void attempt("why", send<LabExplanation>("/api/lab/explain", query), (answer) => explanation.value = answer),
      REST_MS,
    );
    return () => clearTimeout(timer);
  }, [view.value, steps.value]);

  const choose = (change: Partial<{ run: string; market: string }>) => {
    const next = props.runs.find(({ id }) => id === change.run);
    place.value = { ...place.value, ...change, ...(next && !("market" in change) && { market: next.unseen }) };
    [candles.value, view.value, explanation.value] = [null, null, null];
    steps.value = null;
  };
  const bars = candles.value?.bars ?? null;
  const focus = time.value ?? bars?.time.at(-1);
  return (
    <div class="stack">
      <LabPlace
        runs={props.runs}
        markets={props.markets}
        place={place.value}
        candles={candles.value}
        time={time.value}
        choose={choose}
        pick={(value) => time.value = value}
      />
      {problem.value !== null && <p class="notice" data-tone="bad" role="alert">{problem.value}</p>}
      <section class="card" aria-label="Market">
        <header>
          <h2>{bars === null ? "Market" : `${bars.symbol}, ${bars.interval}`}</h2>
          <p>{candles.value?.hidden ? `the last ${bars?.time.length} bars; ` : ""}click a bar to go there</p>
        </header>
        {bars === null ? <p class="chart muted" role="status">Reading the market</p> : (
          <CandleChart
            label={`Prices of ${bars.symbol}; the chosen bar is ${
              time.value === null ? "none" : barName(bars.interval)(time.value)
            }`}
            bars={bars}
            {...(focus !== undefined && { focus })}
            onPick={(value) => time.value = Math.max(value, candles.value?.first ?? value)}
            bands={bandsOf(view.value, bars.time)}
            markers={markersOf(view.value)}
            height={360}
          />
        )}
        <ul class="legend">
          <li>
            <span class="swatch block" style={{ color: "var(--chart-2)" }} />support: the rows it adapts on
          </li>
          <li>
            <span class="swatch block" style={{ color: "var(--chart-1)" }} />the bar it forecasts from
          </li>
          <li>
            <span class="swatch block" style={{ color: "var(--chart-3)" }} />the bars that it forecasts
          </li>
        </ul>
      </section>
      {view.value !== null && steps.value !== null && (
        <>
          <Steps
            view={view.value}
            steps={steps.value}
            most={view.value.learned.predictions.length - 1}
            set={(value) => steps.value = value}
          />
          <LabCurves view={view.value} steps={steps.value} />
          {explanation.value === null
            ? <p class="muted" role="status">Asking for the reasons</p>
            : <LabWhy explanation={explanation.value} interval={bars?.interval ?? "1d"} />}
        </>
      )}
    </div>
  );
}

async function getCandles(run: string, market: string): Promise<LabCandles> {
  const response = await fetch(`/api/lab/candles?${new URLSearchParams({ run, market })}`);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

function Steps(
  { view, steps, most, set }: {
    readonly view: LabView;
    readonly steps: number;
    readonly most: number;
    readonly set: (steps: number) => void;
  },
): JSX.Element {
  const [tone, words] = SEEN[view.seen];
  const { learned, forecast, target, horizon, networks, others } = view;
  const shown = (value: number | null) => targetFigure(target, value);
  return (
    <section class="card lab-steps" aria-label="Adaptation">
      <div class="stack">
        <dl class="figures" aria-live="polite">
          <div>
            <dt>Forecast over {horizon === 1 ? "the next bar" : `the next ${horizon} bars`}</dt>
            <dd>
              <span data-testid="forecast">{shown(forecast.value)}</span>{" "}
              <small>
                {`80%: ${shown(forecast.low)} to ${shown(forecast.high)}, ${
                  view.judged === 0 ? "as on validation" : `by ${view.judged} outcomes known by then`
                }`}
              </small>
            </dd>
          </div>
          <div>
            <dt>What came</dt>
            <dd>{shown(view.actual)}</dd>
          </div>
          <div>
            <dt>Unadapted</dt>
            <dd>{shown(view.unadapted)}</dd>
          </div>
          <div>
            <dt>{target === "return" ? "Saying nothing" : "Level now"}</dt>
            <dd>{shown(view.anchor)}</dd>
          </div>
        </dl>
        <p>
          <span class="badge" data-tone={tone}>{view.seen}</span> <span class="small muted">{words}</span>
        </p>
        {view.limited && (
          <p class="notice" data-tone="warn">
            Adapting was held back here: it moved a network further than validation showed it may, or the rows say
            nothing. The forecast is the unadapted one of that network.
          </p>
        )}
        {!view.adapts && (
          <p class="notice" data-tone="info">
            There are too few rows to adapt on yet: the forecast is what was learned over the other markets.
          </p>
        )}
        <label class="field">
          <span>{most === 1 ? `Support rows read: ${steps === 1 ? "yes" : "no"}` : `Inner steps: ${steps}`}</span>
          <input
            type="range"
            min={0}
            max={most}
            step={1}
            value={steps}
            onInput={(event) => set(event.currentTarget.valueAsNumber)}
          />
          <span class="hint">
            {`${counted(networks, "network")}, ${counted(view.supportTime.length, "support row")}, ${
              counted(others, "other market")
            }; validation chose ${
              view.steps === 0 ? "not to adapt" : most === 1 ? "to read them" : `${view.steps} steps`
            }`}
          </span>
        </label>
        <dl class="figures" aria-live="polite">
          <div>
            <dt>After so many steps</dt>
            <dd data-testid="prediction">{shown(learned.predictions[steps])}</dd>
          </div>
        </dl>
      </div>
      <LabFigures view={view} steps={steps} />
    </section>
  );
}

function bandsOf(view: LabView | null, times: readonly number[]) {
  if (view === null) return [];
  const at = times.indexOf(view.time);
  const after = times.slice(at + 1, at + 1 + view.horizon);
  const { supportTime } = view;
  return [
    ...(supportTime.length === 0 ? [] : [{ from: supportTime[0], to: supportTime.at(-1)!, color: "--chart-2" }]),
    { from: view.time, to: view.time, color: "--chart-1" },
    ...(after.length === 0 ? [] : [{ from: after[0], to: after.at(-1)!, color: "--chart-3" }]),
  ];
}

function markersOf(view: LabView | null) {
  return view === null
    ? []
    : [{ time: view.time, position: "above" as const, shape: "arrowDown" as const, color: "--chart-1", text: "now" }];
}
