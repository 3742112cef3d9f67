/**
 * POST: tries every engine and its self-test (`{"again": true}`: anew) and answers with what was found.
 * @module
 */
import { jsonBody, refusing } from "../../../server/api.ts";
import { probeEngines } from "../../../server/engine.ts";
import { requireSettings } from "../../../server/settings.ts";
import { define } from "../../../utils.ts";

/** The handler. */
export const handler = define.handlers({
  async POST(ctx) {
    const body = await jsonBody(ctx.req);
    const { again } = await refusing(() =>
      requireSettings<{ again: unknown }>("Cannot try the engines", body, ["again"])
    );
    return Response.json(await probeEngines(again === true));
  },
});
