/** Whether npm may bring Node and Bun to be tested in: some hundred megabytes, so it is asked for. */
import { permits } from "../../permissions.ts";

/** ADAPTRADE_RUNTIMES=1 says so. */
export const HAS_RUNTIMES: boolean = permits("env") && Deno.env.get("ADAPTRADE_RUNTIMES") === "1";
