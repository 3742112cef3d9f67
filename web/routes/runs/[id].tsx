/**
 * One run, live.
 * @module
 */
import { HttpError, page } from "fresh";
import { Head } from "fresh/runtime";
import RunView from "../../islands/RunView.tsx";
import { detailOf } from "../../server/run_events.ts";
import { runManager } from "../../server/run_manager.ts";
import { define } from "../../utils.ts";

/** The data of the page. */
export const handler = define.handlers({
  async GET(ctx) {
    const { store } = await runManager();
    const run = store.get(ctx.params.id);
    if (run === undefined) throw new HttpError(404, "There is no such run. It may have been deleted.");
    return page({ run: detailOf(store, run) });
  },
});

/** The page. */
export default define.page<typeof handler>(({ data: { run } }) => (
  <>
    <Head>
      <title>{`${run.name} · adaptrade`}</title>
    </Head>
    <RunView run={run} />
  </>
));
