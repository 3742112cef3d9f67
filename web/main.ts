/**
 * The dashboard: the routes of `routes/`, whose `_middleware.ts` serves static files too. Fresh serves the `app` it exports;
 * `dev.ts` builds and starts it.
 * @module
 */
import { App } from "fresh";
import { onlineManager } from "./server/online_manager.ts";
import { runManager } from "./server/run_manager.ts";
import type { State } from "./utils.ts";

/** The dashboard. */
export const app: App<State> = new App<State>().fsRoutes();

// Runs and traders that a former server left unfinished go on without waiting for a visitor.
runManager().catch((error) => console.error("Cannot take up the training runs:", error));
onlineManager().catch((error) => console.error("Cannot take up the paper traders:", error));
