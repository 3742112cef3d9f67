/**
 * One paper trader, live.
 * @module
 */
import { HttpError, page } from "fresh";
import { Head } from "fresh/runtime";
import { traderName } from "../../components/format.ts";
import OnlineView from "../../islands/OnlineView.tsx";
import { summaryOf } from "../../server/online_events.ts";
import { onlineManager } from "../../server/online_manager.ts";
import { define } from "../../utils.ts";

/** The data of the page. */
export const handler = define.handlers({
  async GET(ctx) {
    const trader = (await onlineManager()).store.get(ctx.params.id);
    if (trader === undefined) throw new HttpError(404, "There is no such trader. It may have been deleted.");
    return page({ trader: summaryOf(trader) });
  },
});

/** The page. */
export default define.page<typeof handler>(({ data: { trader } }) => {
  return (
    <>
      <Head>
        <title>{`${traderName(trader.settings)} · Online · adaptrade`}</title>
      </Head>
      <OnlineView trader={trader} />
    </>
  );
});
