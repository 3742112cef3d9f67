/**
 * A dashboard with something on every page, for what goes over all of them: two trained runs, a backtest, a paper trader, a
 * search, a study. Holds no assertions.
 * @module
 */
import { storeSearch } from "../stored_search.ts";
import { storeStudy } from "../stored_study.ts";
import type { Dashboard } from "./browser.ts";
import { trainedRun, until } from "./trained_run.ts";

/** Pages that say what to do where nothing is there yet. */
export const FRESH_PAGES: Readonly<Record<string, string>> = {
  "fresh overview": "/",
  "fresh forecast": "/forecast",
  "fresh lab": "/lab",
  "fresh backtest": "/backtest",
  "fresh compare": "/compare",
  "fresh searches": "/searches",
  "fresh studies": "/studies",
  "fresh online": "/online",
  "no such page": "/nowhere",
  "no such market": "/data/market?id=file:none.csv",
};

const HOUR = 3_600_000;

/** Sixty hours of prices with a hole in them. */
function tornCsv(): string {
  const hours = Array.from({ length: 60 }, (_, i) => i).filter((i) => i < 20 || i > 30);
  const line = (i: number) => `${new Date(Date.UTC(2024, 0, 1) + i * HOUR).toISOString()},100,102,99,${101 + i / 10},1`;
  return `timestamp,open,high,low,close,volume\n${hours.map(line).join("\n")}\n`;
}

const PRETTY = { steps: 600, name: "Volatility of the sample" };

/** Fills a dashboard, through its API where it has one; `settings` are those of the runs. Gives the address of every page by a short name. */
export async function fillDashboard(
  { url, data }: Dashboard,
  settings: Readonly<Record<string, unknown>> = PRETTY,
): Promise<Readonly<Record<string, string>>> {
  await storeSearch(data);
  await storeStudy(data);
  await Deno.mkdir(`${data}/markets`, { recursive: true });
  await Deno.writeTextFile(`${data}/markets/TORN.csv`, tornCsv());
  const [run, other] = await Promise.all([
    trainedRun(url, settings),
    trainedRun(url, { ...settings, name: "Meta-SGD, the same markets", method: "metaSgd" }),
  ]);
  const post = async (path: string, body: unknown): Promise<{ readonly id: string }> => {
    const response = await fetch(`${url}${path}`, { method: "POST", body: JSON.stringify(body) });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${path}: ${answer.error}`);
    return answer;
  };
  const backtest = await post("/api/backtest", { run, market: "sample:NASDAQ" });
  await until("the backtest", async () => {
    const finished: { readonly id: string }[] = await (await fetch(`${url}/api/backtest`)).json();
    return finished.some(({ id }) => id === backtest.id);
  });
  const trader = await post("/api/online", { speed: 0 });
  await until("the trader", async () => {
    const traders: { readonly report: { readonly bars: number } | null }[] = await (await fetch(`${url}/api/online`))
      .json();
    return (traders[0].report?.bars ?? 0) > 500;
  });
  await post(`/api/online/${trader.id}/stop`, {});
  return {
    overview: "/",
    run: `/runs/${run}`,
    forecast: `/forecast?run=${run}`,
    lab: `/lab?run=${run}`,
    backtest: `/backtest?id=${backtest.id}`,
    compare: `/compare?run=${run}&run=${other}`,
    "compare, nothing chosen": "/compare",
    searches: "/searches",
    studies: "/studies",
    study: "/studies/one?file=data:studies.sqlite&name=all+of+them",
    methods: "/methods",
    search: "/searches/one?file=data:searches.sqlite&name=bowl",
    data: "/data",
    market: "/data/market?id=sample:SP500",
    "market with findings": "/data/market?id=file:TORN.csv",
    traders: "/online",
    online: `/online?trader=${trader.id}`,
    trader: `/online/${trader.id}`,
    engine: "/engine",
  };
}
