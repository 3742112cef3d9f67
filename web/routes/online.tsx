/**
 * The paper traders, live, and the form that starts one; `?market=` chooses what it replays, `?like=` fills it in
 * as a trader was, `?trader=` each who is on the chart.
 * @module
 */
import { page } from "fresh";
import { Head } from "fresh/runtime";
import OnlineStart from "../islands/OnlineStart.tsx";
import OnlineTraders from "../islands/OnlineTraders.tsx";
import { listMarkets } from "../server/markets.ts";
import { DEFAULT_ONLINE } from "../server/online_config.ts";
import { summariseTraders } from "../server/online_events.ts";
import { onlineManager } from "../server/online_manager.ts";
import { MOST_TRADERS } from "../server/online_overlay.ts";
import { runChoices } from "../server/run_choices.ts";
import { define } from "../utils.ts";

/** The data of the page. */
export const handler = define.handlers({
  async GET(ctx) {
    const runs = (await runChoices()).filter(({ target }) => target !== "logVolume");
    const markets = await listMarkets();
    const wanted = ctx.url.searchParams.get("market");
    const asked = ctx.url.searchParams.getAll("trader");
    const { store } = await onlineManager();
    const like = { ...DEFAULT_ONLINE, ...store.get(ctx.url.searchParams.get("like") ?? "")?.settings, name: "" };
    const market = markets.find(({ id }) => id === wanted)?.id ?? like.market;
    const traders = summariseTraders(store);
    return page({
      traders,
      chosen: [...new Set(asked)].filter((one) => traders.some(({ id }) => id === one)).slice(0, MOST_TRADERS),
      markets,
      runs: runs.map(({ id, name, target }) => ({ id, name, target })),
      defaults: { ...like, market },
    });
  },
});

/** The page. */
export default define.page<typeof handler>(({ data: { traders, chosen, ...form } }) => (
  <>
    <Head>
      <title>Online · adaptrade</title>
    </Head>
    <header class="page-head">
      <div>
        <h1>Paper traders</h1>
        <p>
          Each adapts to every new bar, and learns by meta-gradients how to adapt: its rates, its loss, its weight
          decay.
        </p>
      </div>
    </header>
    <div class="split">
      <OnlineTraders traders={traders} chosen={chosen} most={MOST_TRADERS} />
      <OnlineStart {...form} />
    </div>
  </>
));
