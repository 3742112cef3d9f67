/**
 * Backtests: `?run=ID` chooses a run in the form, `?like=ID` fills it in as a finished one was, `?id=ID` shows a finished one.
 * @module
 */
import { page } from "fresh";
import { Head } from "fresh/runtime";
import Backtest from "../islands/Backtest.tsx";
import { listBacktests, readView } from "../server/backtest_files.ts";
import { backtestJobs } from "../server/backtest_jobs.ts";
import { DEFAULT_BACKTEST, keptRequest } from "../server/backtest_request.ts";
import { marketSpans } from "../server/data_markets.ts";
import { runChoices } from "../server/run_choices.ts";
import { listMarkets } from "../server/markets.ts";
import { DEFAULT_RUN } from "../server/run_config.ts";
import { define } from "../utils.ts";

/** The data of the page. */
export const handler = define.handlers({
  async GET(ctx) {
    const [choices, markets, spans, all] = await Promise.all([
      runChoices(),
      listMarkets(),
      marketSpans(),
      listBacktests(),
    ]);
    const runs = choices.filter(({ target }) => target !== "logVolume");
    const { searchParams } = ctx.url;
    const asked = searchParams.get("run");
    const run = runs.find(({ id }) => id === asked) ?? runs[0];
    const finished = all.map(({ id, runName, symbol, createdAt, strategies: [{ metrics }] }) => ({
      id,
      runName,
      symbol,
      createdAt,
      sharpe: metrics.sharpe.value,
      totalReturn: metrics.totalReturn.value,
    }));
    const latest = all.find(({ request }) => asked === null || request.run === asked)?.id ?? null;
    const wanted = searchParams.get("id");
    const shown = wanted ?? latest;
    const view = shown === null ? null : await readView(shown);
    const like = all.find(({ id }) => id === searchParams.get("like"))?.request;
    const defaults = {
      ...DEFAULT_BACKTEST,
      run: run?.id ?? "",
      market: run?.unseen ?? DEFAULT_RUN.unseen,
      ...(like?.run === run?.id && keptRequest(like)),
    };
    return page({
      runs,
      markets,
      spans,
      defaults,
      jobs: backtestJobs(),
      finished,
      view,
      gone: wanted !== null && view === null,
    });
  },
});

/** The page. */
export default define.page<typeof handler>(({ data }) => (
  <>
    <Head>
      <title>Backtest · adaptrade</title>
    </Head>
    <header class="page-head">
      <div>
        <h1>Backtest</h1>
        <p>
          At the close of every bar the forecaster adapts on the last rows alone and forecasts; the market is held at a
          risk, or traded by the return, at the next open, with costs; every baseline walks the same bars.
        </p>
      </div>
    </header>
    <Backtest {...data} />
  </>
));
