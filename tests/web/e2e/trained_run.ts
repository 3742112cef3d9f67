/**
 * A run trained for a moment through the dashboard's own API, for tests of the pages that need one. Holds no assertions.
 * @module
 */

/** Settings so small that a run ends within seconds. */
export const SMALL_RUN = {
  name: "small",
  steps: 30,
  tasks: 4,
  hidden: [8],
  supportRows: 20,
  queryRows: 10,
  unseen: "sample:NASDAQ",
  markets: ["sample:SP500", "sample:FTSE"],
};

/** Starts a run with {@linkcode SMALL_RUN}, waits for its end, and gives its id. */
export async function trainRun(url: string, settings: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const body = JSON.stringify({ ...SMALL_RUN, ...settings });
  const { id } = await (await fetch(`${url}/api/runs`, { method: "POST", body })).json();
  for (let i = 0; i < 600; i++) {
    const runs: { id: string; status: string; error: string | null }[] = await (await fetch(`${url}/api/runs`)).json();
    const run = runs.find((one) => one.id === id);
    if (run?.status === "done") return id;
    if (run?.status === "failed") throw new Error(`The run failed: ${run.error}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("Waited a minute for a run of 30 steps");
}
