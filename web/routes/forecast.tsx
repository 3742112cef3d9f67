/**
 * Forecasts of a market by a run; `?run=ID&market=ID` says which.
 * @module
 */
import { page } from "fresh";
import { Head } from "fresh/runtime";
import { NoRun } from "../components/NoRun.tsx";
import Forecast from "../islands/Forecast.tsx";
import { listMarkets } from "../server/markets.ts";
import { runChoices } from "../server/run_choices.ts";
import { define } from "../utils.ts";

/** The data of the page. */
export const handler = define.handlers({
  async GET(ctx) {
    const { searchParams } = ctx.url;
    const [runs, markets] = await Promise.all([runChoices(), listMarkets()]);
    const run = runs.find(({ id }) => id === searchParams.get("run")) ?? runs[0];
    const wanted = searchParams.get("market") ?? run?.unseen;
    const market = markets.find(({ id }) => id === wanted)?.id ?? markets[0].id;
    return page({ runs, markets, run: run?.id ?? "", market });
  },
});

/** The page. */
export default define.page<typeof handler>(({ data }) => (
  <>
    <Head>
      <title>Forecast · adaptrade</title>
    </Head>
    <header class="page-head">
      <div>
        <h1>Forecast</h1>
        <p>
          What a run says of a market's next bars, at every bar after its training: with the band, beside what came,
          what it would have said unadapted, and RiskMetrics.
        </p>
      </div>
    </header>
    {data.runs.length === 0 ? <NoRun label="Forecast" /> : <Forecast {...data} />}
  </>
));
