/**
 * GET ?market=ID&run=ID: the bars of a market for the lab's chart, and the first one at which the run can forecast.
 * @module
 */
import { HttpError } from "fresh";
import { askLab } from "../../../server/lab_process.ts";
import { define } from "../../../utils.ts";

/** The handler. */
export const handler = define.handlers({
  async GET(ctx) {
    const { searchParams } = ctx.url;
    const market = searchParams.get("market");
    if (market === null) throw new HttpError(400, "Choose a market.");
    return Response.json(await askLab({ kind: "candles", market, run: searchParams.get("run") ?? "" }));
  },
});
