/**
 * A market's forecasts by a run: the newest in words, all of them as a picture beside what came, and what they are worth. What is
 * chosen stands in the address, so that it can be kept and shared.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { ForecastCharts } from "../components/ForecastCharts.tsx";
import { ForecastFile } from "../components/ForecastFile.tsx";
import { NewestForecast } from "../components/NewestForecast.tsx";
import { counted, dateUtc, marketName } from "../components/format.ts";
import { MethodTable } from "../components/MethodTable.tsx";
import { SkillByMarket } from "../components/SkillByMarket.tsx";
import { VerdictWords } from "../components/VerdictWords.tsx";
import type { ForecastView } from "../server/forecast_view.ts";
import type { ForecastWorth, MarketSkill } from "../server/forecast_worth.ts";
import type { MarketChoice } from "../server/markets.ts";
import type { RunChoice } from "../server/run_choices.ts";

interface ForecastProps {
  readonly runs: readonly RunChoice[];
  readonly markets: readonly MarketChoice[];
  /** What the address asks for. */
  readonly run: string;
  readonly market: string;
}

/** Markets judged for the table. */
const MOST_MARKETS = 30;

/** The page. */
export default function Forecast(props: ForecastProps): JSX.Element {
  const place = useSignal({ run: props.run, market: props.market });
  const markets = useSignal(props.markets);
  const view = useSignal<ForecastView | null>(null);
  const worth = useSignal<ForecastWorth | null>(null);
  const skills = useSignal<{ readonly run: string; readonly list: readonly MarketSkill[] }>({ run: "", list: [] });
  const problem = useSignal<string | null>(null);
  // Answers that a later question has overtaken are dropped.
  const asked = useRef(0);

  const { run, market } = place.value;
  useEffect(() => {
    const turn = ++asked.current;
    [view.value, worth.value, problem.value] = [null, null, null];
    history.replaceState(null, "", `/forecast?${new URLSearchParams({ run, market })}`);
    const current = () => turn === asked.current;
    const fail = (error: Error) => current() && (problem.value = error.message);
    // Shown at once; what it is worth takes longer.
    getJson<ForecastView>("view", { run, market }).then((answer) => {
      if (!current()) return;
      view.value = answer;
      getJson<ForecastWorth>("worth", { run, market }).then((answer) => current() && (worth.value = answer), fail);
    }, fail);
  }, [run, market]);
  const chosen = props.runs.find(({ id }) => id === run);
  const judged = chosen === undefined ? [] : [chosen.unseen, ...chosen.markets].slice(0, MOST_MARKETS);
  useEffect(() => {
    // Asked behind the verdict on the market that is shown, one after the other: another choice waits for one at most.
    if (worth.value === null) return;
    let current = true;
    const ask = async () => {
      for (const market of judged.slice(skills.value.run === run ? skills.value.list.length : 0)) {
        const skill = await getJson<MarketSkill>("skill", { run, market }).catch((error: Error) =>
          notJudged(market, error)
        );
        if (!current) return;
        const { run: of, list } = skills.value;
        skills.value = { run, list: [...of === run ? list : [], skill] };
      }
    };
    void ask();
    return () => void (current = false);
  }, [run, worth.value === null]);

  const chooseRun = (id: string) => {
    const unseen = props.runs.find((one) => one.id === id)?.unseen;
    place.value = { run: id, market: market.startsWith("file:") ? market : unseen ?? market };
  };
  const uploaded = (id: string) => {
    if (!markets.value.some((one) => one.id === id)) markets.value = [...markets.value, { id, label: marketName(id) }];
    place.value = { run, market: id };
  };
  return (
    <div class="stack">
      <section class="card toolbar" aria-label="What to forecast">
        <label class="field">
          <span>Run</span>
          <select value={run} onChange={(event) => chooseRun(event.currentTarget.value)}>
            {props.runs.map(({ id, name }) => <option key={id} value={id}>{name}</option>)}
          </select>
        </label>
        <label class="field">
          <span>Market</span>
          <select value={market} onChange={(event) => place.value = { run, market: event.currentTarget.value }}>
            {markets.value.map(({ id, label }) => <option key={id} value={id}>{label}</option>)}
          </select>
        </label>
        <ForecastFile then={uploaded} />
      </section>
      {problem.value !== null && (
        <div class="notice" data-tone="bad" role="alert">
          <p>{problem.value}</p>
          {problem.value.includes("was trained on bars of") && (
            <p>
              <a href="/" aria-current={false}>Start a run</a>{" "}
              on markets whose bars are as long: tick them under "Markets to train on".
            </p>
          )}
        </div>
      )}
      {view.value === null
        ? problem.value === null && (
          <p class="muted" role="status">
            Forecasting every bar after the training <progress aria-label="Forecasting" />
          </p>
        )
        : (
          <>
            <NewestForecast view={view.value} run={run} market={market} />
            <Worth symbol={view.value.symbol} verdict={view.value.kept ?? worth.value?.verdict ?? null} />
            <ForecastCharts view={view.value} worth={worth.value} />
            {worth.value === null && view.value.kept !== null && (
              <p class="muted" role="status">
                Fitting every cheap method, for months and other markets <progress aria-label="Fitting" />
              </p>
            )}
            {worth.value !== null && (
              <SkillByMarket run={run} markets={judged} skills={skills.value.run === run ? skills.value.list : []} />
            )}
          </>
        )}
    </div>
  );
}

function notJudged(id: string, { message }: Error): MarketSkill {
  return { id, rows: 0, less: null, reference: null, why: message };
}

function Worth(
  { symbol, verdict }: { readonly symbol: string; readonly verdict: ForecastWorth["verdict"] | null },
): JSX.Element {
  if (verdict === null) {
    return (
      <p class="muted" role="status">
        Judging them beside every cheap method: once a run these are fitted first, which takes some seconds
        <progress aria-label="Judging" />
      </p>
    );
  }
  if ("problem" in verdict) {
    return (
      <section class="card stack" aria-label="Verdict">
        <header>
          <h2>What it is worth here</h2>
        </header>
        <p class="notice" data-tone="info">Nothing can be said yet. {verdict.problem}.</p>
      </section>
    );
  }
  const { from, to, rows, horizon, scores } = verdict;
  return (
    <section class="card stack" aria-label="Verdict">
      <header>
        <h2>What it is worth on {symbol}</h2>
        <p>{`${dateUtc(from)} to ${dateUtc(to)}, ${counted(rows, "forecast")} of ${counted(horizon, "bar")}`}</p>
      </header>
      <VerdictWords verdict={verdict} />
      <MethodTable scores={scores} />
    </section>
  );
}

async function getJson<Answer>(what: string, query: Readonly<Record<string, string>>): Promise<Answer> {
  const response = await fetch(`/api/forecast/${what}?${new URLSearchParams(query)}`);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}
