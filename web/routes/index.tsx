/**
 * The overview: all runs, live, and the form that starts one; `?like=ID` fills it in as a run was, `?method=NAME` chooses a method,
 * and what the table asks for stands beside them.
 * @module
 */
import { page } from "fresh";
import { Head } from "fresh/runtime";
import RunsTable from "../islands/RunsTable.tsx";
import { methodEntry } from "../components/library/rooms.ts";
import { runsAsked } from "../components/run_table.ts";
import StartRun from "../islands/StartRun.tsx";
import { marketSpans } from "../server/data_markets.ts";
import { listMarkets } from "../server/markets.ts";
import { DEFAULT_RUN, isForecasterRun, keptRunConfig, METHODS, readsInOnePass } from "../server/run_config.ts";
import { summariseAll } from "../server/run_events.ts";
import { runManager } from "../server/run_manager.ts";
import { define } from "../utils.ts";

/** The data of the page. */
export const handler = define.handlers({
  async GET(ctx) {
    const { store } = await runManager();
    const like = store.get(ctx.url.searchParams.get("like") ?? "")?.config;
    const asked = METHODS.find((method) => method === ctx.url.searchParams.get("method"));
    const defaults = {
      ...(isForecasterRun(like) ? keptRunConfig(like) : DEFAULT_RUN),
      ...(asked && { method: asked }),
    };
    const [markets, spans] = await Promise.all([listMarkets(), marketSpans()]);
    const methods = METHODS.map((method) => ({
      method,
      word: methodEntry(method).word,
      onePass: readsInOnePass(method),
    }));
    return page({
      runs: summariseAll(store),
      asked: runsAsked(ctx.url.searchParams),
      form: { markets, spans, defaults, methods, methodAsked: asked !== undefined },
    });
  },
});

/** The page. */
export default define.page<typeof handler>(({ data }) => (
  <>
    <Head>
      <title>Overview · adaptrade</title>
    </Head>
    <header class="page-head">
      <div>
        <h1>Training runs</h1>
        <p>
          Each run learns over many markets how violent a market's next bars will be, so that one listed this morning
          can be forecast from its first few.
        </p>
      </div>
    </header>
    <div class="split">
      <RunsTable runs={data.runs} asked={data.asked} />
      <StartRun {...data.form} />
    </div>
  </>
));
