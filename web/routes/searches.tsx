/**
 * The searches that files of the data folder hold, live, and the workers of the pool that ADAPTRADE_POOL names.
 * @module
 */
import { page } from "fresh";
import { Head } from "fresh/runtime";
import PoolWorkers from "../islands/PoolWorkers.tsx";
import Searches from "../islands/Searches.tsx";
import { poolAddress } from "../server/pool_workers.ts";
import { listSearches } from "../server/searches.ts";
import { define } from "../utils.ts";

/** The data of the page. */
export const handler = define.handlers({
  async GET() {
    return page({ list: await listSearches(), pooled: poolAddress() !== null });
  },
});

/** The page. */
export default define.page<typeof handler>(({ data: { list, pooled } }) => (
  <>
    <Head>
      <title>Searches · adaptrade</title>
    </Head>
    <header class="page-head">
      <div>
        <h1>Searches</h1>
        <p>
          Each tries configurations of a forecaster and keeps what came of them. The more it has tried, the more of its
          best is luck: its page says how much is left.
        </p>
      </div>
    </header>
    <div class="stack">
      <Searches list={list} />
      {pooled && <PoolWorkers />}
    </div>
  </>
));
