/**
 * The engines: what the server computes on, how fast, and the same kernels in the visitor's browser.
 *
 * The page is isolated from other origins, so that a browser lends it shared memory and the CPU engine all its threads.
 * @module
 */
import { page } from "fresh";
import { Head } from "fresh/runtime";
import EngineBrowser from "../islands/EngineBrowser.tsx";
import EngineServer from "../islands/EngineServer.tsx";
import { lastBenchmark } from "../server/engine.ts";
import { define } from "../utils.ts";

/** The data of the page. */
export const handler = define.handlers({
  GET() {
    return page({ benchmark: lastBenchmark() }, { headers: { "cross-origin-embedder-policy": "require-corp" } });
  },
});

/** The page. */
export default define.page<typeof handler>(({ data }) => (
  <>
    <Head>
      <title>Engine · adaptrade</title>
    </Head>
    <header class="page-head">
      <div>
        <h1>Engine</h1>
        <p>What the training runs on: WebGPU where there is a GPU, SIMD WebAssembly on all cores everywhere.</p>
      </div>
    </header>
    <div class="stack">
      <EngineServer benchmark={data.benchmark} />
      <EngineBrowser />
    </div>
  </>
));
