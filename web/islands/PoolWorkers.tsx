/**
 * The workers of the dashboard's pool, kept up to date by the server's stream.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEvents } from "../components/live.ts";
import type { PoolView } from "../server/pool_workers.ts";

/** The table. */
export default function PoolWorkers(): JSX.Element {
  const pool = useSignal<PoolView | null>(null);
  useEvents("/api/searches/workers", { workers: (data: PoolView) => pool.value = data });
  return (
    <section class="card stack" aria-label="Workers">
      <header>
        <h2>Workers of the pool</h2>
        <p>Asked every few seconds.</p>
      </header>
      {pool.value === null ? <p class="muted">Asking.</p> : <Answer {...pool.value} />}
    </section>
  );
}

function Answer({ workers, problem }: PoolView): JSX.Element {
  if (problem !== null) return <p class="notice" data-tone="bad" role="alert">{problem}</p>;
  if (workers.length === 0) return <p class="muted">The server answers, and no worker does.</p>;
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="Workers, scrollable">
      <table>
        <thead>
          <tr>
            <th scope="col">Worker</th>
            <th scope="col" class="number">Jobs at once</th>
            <th scope="col" class="number">Running</th>
            <th scope="col" class="number">Done</th>
          </tr>
        </thead>
        <tbody>
          {workers.map(({ name, threads, running, done }) => (
            <tr key={name}>
              <th scope="row" class="long-name">{name}</th>
              <td class="number">{threads}</td>
              <td class="number">{running}</td>
              <td class="number">{done}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
