/**
 * One paper trader, live.
 * @module
 */
import { HttpError, page } from "fresh";
import { Head } from "fresh/runtime";
import { traderName } from "../../components/format.ts";
import OnlineView from "../../islands/OnlineView.tsx";
import { readLife } from "../../server/online_events.ts";
import { onlineManager } from "../../server/online_manager.ts";
import { define } from "../../utils.ts";

/** The data of the page. */
export const handler = define.handlers({
  async GET(ctx) {
    const life = await readLife((await onlineManager()).store, ctx.params.id);
    if (life === null) throw new HttpError(404, "There is no such trader. It may have been deleted.");
    return page(life);
  },
});

/** The page. */
export default define.page<typeof handler>(({ data }) => {
  return (
    <>
      <Head>
        <title>{`${traderName(data.trader.settings)} · Online · adaptrade`}</title>
      </Head>
      <OnlineView {...data} />
    </>
  );
});
