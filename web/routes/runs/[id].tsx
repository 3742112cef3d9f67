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

/** Points in the page itself: what is seen before, or without, a script. The stream brings all of them. */
const FIRST_POINTS = 200;

/** The data of the page. */
export const handler = define.handlers({
  async GET(ctx) {
    const { store } = await runManager();
    const run = store.get(ctx.params.id);
    if (run === undefined) throw new HttpError(404, "There is no such run. It may have been deleted.");
    return page({ run: detailOf(store, run), points: store.points(run.id, { most: FIRST_POINTS }) });
  },
});

/** The page. */
export default define.page<typeof handler>(({ data: { run, points } }) => (
  <>
    <Head>
      <title>{`${run.name} · adaptrade`}</title>
    </Head>
    <RunView run={run} points={points as Parameters<typeof RunView>[0]["points"]} />
  </>
));
