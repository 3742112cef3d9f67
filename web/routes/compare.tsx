/**
 * Runs side by side: `?run=A&run=B` says which, so that the address can be shared. Works without script but for the curves.
 * @module
 */
import { page } from "fresh";
import { Head } from "fresh/runtime";
import { marketName } from "../components/format.ts";
import { CompareTable } from "../components/CompareTable.tsx";
import { StatusBadge } from "../components/StatusBadge.tsx";
import CompareCurves from "../islands/CompareCurves.tsx";
import { compareRuns } from "../server/compare_runs.ts";
import { runManager } from "../server/run_manager.ts";
import { define } from "../utils.ts";

/** More columns would not fit any screen, and there are six colours. */
const MOST_RUNS = 6;

/** The data of the page. */
export const handler = define.handlers({
  async GET(ctx) {
    const asked = ctx.url.searchParams.getAll("run");
    const { store } = await runManager();
    const all = store.list().map(({ id, name, status, step }) => ({ id, name, status, step }));
    const compared = await compareRuns(asked.slice(0, MOST_RUNS), ctx.url.searchParams.get("market"));
    return page({ all, ...compared, tooMany: asked.length > MOST_RUNS });
  },
});

/** The page. */
export default define.page<typeof handler>(({ data: { all, runs, settings, markets, market, tooMany } }) => {
  const chosen = new Set(runs.map(({ id }) => id));
  return (
    <>
      <Head>
        <title>Compare · adaptrade</title>
      </Head>
      <header class="page-head">
        <div>
          <h1>Compare runs</h1>
          <p>Tick the runs to lay side by side. The address says which, so it can be kept and shared.</p>
        </div>
      </header>
      {all.length === 0
        ? (
          <section class="empty" aria-label="Runs">
            <h2>No runs yet</h2>
            <p>Start two runs that differ in one setting, and come back to see what it changed.</p>
            <a class="button primary" href="/" aria-current={false}>Start a run</a>
          </section>
        )
        : (
          <div class="stack">
            <form method="get" action="/compare" class="card form" aria-label="Runs to compare">
              <fieldset>
                <legend>Runs</legend>
                <div class="choices">
                  {all.map(({ id, name, status, step }) => (
                    <label key={id} class="check">
                      <input type="checkbox" name="run" value={id} checked={chosen.has(id)} />
                      <span>{name}</span>
                      <span class="small muted nowrap">{`${step} steps`}</span>
                      <StatusBadge status={status} request={null} />
                    </label>
                  ))}
                </div>
              </fieldset>
              <div class="row">
                {markets.length > 1 && (
                  <label class="row small">
                    <span>Backtests of</span>
                    <select class="narrow" name="market">
                      {markets.map((id) => (
                        <option key={id} value={id} selected={id === market}>{marketName(id)}</option>
                      ))}
                    </select>
                  </label>
                )}
                <button type="submit" class="button primary">Compare</button>
                {tooMany && <p class="small muted" role="status">{`The first ${MOST_RUNS} are shown.`}</p>}
              </div>
            </form>
            {runs.length === 0
              ? (
                <section class="empty" aria-label="Comparison">
                  <h2>Nothing chosen</h2>
                  <p>Tick two or more runs above and press Compare.</p>
                </section>
              )
              : (
                <>
                  <CompareCurves runs={runs.map(({ name, anchor, curve }) => ({ name, anchor, curve }))} />
                  <CompareTable runs={runs} settings={settings} />
                </>
              )}
          </div>
        )}
    </>
  );
});
