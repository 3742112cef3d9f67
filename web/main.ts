/**
 * The dashboard: static files, then the routes of `routes/`. Fresh serves the `app` it exports; `dev.ts` builds and starts it.
 * @module
 */
import { App, staticFiles } from "fresh";
import type { State } from "./utils.ts";

/** The dashboard. */
export const app: App<State> = new App<State>()
  .use(staticFiles())
  .fsRoutes();
