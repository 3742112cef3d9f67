/**
 * GET: the fills of a finished backtest as a CSV file.
 * @module
 */
import { refusing } from "../../../../server/api.ts";
import { backtestResponse } from "../../../../server/backtest_jobs.ts";
import { define } from "../../../../utils.ts";

/** The handler. */
export const handler = define.handlers({
  GET: (ctx) =>
    refusing(() =>
      backtestResponse(ctx.params.id, "fills.csv", {
        "content-type": "text/csv; charset=utf-8",
        "content-disposition": `attachment; filename="fills-${ctx.params.id.replace(/\W/g, "")}.csv"`,
      })
    ),
});
