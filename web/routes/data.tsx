/**
 * The data page: every market there is, and how to add one.
 * @module
 */
import { page } from "fresh";
import { Head } from "fresh/runtime";
import DataView from "../islands/DataView.tsx";
import { type FetchForm, listFetches } from "../server/data_fetches.ts";
import { listData } from "../server/data_markets.ts";
import { define } from "../utils.ts";

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 90;

/** The data of the page. */
export const handler = define.handlers({
  async GET() {
    const start = new Date(Date.now() - DEFAULT_DAYS * DAY_MS).toISOString().slice(0, 10);
    const fetchDefaults: FetchForm = {
      symbol: "BTCUSDT",
      interval: "1h",
      category: "linear",
      start,
      end: "",
      replace: false,
    };
    return page({ markets: await listData(), fetches: listFetches(), fetchDefaults });
  },
});

/** The page. */
export default define.page<typeof handler>(({ data }) => (
  <>
    <Head>
      <title>Data · adaptrade</title>
    </Head>
    <header class="page-head">
      <div>
        <h1>Data</h1>
        <p>
          The markets that runs, the lab, backtests and the paper trader can use. Files are checked, never repaired.
        </p>
      </div>
    </header>
    <DataView {...data} />
  </>
));
