/**
 * POST `?name=FILE.csv`, the file itself as the body: adds a market. Answers with its id and what was found in it, or with why it
 * is refused. `replace=1` lets it take the place of a market of the same name.
 * @module
 */
import { HttpError } from "fresh";
import { refusing } from "../../../server/api.ts";
import { announceMarkets } from "../../../server/data_events.ts";
import { takeUpload } from "../../../server/upload.ts";
import { define } from "../../../utils.ts";

/** The handler. */
export const handler = define.handlers({
  async POST(ctx) {
    const { body } = ctx.req;
    if (body === null) throw new HttpError(400, "The file is empty.");
    const { id, inspection } = await refusing(() => takeUpload(body, Object.fromEntries(ctx.url.searchParams)));
    void announceMarkets();
    const { findings: _findings, preview: _preview, ...summary } = inspection;
    return Response.json({ id, summary }, { status: 201 });
  },
});
