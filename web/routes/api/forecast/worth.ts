/**
 * GET ?market=ID&run=ID: what a market's forecasts by a run are worth beside the cheap methods'.
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
    return Response.json(await askLab({ kind: "worth", market, run: searchParams.get("run") ?? "" }));
  },
});
