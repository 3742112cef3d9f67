/**
 * GET ?market=ID&run=ID: what a run saves on one of its markets after its training.
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
    return Response.json(await askLab({ kind: "skill", market, run: searchParams.get("run") ?? "" }));
  },
});
