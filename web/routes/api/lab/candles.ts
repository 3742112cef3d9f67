/**
 * GET ?market=ID&run=ID: the bars of a market for the lab's chart, and the first one at which the run can forecast.
 * @module
 */
import { HttpError } from "fresh";
import { refusing } from "../../../server/api.ts";
import { labCandles } from "../../../server/lab_candles.ts";
import { define } from "../../../utils.ts";

/** The handler. */
export const handler = define.handlers({
  async GET(ctx) {
    const { searchParams } = ctx.url;
    const market = searchParams.get("market");
    if (market === null) throw new HttpError(400, "Choose a market.");
    return Response.json(await refusing(() => labCandles(market, searchParams.get("run") ?? "")));
  },
});
