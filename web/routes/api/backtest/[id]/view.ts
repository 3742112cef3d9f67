/**
 * GET: a finished backtest as the page shows it, JSON.
 * @module
 */
import { refusing } from "../../../../server/api.ts";
import { backtestResponse } from "../../../../server/backtest_jobs.ts";
import { define } from "../../../../utils.ts";

/** The handler. */
export const handler = define.handlers({
  GET: (ctx) => refusing(() => backtestResponse(ctx.params.id, "view.json", { "content-type": "application/json" })),
});
