/**
 * GET: the tear sheet of a finished backtest, a page of its own.
 * @module
 */
import { refusing } from "../../../../server/api.ts";
import { backtestResponse } from "../../../../server/backtest_jobs.ts";
import { define } from "../../../../utils.ts";

/** The handler. */
export const handler = define.handlers({
  GET: (ctx) =>
    refusing(() => backtestResponse(ctx.params.id, "report.html", { "content-type": "text/html; charset=utf-8" })),
});
