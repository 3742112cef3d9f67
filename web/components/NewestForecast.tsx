/**
 * The newest forecast of a market in words and figures: the value with its band, when it will be known, what it rests on. For
 * islands.
 * @module
 */
import type { JSX } from "preact";
import type { ForecastView } from "../server/forecast_view.ts";
import { targetValues } from "../server/target_values.ts";
import { barName, counted, percent, targetFigure } from "./format.ts";

interface NewestForecastProps {
  readonly view: ForecastView;
  readonly run: string;
  readonly market: string;
}

/** The card. */
export function NewestForecast({ view, run, market }: NewestForecastProps): JSX.Element {
  const { symbol, interval, target, horizon, newest, covered, seen, early, networks, steps } = view;
  const shown = (value: number | null) => targetFigure(target, value);
  const when = barName(interval);
  const lab = new URLSearchParams({ run, market, time: String(newest.time) });
  return (
    <section class="card stack" aria-label="Newest forecast">
      <header>
        <h2>
          {`${symbol}: ${targetValues(target).name.toLowerCase()} over the next ${
            horizon === 1 ? "bar" : `${horizon} bars`
          }`}
        </h2>
        <p>{`made at the close of the bar of ${when(newest.time)}, known ${counted(horizon, "bar")} later`}</p>
      </header>
      <dl class="figures">
        <div>
          <dt>Forecast</dt>
          <dd>
            <span data-testid="newest">{shown(newest.value)}</span>{" "}
            <small>{`80%: ${shown(newest.low)} to ${shown(newest.high)}`}</small>
          </dd>
        </div>
        <div>
          <dt>Unadapted</dt>
          <dd>{shown(newest.unadapted)}</dd>
        </div>
        <div>
          <dt>{target === "return" ? "Saying nothing" : "Level now"}</dt>
          <dd>{shown(newest.anchor)}</dd>
        </div>
        <div>
          <dt>Band held</dt>
          <dd>
            {percent(covered.share)} <small>{`of ${covered.count} outcomes; 80% is wanted`}</small>
          </dd>
        </div>
      </dl>
      {newest.value === null && (
        <p class="notice" data-tone="warn">The market has stood still for too long to be forecast.</p>
      )}
      {newest.limited && (
        <p class="notice" data-tone="warn">
          Adapting was held back here, for it moved further than validation showed it may, or its rows say nothing.
        </p>
      )}
      {(early || seen === "trained on" || seen === "selected on") && (
        <p class="notice" data-tone="warn">
          {seen === "unseen market"
            ? "Bars from before the end of training are among these: the run never saw this market, but learned on others' bars of the same days."
            : "The run trained on bars of these days of this market: forecasts look better than they are."}
        </p>
      )}
      <p class="small muted">
        {`It rests on ${counted(networks, "network")}, ${
          newest.others === 0 ? "no other market" : counted(newest.others, "other market")
        } that had the bar, and the market's own last rows${
          steps === 0 ? ", on which validation chose not to adapt" : ""
        }.`} <a href={`/lab?${lab}`}>Why it says so</a>
      </p>
    </section>
  );
}
