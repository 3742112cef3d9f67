/**
 * GET ?run=ID: what a run saves on each of its markets after its training.
 * @module
 */
import { askLab } from "../../../server/lab_process.ts";
import { define } from "../../../utils.ts";

/** The handler. */
export const handler = define.handlers({
  async GET(ctx) {
    return Response.json(await askLab({ kind: "skill", run: ctx.url.searchParams.get("run") ?? "" }));
  },
});
