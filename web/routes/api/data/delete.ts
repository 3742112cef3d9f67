/**
 * POST `{ id }`: deletes an uploaded or fetched market. The sample's cannot be deleted.
 * @module
 */
import { HttpError } from "fresh";
import { jsonBody, refusing } from "../../../server/api.ts";
import { announceMarkets } from "../../../server/data_events.ts";
import { marketFile } from "../../../server/paths.ts";
import { requireSettings } from "../../../server/settings.ts";
import { define } from "../../../utils.ts";

/** The handler. */
export const handler = define.handlers({
  async POST(ctx) {
    const body = await jsonBody(ctx.req);
    const { id } = await refusing(() => requireSettings<{ id: unknown }>("Cannot delete a market", body, ["id"]));
    const name = /^file:(.+\.csv(?:\.gz)?)$/.exec(typeof id === "string" ? id : "")?.[1];
    if (name === undefined) throw new HttpError(400, "Only uploaded and fetched markets can be deleted.");
    const path = await refusing(() => marketFile(name));
    await Deno.remove(path).catch(() => {
      throw new HttpError(404, `There is no market ${name}.`);
    });
    void announceMarkets();
    return new Response(null, { status: 204 });
  },
});
