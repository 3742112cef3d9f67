/**
 * POST: starts the benchmark of an engine; its rows come by `events.ts`.
 * @module
 */
import { jsonBody, refusing } from "../../../server/api.ts";
import { startBenchmark } from "../../../server/engine.ts";
import { define } from "../../../utils.ts";

/** The handler. */
export const handler = define.handlers({
  async POST(ctx) {
    const settings = await jsonBody(ctx.req);
    return Response.json(await refusing(() => startBenchmark(settings)), { status: 202 });
  },
});
