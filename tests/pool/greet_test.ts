// Whether a server takes a token is asked before a client connects; whatever it answers, and however it hangs up, is an error of openPool().
import { assertEquals, assertRejects } from "@std/assert";
import { greet } from "../../lib/pool/nats/greet.ts";
import { openPool } from "../../lib/pool/mod.ts";
import { testWith } from "../permissions.ts";

const test = testWith("net");
const INFO = `INFO {"server_id":"X","version":"2.9.10","proto":1,"auth_required":true,"max_payload":1048576}\r\n`;

/** A server that says `INFO`, hears a greeting, and answers so; where `abrupt`, it leaves what it was sent unread, which resets the connection. */
function answering(answer: string, { abrupt = false } = {}) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const heard: string[] = [];
  const done = (async () => {
    for await (const connection of listener) {
      await connection.write(new TextEncoder().encode(INFO)).catch(() => {});
      const bytes = new Uint8Array(abrupt ? 8 : 4096);
      const length = await connection.read(bytes).catch(() => null);
      heard.push(new TextDecoder().decode(bytes.subarray(0, length ?? 0)));
      await connection.write(new TextEncoder().encode(answer)).catch(() => {});
      connection.close();
    }
  })();
  return {
    server: `127.0.0.1:${(listener.addr as Deno.NetAddr).port}`,
    heard,
    [Symbol.asyncDispose]: async () => {
      listener.close();
      await done;
    },
  };
}

test("greet() gives the token and takes PONG for a yes, in pieces or not", async () => {
  await using yes = answering("PO" + "NG\r\n");
  await greet({ server: yes.server, host: "127.0.0.1", token: "secret" });
  assertEquals(/^CONNECT .*"auth_token":"secret".*\r\nPING\r\n$/.test(yes.heard[0]), true);
});

test("a server that refuses the token and resets the connection is an error of openPool() each time", async () => {
  for (const abrupt of [false, true]) {
    await using no = answering("-ERR 'Authorization Violation'\r\n", { abrupt });
    for (let tries = 0; tries < 40; tries++) {
      await assertRejects(() => openPool(`nats://wrong@${no.server}`), Error, `expected a NATS server at ${no.server}`);
    }
  }
});

test("what is no NATS server, or hangs up without a word, is refused", async () => {
  await using mute = answering("");
  await assertRejects(() => greet({ server: mute.server, host: "127.0.0.1" }), Error);
  const gone = answering("");
  await gone[Symbol.asyncDispose]();
  await assertRejects(() => greet({ server: gone.server, host: "127.0.0.1" }), Error, "ECONNREFUSED");
});
