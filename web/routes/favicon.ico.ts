/**
 * GET: browsers ask for this of pages that name no icon, such as tear sheets.
 * @module
 */
import { define } from "../utils.ts";

/** The handler. */
export const handler = define.handlers({ GET: (ctx) => ctx.redirect("/favicon.svg", 301) });
