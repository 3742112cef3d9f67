/** What this run leaves out, why, and the command that runs it: one line each, as the name of an ignored test. */
import { gpuSkips } from "./gpu.ts";
import { hasShared } from "./goldens.ts";
import { NEEDS, permits } from "./permissions.ts";
import { HAS_RUNTIMES } from "./package/runtimes/has_runtimes.ts";
import { natsSkips } from "./pool/nats_server.ts";
import { HAS_BROWSER } from "./web/e2e/browser.ts";

const missing = NEEDS.filter((need) => !permits(need));
const skips = [
  missing.length > 0 && `Tests that need ${missing.join(", ")}: not permitted; deno task test runs them`,
  gpuSkips,
  natsSkips,
  permits("read") && !hasShared &&
  "Tests on shared data: no such folder; ADAPTRADE_SHARED=DIR deno task test runs them",
  permits(...NEEDS) && !HAS_BROWSER &&
  "Tests in a browser: no Chromium; after apt-get install chromium (Debian) they run",
  permits(...NEEDS) && !HAS_RUNTIMES &&
  "Tests in Node and Bun: npm has to bring them (0.7 GB for the time of the test); ADAPTRADE_RUNTIMES=1 deno task test runs them",
];

for (const skip of skips) if (skip) Deno.test({ name: `skipped: ${skip}`, ignore: true, fn: () => {} });
