/**
 * GET: the finished backtests, summed up. POST: queues a backtest from its settings (JSON) and answers with its job.
 * @module
 */
import { jsonBody, refusing } from "../../../server/api.ts";
import { listBacktests } from "../../../server/backtest_files.ts";
import { startBacktest } from "../../../server/backtest_jobs.ts";
import { define } from "../../../utils.ts";

/** The handlers. */
export const handler = define.handlers({
  async GET() {
    return Response.json(await listBacktests());
  },
  async POST(ctx) {
    const settings = await jsonBody(ctx.req);
    return Response.json(await refusing(() => startBacktest(settings)), { status: 201 });
  },
});
