/**
 * POST stop, resume, delete, rename (`{ name }`): what a person asks of a paper trader. Answers with it, or 204 once deleted.
 * @module
 */
import { HttpError } from "fresh";
import { jsonBody, refusing } from "../../../../server/api.ts";
import { parseOnline } from "../../../../server/online_config.ts";
import { forgetTrader, summaryOf } from "../../../../server/online_events.ts";
import { onlineManager } from "../../../../server/online_manager.ts";
import { requireSettings } from "../../../../server/settings.ts";
import { define } from "../../../../utils.ts";

/** The handler. */
export const handler = define.handlers({
  async POST(ctx) {
    const { id, action } = ctx.params;
    const manager = await onlineManager();
    if (manager.store.get(id) === undefined) throw new HttpError(404, "There is no such trader.");
    if (action === "stop") manager.stop(id);
    else if (action === "resume") manager.resume(id);
    else if (action === "delete") {
      manager.remove(id);
      forgetTrader(id);
      return new Response(null, { status: 204 });
    } else if (action === "rename") {
      const body = await jsonBody(ctx.req);
      const { settings } = manager.store.get(id)!;
      const renamed = await refusing(() => {
        const { name } = requireSettings<{ name: unknown }>("Cannot rename the trader", body, ["name"]);
        return parseOnline({ ...settings, name });
      });
      manager.store.change(id, renamed);
    } else throw new HttpError(404, "A trader can be stopped, resumed, renamed or deleted.");
    return Response.json(summaryOf(manager.store.get(id)!));
  },
});
