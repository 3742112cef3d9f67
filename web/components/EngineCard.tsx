/**
 * One engine of the server: adapter, self-test, limits; where it did not open, why.
 * @module
 */
import type { JSX } from "preact";
import type { EngineProbe } from "../worker/engine.ts";
import { EngineFacts } from "./EngineFacts.tsx";

/** The card. */
export function EngineCard({ engine }: { readonly engine: EngineProbe }): JSX.Element {
  const { backend, info, problem, selfTest, chosen } = engine;
  return (
    <article class="card stack" aria-label={backend === "cpu" ? "CPU engine" : "GPU engine"}>
      <header>
        <h3>{backend === "cpu" ? "CPU" : "GPU (WebGPU)"}</h3>
        {chosen ? <span class="badge" data-tone="good">chosen for training</span> : (
          <span class="badge">
            {info === null ? "not there" : info.isFallback ? "software adapter" : "by request"}
          </span>
        )}
      </header>
      {problem !== null && <p class="notice" data-tone={info === null ? "info" : "bad"}>{problem}</p>}
      {info !== null && <EngineFacts info={info} selfTest={selfTest} />}
    </article>
  );
}
