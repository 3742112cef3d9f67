/**
 * What readers cost a training run: outer steps a second with nobody watching and with 200 event streams open, alternately,
 * and how many streams were dropped. The readers run in a process of their own, on the same cores. On a machine that does other
 * work the rates waver; the processor time that the server took does not, and is printed too (Linux only).
 *
 * deno run -A bench/sse_load.ts [CLIENTS [SECONDS [ROUNDS]]]
 * @module
 */
import { openClients } from "../tests/web/sse_clients.ts";
import { startDashboard } from "../tests/web/e2e/browser.ts";

interface Run {
  readonly step: number;
  readonly status: string;
}

const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

async function stepOf(url: string): Promise<number> {
  const [run]: Run[] = await (await fetch(`${url}/api/runs`)).json();
  if (run.status !== "running") throw new Error(`The run is ${run.status}`);
  return run.step;
}

/** Outer steps a second over some seconds. */
async function rate(url: string, seconds: number): Promise<number> {
  const [start, from] = [performance.now(), await stepOf(url)];
  await pause(seconds);
  return (await stepOf(url) - from) / (performance.now() - start) * 1000;
}

/** Processor time of a process so far, seconds; Linux counts it in hundredths. */
async function cpuSeconds(pid: number): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  const [user, system] = stat.slice(stat.lastIndexOf(")") + 2).split(" ").slice(11, 13).map(Number);
  return (user + system) / 100;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** In a process of its own: opens the streams, waits for a line, and prints what they were sent. */
async function readers(path: string, count: number): Promise<void> {
  const clients = await openClients(path, count);
  console.log("open");
  await Deno.stdin.read(new Uint8Array(1));
  console.log(JSON.stringify(clients.counts()));
  Deno.exit(0);
}

async function watch<T>(path: string, count: number, work: () => Promise<T>) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", new URL(import.meta.url).pathname, "--readers", path, String(count)],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("open\n")) text += (await output.read()).value;
  const result = await work();
  await child.stdin.getWriter().write(new Uint8Array(1));
  for (let chunk = await output.read(); !chunk.done; chunk = await output.read()) text += chunk.value;
  await child.status;
  return {
    result,
    counts: JSON.parse(text.slice(text.indexOf("\n"))) as readonly { events: number; ended: boolean }[],
  };
}

if (import.meta.main) {
  if (Deno.args[0] === "--readers") await readers(Deno.args[1], Number(Deno.args[2]));
  const [clients, seconds, rounds] = [200, 60, 2].map((value, index) => Number(Deno.args[index] ?? value));
  await using dashboard = await startDashboard();
  const started = await fetch(`${dashboard.url}/api/runs`, { method: "POST", body: `{"steps":1000000}` });
  const path = `${dashboard.url}/api/runs/${(await started.json()).id}/events`;
  await pause(5);
  const [alone, watched, share]: number[][] = [[], [], []];
  let dropped = 0;
  for (let round = 0; round < rounds; round++) {
    alone.push(await rate(dashboard.url, seconds));
    const { result, counts } = await watch(path, clients, async () => {
      const [start, cpu] = [performance.now(), await cpuSeconds(dashboard.pid)];
      const found = await rate(dashboard.url, seconds);
      share.push((await cpuSeconds(dashboard.pid) - cpu) / (performance.now() - start) * 1000);
      return found;
    });
    watched.push(result);
    const events = counts.map((client) => client.events);
    dropped += counts.filter(({ ended }) => ended).length;
    console.log(
      `round ${round + 1}: ${alone[round].toFixed(1)} steps/s alone, ${result.toFixed(1)} with ${clients} readers; ` +
        `each was sent ${Math.min(...events)} to ${Math.max(...events)} events`,
    );
  }
  const slower = (1 - mean(watched) / mean(alone)) * 100;
  console.log(
    `${dropped} streams dropped; training is ${slower.toFixed(1)}% slower with ${clients} readers, ` +
      `for whom the server takes ${(mean(share) * 100).toFixed(1)}% of one core`,
  );
}
