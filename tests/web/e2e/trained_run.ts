/**
 * What tests that go through the dashboard's own API share: the list of runs, waiting for something, and a run trained to its
 * end. Holds no assertions.
 * @module
 */

/** What tests read of a run. */
export interface ListedRun {
  /** Its id. */
  readonly id: string;
  /** How it stands. */
  readonly status: string;
  /** Outer steps made. */
  readonly step: number;
  /** Why it failed, or null. */
  readonly error: string | null;
}

/** The runs, newest first. */
export async function listRuns(url: string): Promise<readonly ListedRun[]> {
  return await (await fetch(`${url}/api/runs`)).json();
}

/** Asks every 100 ms until the answer is not false. @throws {Error} A minute has passed. */
export async function until<T>(what: string, probe: () => Promise<T | false>): Promise<T> {
  for (let i = 0; i < 600; i++) {
    const found = await probe();
    if (found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`Waited a minute for ${what}`);
}

/**
 * Starts a run, waits for its end, and gives its id.
 *
 * @param settings what differs from the dashboard's defaults (default one network of 100 steps)
 */
export async function trainedRun(
  url: string,
  settings: Readonly<Record<string, unknown>> = { seeds: 1, steps: 100 },
): Promise<string> {
  const response = await fetch(`${url}/api/runs`, { method: "POST", body: JSON.stringify(settings) });
  const { id }: ListedRun = await response.json();
  return await until("the run's end", async () => {
    const run = (await listRuns(url)).find((one) => one.id === id);
    if (run?.status === "failed") throw new Error(`The run failed: ${run.error}`);
    return run?.status === "done" && id;
  });
}
