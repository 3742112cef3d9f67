/**
 * The adaptation lab; `?run=ID&market=ID&time=MS` says where to look.
 * @module
 */
import { page } from "fresh";
import { Head } from "fresh/runtime";
import { NoRun } from "../components/NoRun.tsx";
import Lab from "../islands/Lab.tsx";
import { runChoices } from "../server/run_choices.ts";
import { isDate } from "../server/lab_query.ts";
import { listMarkets } from "../server/markets.ts";
import { DEFAULT_RUN } from "../server/run_config.ts";
import { define } from "../utils.ts";

/** The data of the page. */
export const handler = define.handlers({
  async GET(ctx) {
    const { searchParams } = ctx.url;
    const [runs, markets] = await Promise.all([runChoices(), listMarkets()]);
    const asked = searchParams.get("run");
    const run = runs.find(({ id }) => id === asked) ?? runs[0];
    const unseen = run?.unseen ?? DEFAULT_RUN.unseen;
    const wanted = searchParams.get("market") ?? unseen;
    const market = markets.find(({ id }) => id === wanted)?.id ?? markets[0].id;
    const time = Number(searchParams.get("time") ?? NaN);
    return page({ runs, markets, run: run?.id ?? "", market, time: isDate(time) ? time : null });
  },
});

/** The page. */
export default define.page<typeof handler>(({ data }) => (
  <>
    <Head>
      <title>Adaptation lab · adaptrade</title>
    </Head>
    <header class="page-head">
      <div>
        <h1>Adaptation lab</h1>
        <p>
          Choose a bar of a market and see what a run's forecaster says there: adapted and not, with its band, and why.
          Slide the number of inner steps to see what each one does.
        </p>
      </div>
    </header>
    {data.runs.length === 0 ? <NoRun label="Lab" /> : <Lab {...data} />}
  </>
));
