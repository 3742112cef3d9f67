/**
 * Deno's own Jupyter kernel, driven as a notebook drives it (Jupyter messaging 5.3): cells in, what they show out. Holds no
 * assertions.
 * @module
 */
import { openSocket } from "./zmtp.ts";

const DELIMITER = "<IDS|MSG>";

/** What a cell did. */
export interface CellOutcome {
  /** What it shows, by media type, in order. */
  readonly shown: readonly Readonly<Record<string, string>>[];
  /** What it printed. */
  readonly printed: string;
  /** Why it failed; none where it did not. */
  readonly error?: string;
}

/** A kernel that runs. */
export interface Kernel extends AsyncDisposable {
  /** Runs a cell to its end. */
  run(code: string): Promise<CellOutcome>;
}

interface Message {
  readonly type: string;
  readonly parent: string;
  // deno-lint-ignore no-explicit-any
  readonly content: any;
}

function parse(parts: readonly string[]): Message {
  const [, header, parent, , content] = parts.slice(parts.indexOf(DELIMITER) + 1);
  return { type: JSON.parse(header).msg_type, parent: JSON.parse(parent).msg_id ?? "", content: JSON.parse(content) };
}

/** Ports that nothing listens on. */
function freePorts(count: number): number[] {
  const listeners = Array.from({ length: count }, () => Deno.listen({ hostname: "127.0.0.1", port: 0 }));
  const ports = listeners.map(({ addr }) => addr.port);
  listeners.forEach((listener) => listener.close());
  return ports;
}

/** Starts a kernel in a folder, whose deno.json it follows. */
export async function startKernel(folder: string): Promise<Kernel> {
  const connection = await Deno.makeTempFile({ suffix: ".json" });
  const [shell_port, iopub_port, stdin_port, control_port, hb_port] = freePorts(5);
  const ports = { shell_port, iopub_port, stdin_port, control_port, hb_port };
  const scheme = { signature_scheme: "hmac-sha256", key: "", transport: "tcp", ip: "127.0.0.1", kernel_name: "deno" };
  await Deno.writeTextFile(connection, JSON.stringify({ ...ports, ...scheme }));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["jupyter", "--kernel", "--conn", connection],
    cwd: folder,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const published = await openSocket(iopub_port, "SUB");
  const shell = await openSocket(shell_port, "DEALER");
  const ask = async (type: string, content: unknown): Promise<string> => {
    const id = crypto.randomUUID();
    const header = { msg_id: id, msg_type: type, session: "test", username: "test", version: "5.3", date: new Date() };
    await shell.send([DELIMITER, "", JSON.stringify(header), "{}", "{}", JSON.stringify(content)]);
    return id;
  };
  return {
    run: async (code) => {
      const shown: Record<string, string>[] = [];
      let printed = "";
      let error: string | undefined;
      const id = await ask("execute_request", { code, silent: false, store_history: true, allow_stdin: false });
      // What a cell shows may overtake or fall behind its end: the answer to a later question is behind both.
      let fence: string | undefined;
      while (true) {
        const { type, parent, content } = parse(await published.receive());
        const ended = type === "status" && content.execution_state === "idle";
        if (ended && parent === fence) break;
        if (parent !== id) continue;
        if (type === "stream") printed += content.text;
        if (type === "display_data" || type === "execute_result") shown.push(content.data);
        if (type === "error") error = `${content.ename}: ${content.evalue}\n${content.traceback.join("\n")}`;
        if (ended) fence = await ask("kernel_info_request", {});
      }
      return { shown, printed, ...(error !== undefined && { error }) };
    },
    [Symbol.asyncDispose]: async () => {
      shell[Symbol.dispose]();
      published[Symbol.dispose]();
      child.kill("SIGKILL");
      await child.status;
      await Deno.remove(connection);
    },
  };
}
