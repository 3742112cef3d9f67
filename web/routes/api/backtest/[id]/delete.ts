/**
 * POST: ends a backtest that waits or runs, or removes a finished one; nothing to remove is no error.
 * @module
 */
import { refusing } from "../../../../server/api.ts";
import { removeBacktest } from "../../../../server/backtest_files.ts";
import { cancelBacktest } from "../../../../server/backtest_jobs.ts";
import { define } from "../../../../utils.ts";

/** The handler. */
export const handler = define.handlers({
  async POST(ctx) {
    cancelBacktest(ctx.params.id);
    await refusing(() => removeBacktest(ctx.params.id));
    return new Response(null, { status: 204 });
  },
});
