/**
 * GET: the live stream of the pool's workers; see `kept_events.ts`.
 * @module
 */
import { HttpError } from "fresh";
import { poolAddress } from "../../../server/pool_workers.ts";
import { connectWorkers } from "../../../server/kept_events.ts";
import { define } from "../../../utils.ts";

/** The handler. */
export const handler = define.handlers({
  async GET() {
    const at = poolAddress();
    if (at === null) throw new HttpError(404, "The dashboard was started without ADAPTRADE_POOL.");
    return await connectWorkers(at);
  },
});
