/**
 * Asks a NATS server whether it takes a token, by its own protocol, before a client connects. Where a server refuses for a reason
 * other than its token, or hangs up, the client says nothing until its patience ends, and then not why.
 * @module
 */
import { hostModule } from "../../runtime.ts";
import type { PoolAddress } from "./address.ts";

/** How long a server may take to answer, ms. */
const PATIENCE_MS = 10_000;

/**
 * Greets a server.
 *
 * @param address Where it is, and the token.
 * @returns Resolves when it takes the token; also where it wants encryption first, which only a client can give.
 * @throws {Error} Nothing answers there, or it refuses; the message is the server's or the system's own.
 */
export async function greet({ server, token }: PoolAddress): Promise<void> {
  const { createConnection } = await hostModule("Cannot open a pool", "node:net", () => import("node:net"));
  const at = server.lastIndexOf(":");
  const [host, port] = [server.slice(0, at).replace(/^\[|\]$/g, ""), Number(server.slice(at + 1))];
  await new Promise<void>((resolve, reject) => {
    let [heard, isGreeted] = ["", false];
    const socket = createConnection({ host, port });
    const patience = setTimeout(() => end(new Error(`no answer within ${PATIENCE_MS / 1000} s`)), PATIENCE_MS);
    const end = (error?: Error): void => {
      clearTimeout(patience);
      socket.destroy();
      if (error) reject(error);
      else resolve();
    };
    const answer = (line: string): void => {
      if (line.startsWith("INFO ")) {
        if (/"tls_required":\s*true/.test(line)) return end();
        const options = { verbose: false, pedantic: false, lang: "javascript", version: "1", auth_token: token };
        isGreeted = true;
        socket.write(`CONNECT ${JSON.stringify(options)}\r\nPING\r\n`);
      } else if (line.startsWith("PONG")) end();
      else if (line.startsWith("-ERR")) end(new Error(line.slice(5).replaceAll("'", "")));
    };
    // Listened to until the end, so that nothing that a closed connection reports goes unheard.
    socket.on("error", end);
    socket.on("close", () => end(new Error("the connection was closed")));
    socket.on("data", (bytes) => {
      heard += bytes;
      if (!"INFO ".startsWith(heard.slice(0, 5)) && !isGreeted) return end(new Error("it is no NATS server"));
      const lines = heard.split("\r\n");
      heard = lines.pop()!;
      lines.forEach(answer);
    });
  });
}
