/**
 * A dashboard, a browser and a page that the tests of a file share, for to start them costs more than to look at most pages. Tests
 * run in the order of their file, and each finds what those before it left. Holds no assertions.
 * @module
 */
import type { Browser } from "playwright-core";
import { NEEDS, permits } from "../../permissions.ts";
import {
  type Dashboard,
  HAS_BROWSER,
  openPage,
  startBrowser,
  startDashboard,
  visit,
  type WatchedPage,
} from "./browser.ts";

/** What the tests of a file share. */
export interface Shared {
  /** The dashboard. */
  readonly dashboard: Dashboard;
  /** The browser, for pages that must look otherwise or stand beside the shared one. */
  readonly browser: Browser;
  /** Visits a path of the dashboard, or an address, in the shared page; what it complained of before is forgotten. */
  visit(path: string): Promise<WatchedPage>;
}

/**
 * Starts them before the first test of the file that calls it and ends them behind the last: nothing without the permissions,
 * and no browser where there is none.
 *
 * @param prepare fills the dashboard's folder before it starts
 */
export function shareDashboard(prepare?: (data: string) => Promise<void>): Shared {
  let dashboard: Dashboard;
  let browser: Browser;
  let watched: WatchedPage | undefined;
  if (permits(...NEEDS)) {
    let data: string;
    Deno.test.beforeAll(async () => {
      data = await Deno.makeTempDir({ prefix: "adaptrade-web-" });
      await prepare?.(data);
      dashboard = await startDashboard(data);
      if (HAS_BROWSER) browser = await startBrowser();
    });
    Deno.test.afterAll(async () => {
      await browser?.close();
      await dashboard.kill();
      // What it started may write for a moment more.
      await Deno.remove(data, { recursive: true }).catch(() => {});
    });
  }
  return {
    get dashboard() {
      return dashboard;
    },
    get browser() {
      return browser;
    },
    visit: async (path) => {
      const url = new URL(path, dashboard.url).href;
      if (watched === undefined) return watched = await openPage(browser, url);
      // A page whose dashboard has ended complains of that until it is left.
      await watched.page.goto("about:blank");
      watched.complaints.length = 0;
      await visit(watched.page, url);
      return watched;
    },
  };
}
