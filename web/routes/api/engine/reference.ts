/**
 * GET: what the server's engine makes of the fixed problem, for the comparison in the browser.
 * @module
 */
import { engineReference } from "../../../server/engine.ts";
import { define } from "../../../utils.ts";

/** The handler. */
export const handler = define.handlers({
  async GET() {
    return Response.json(await engineReference());
  },
});
