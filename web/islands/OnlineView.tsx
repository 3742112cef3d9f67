/**
 * A paper trader as it trades: its life arrives by the server's stream, thinned from the first bar on, so a reload loses nothing.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { isDaily } from "../components/chart_time.ts";
import { Fact, Facts } from "../components/Facts.tsx";
import { exactPercent, marketName, percent, price, signedPercent, timeUtc, traderName } from "../components/format.ts";
import { Icon } from "../components/Icon.tsx";
import { send, useEvents } from "../components/live.ts";
import { NameHeading } from "../components/NameHeading.tsx";
import { forecastFigure, forecastMargin, NEXT_RETURN, type OnlineForecasting } from "../components/online_forecast.ts";
import { onlineWords, paceWords } from "../components/online_words.ts";
import { OnlineCharts } from "../components/OnlineCharts.tsx";
import { OnlineLog } from "../components/OnlineLog.tsx";
import { OnlineTrades } from "../components/OnlineTrades.tsx";
import { OnlineDays, OnlineVerdict } from "../components/OnlineVerdict.tsx";
import { StatusBadge } from "../components/StatusBadge.tsx";
import type { OnlineLife, OnlineSummary } from "../server/online_events.ts";
import type { OnlineLine, OnlinePoint } from "../server/online_life.ts";
import type { OnlineStanding } from "../server/online_standing.ts";
import type { OnlineReport } from "../server/online_store.ts";
import { targetValues } from "../server/target_values.ts";

/** More points are thinned: a chart has fewer pixels. */
const MOST_POINTS = 4000;

/** Known points with those that follow; where they become too many, every other one of the older three quarters goes. */
function append(known: readonly OnlinePoint[], news: readonly OnlinePoint[]): readonly OnlinePoint[] {
  const last = known.at(-1)?.time ?? -Infinity;
  const all = [...known, ...news.filter(({ time }) => time > last)];
  if (all.length <= MOST_POINTS) return all;
  return all.filter((_, index) => index % 2 === 0 || index >= all.length * 3 / 4);
}

/** The trader; its life as the page was sent is there without script too. */
export default function OnlineView(props: OnlineLife): JSX.Element {
  const trader = useSignal(props.trader);
  const since = useSignal(props.since);
  const points = useSignal(props.points);
  const log = useSignal(props.log);
  const standing = useSignal(props.standing);
  const connected = useSignal(true);
  const problem = useSignal<string | null>(null);
  const { id, settings } = props.trader;
  useEvents(`/api/online/${id}/events`, {
    trader: (data: { trader: OnlineSummary; since: number | null }) => {
      trader.value = data.trader;
      since.value = data.since;
    },
    history: (data: readonly OnlinePoint[]) => points.value = data,
    points: (data: readonly OnlinePoint[]) => points.value = append(points.value, data),
    standing: (data: OnlineStanding) => standing.value = data,
    log: (data: readonly OnlineLine[]) => log.value = data,
  }, (state) => connected.value = state);

  const act = async (action: string) => {
    problem.value = null;
    try {
      await send(`/api/online/${id}/${action}`);
      if (action === "delete") location.href = "/online";
    } catch (error) {
      problem.value = (error as Error).message;
    }
  };
  const { status, stopping, error, report } = trader.value;
  const live = settings.source === "live";
  const last = points.value.at(-1);
  const daily = last !== undefined && isDaily(points.value.map(({ time }) => time / 1000));
  const broken = live && status === "running" ? connectionProblem(log.value) : null;
  return (
    <div class="stack">
      <header class="page-head">
        <div>
          <div class="row">
            <NameHeading
              name={traderName(trader.value.settings)}
              rename={async (name) => {
                trader.value = await send<OnlineSummary>(`/api/online/${id}/rename`, { name });
              }}
            />
            <span role="status">
              <StatusBadge status={status} request={stopping ? "stop" : null} />
            </span>
          </div>
          <p>
            <a href="/online" aria-current={false}>All traders</a> · {live
              ? `${settings.symbol} ${settings.interval}, live from Bybit, ${settings.category}`
              : `replay of ${marketName(settings.market)}, ${paceWords(settings)}`}; on paper, with a fee of{" "}
            {exactPercent(settings.fee)} and slippage of {exactPercent(settings.slippage)}
            {settings.run !== "" && (
              <>
                , by the forecaster of <a href={`/runs/${settings.run}`} aria-current={false}>a run</a>
                {report?.forecasts?.target === "logVolatility" &&
                  `, held at a volatility of ${percent(settings.risk)} a year`}
              </>
            )}
          </p>
        </div>
        <Controls status={status} stopping={stopping} act={act} />
      </header>
      {problem.value !== null && <p class="notice" data-tone="bad" role="alert">{problem.value}</p>}
      {error !== null && <p class="notice" data-tone="bad" role="alert">{error}</p>}
      {!connected.value && (
        <p class="notice" data-tone="warn" role="status">
          The connection to the server is lost; trying again. The trader goes on from its last bar when the server is
          back.
        </p>
      )}
      {broken !== null && (
        <p class="notice" data-tone="warn" role="status">
          Not connected to Bybit: {broken}. It is tried again; nothing is traded meanwhile.
        </p>
      )}
      <Figures report={report} last={last} daily={daily} learns={settings.run === ""} />
      {last === undefined
        ? (
          <section class="empty" aria-label="Charts">
            <h2>No bar yet</h2>
            <p>
              {status === "running"
                ? live
                  ? "The trader asks Bybit for the bars that it warms up with. The log below says how that goes."
                  : "The trader's process is starting; the first bars come in a moment."
                : "It was stopped before its first bar. Resume it to trade."}
            </p>
          </section>
        )
        : (
          <>
            {standing.value !== null && (
              <div class="grid wide">
                <OnlineVerdict
                  standing={standing.value}
                  last={last}
                  since={since.value}
                  settings={settings}
                  forecasts={report?.forecasts ?? NEXT_RETURN}
                  costs={report?.costs ?? 0}
                />
                <OnlineDays days={standing.value.days} />
              </div>
            )}
            <OnlineCharts
              points={points.value}
              since={since.value}
              capital={settings.capital}
              report={report}
              learns={settings.run === ""}
            />
            {standing.value !== null && <OnlineTrades standing={standing.value} daily={daily} />}
          </>
        )}
      <OnlineLog lines={log.value} daily={daily} />
      <section class="card" aria-label="Settings">
        <header>
          <h2>Settings</h2>
          <a class="button small" href={`/online?like=${id}`} aria-current={false}>Start again with these settings</a>
        </header>
        <Facts look="settings" of={onlineWords(settings, (report?.forecasts ?? NEXT_RETURN).target)} />
      </section>
    </div>
  );
}

/** Why there is no connection, by the newest line about it; null where there is one. */
function connectionProblem(log: readonly OnlineLine[]): string | null {
  const last = log.find(({ kind }) => ["connected", "refilled", "disconnected", "refill failed"].includes(kind));
  return last?.kind === "disconnected" || last?.kind === "refill failed" ? last.text : null;
}

function Controls(
  { status, stopping, act }: {
    readonly status: OnlineSummary["status"];
    readonly stopping: boolean;
    readonly act: (action: string) => void;
  },
): JSX.Element {
  return (
    <div class="row">
      {status === "running" && (
        <button type="button" class="button" disabled={stopping} onClick={() => act("stop")}>
          <Icon name="stop" /> Stop
        </button>
      )}
      {(status === "stopped" || status === "failed") && (
        <button
          type="button"
          class="button primary"
          onClick={() => act("resume")}
        >
          <Icon name="play" /> Resume
        </button>
      )}
      {status !== "running" && (
        <button
          type="button"
          class="button danger"
          onClick={() => confirm("Delete this trader with all it has learned?") && act("delete")}
        >
          Delete
        </button>
      )}
    </div>
  );
}

/** How far the forecast is expected to be off, and what the ensemble's members have to do with that. */
function forecastNote(forecasts: OnlineForecasting, last: OnlinePoint | undefined): string {
  if (last === undefined) return "";
  const { value, deviation, spread } = last;
  const models = value === null || deviation === null || spread === null || forecasts.target !== "return"
    ? ""
    : `, of which models differ by ${(spread * 100).toFixed(3)}%`;
  return `${forecastMargin(forecasts, last)}${models}`;
}

/** "Long 100%", "Flat". */
function positionWords(position: number): string {
  return position === 0 ? "Flat" : `${position > 0 ? "Long" : "Short"} ${(Math.abs(position) * 100).toFixed(0)}%`;
}

function Figures(
  { report, last, daily, learns }: {
    readonly report: OnlineReport | null;
    readonly last: OnlinePoint | undefined;
    readonly daily: boolean;
    readonly learns: boolean;
  },
): JSX.Element {
  const forecasts = report?.forecasts ?? NEXT_RETURN;
  const gain = last === undefined || report === null ? null : last.equity / report.capital - 1;
  return (
    <section class="card stack" aria-label="Key figures">
      {report?.total != null && (
        <progress value={report.bars} max={report.total} aria-label={`${report.bars} of ${report.total} bars`} />
      )}
      <dl class="figures noted">
        <Fact
          name="Position"
          value={last === undefined ? "–" : positionWords(last.held)}
          note={last !== undefined && last.wanted !== last.held
            ? `next ${positionWords(last.wanted).toLowerCase()}`
            : ""}
        />
        <Fact name="Equity" value={last?.equity.toFixed(2) ?? "–"} note={signedPercent(gain, 2)} />
        <Fact
          name={`${forecasts.target === "return" ? "Forecast" : targetValues(forecasts.target).name}, ${
            forecasts.horizon === 1 ? "next bar" : `next ${forecasts.horizon} bars`
          }`}
          value={forecastFigure(forecasts, last?.value)}
          note={forecastNote(forecasts, last)}
        />
        <Fact name="Costs so far" value={report === null ? "–" : report.costs.toFixed(2)} />
        <Fact
          name="Last bar"
          value={last === undefined ? "–" : timeUtc(last.time).slice(0, 10)}
          note={last === undefined
            ? ""
            : `${daily ? "" : `${timeUtc(last.time).slice(11)} UTC, `}close ${price(last.close)}`}
        />
        {learns && (
          <Fact
            name="Meta-updates"
            value={String(report?.updates ?? "–")}
            note={report === null ? "" : `${report.rejected} refused, ${report.withheld} forecasts withheld`}
          />
        )}
        <Fact
          name="Bars"
          value={String(report?.bars ?? "–")}
          note={report?.total != null ? `of ${report.total}, ${percent(report.bars / report.total)}` : ""}
        />
      </dl>
    </section>
  );
}
