/**
 * POST pause, resume, stop, delete, rename (`{ name }`), tag (`{ tags }`): what a person asks of a run. Answers with its record, or 204 once deleted.
 * @module
 */
import { HttpError } from "fresh";
import { jsonBody, refusing } from "../../../../server/api.ts";
import { plainName } from "../../../../server/plain_name.ts";
import { parseTags } from "../../../../server/run_tags.ts";
import { runManager } from "../../../../server/run_manager.ts";
import { requireSettings } from "../../../../server/settings.ts";
import { define } from "../../../../utils.ts";

/** The handler. */
export const handler = define.handlers({
  async POST(ctx) {
    const { id, action } = ctx.params;
    const manager = await runManager();
    if (manager.store.get(id) === undefined) throw new HttpError(404, "There is no such run.");
    if (action === "pause") manager.pause(id);
    else if (action === "stop") manager.stop(id);
    else if (action === "resume") await refusing(() => manager.resume(id));
    else if (action === "delete") {
      manager.store.remove(id);
      return new Response(null, { status: 204 });
    } else if (action === "rename") {
      const body = await jsonBody(ctx.req);
      const { name } = await refusing(() => requireSettings<{ name: unknown }>("Cannot rename a run", body, ["name"]));
      const plain = plainName(name, 120);
      if (plain === null || plain === "") throw new HttpError(400, "A name has 1 to 120 characters.");
      manager.store.rename(id, plain);
    } else if (action === "tag") manager.store.tag(id, await refusing(async () => parseTags(await jsonBody(ctx.req))));
    else throw new HttpError(404, "A run can be paused, resumed, stopped, renamed, tagged or deleted.");
    return Response.json(manager.store.get(id));
  },
});
