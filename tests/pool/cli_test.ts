// `deno task pool` as its user meets it: how it starts, how it ends, and that nothing is left behind.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { startServer, testNats } from "./nats_server.ts";

const MAIN = new URL("../../lib/pool/cli/local.ts", import.meta.url).pathname;

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}

/** Starts it, waits until it has said a line that holds `until`, does what it is given, and waits for its end. */
async function pool(
  { port, threads, until }: { readonly port: number | string; readonly threads: number; readonly until: string },
  then: (child: Deno.ChildProcess) => void | Promise<void>,
): Promise<{ readonly code: number; readonly said: string; readonly complained: string; readonly left: number }> {
  const folder = await Deno.makeTempDir();
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "-A", MAIN, "--port", `${port}`, "--token", "t", "--threads", `${threads}`],
    env: { TMPDIR: folder, NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const complained = new Response(child.stderr).text();
  let said = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    const before = said;
    said += text;
    if (said.includes(until) && !before.includes(until)) await then(child);
  }
  const { code } = await child.status;
  const left = [...Deno.readDirSync(folder)].length;
  await Deno.remove(folder, { recursive: true });
  return { code, said, complained: await complained, left };
}

/** Kills the server that was given a port. */
function killServer(port: number): void {
  const isIt = `tr "\\0" " " < $p/cmdline | grep -q "^[^ ]*nats-server .* -p ${port} "`;
  const script = `for p in /proc/[0-9]*; do if ${isIt}; then kill -9 \${p#/proc/}; fi; done`;
  new Deno.Command("sh", { args: ["-c", script], stderr: "null" }).outputSync();
}

testNats("a pool for a try ends when it is interrupted, with workers and without, and leaves nothing", async () => {
  for (const [threads, until] of [[0, "deno task worker"], [1, "1 thread at"]] as const) {
    const port = freePort();
    const { code, said, complained, left } = await pool({ port, threads, until }, (child) => child.kill("SIGINT"));
    assertEquals([code, complained, left], [0, "", 0]);
    assertStringIncludes(
      said,
      `of this machine join it, and those of others with --host ADDRESS, by\n  deno task worker`,
    );
    assert(said.includes(`nats://t@127.0.0.1:${port}`));
  }
});

testNats("a pool for a try says why it ends: its server did, or its port is another's", async () => {
  const port = freePort();
  const ended = await pool({ port, threads: 0, until: "deno task worker" }, () => killServer(port));
  assertEquals([ended.code, ended.complained, ended.left], [
    1,
    "Cannot go on with the pool: its nats-server ended\n",
    0,
  ]);
  const none = await pool({ port: "default", threads: 0, until: "worker" }, () => {});
  assertStringIncludes(none.complained, `expected --port to be an integer from 1 to 65535, received "default"`);
  await using server = await startServer();
  const taken = Number(new URL(server.at).port);
  const { code, complained, left } = await pool({ port: taken, threads: 0, until: "worker" }, () => {});
  assertEquals([code, left], [1, 0]);
  assertEquals(
    complained,
    `Cannot start a pool: something listens on 127.0.0.1:${taken} already; give another --port\n`,
  );
});
