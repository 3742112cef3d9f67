// What is asked of a server whose connection is lost meanwhile: asked anew when it answers again, or let be at once.
import { assertEquals, assertRejects } from "@std/assert";
import type { NatsConnection } from "@nats-io/transport-node";
import { watchReturns } from "../../lib/pool/nats/returns.ts";

const turn = () => new Promise((resolve) => setTimeout(resolve));

/** A connection that is lost and comes back as it is told; JetStream is there from its second probe on. */
function toldConnection() {
  let controller!: ReadableStreamDefaultController<{ type: string }>;
  const news = new ReadableStream<{ type: string }>({ start: (own) => void (controller = own) });
  const closed = Promise.withResolvers<void>();
  let [isClosed, probes] = [false, 0];
  const connection = {
    status: () => news,
    closed: () => closed.promise,
    isClosed: () => isClosed,
    request: () => ++probes > 1 ? Promise.resolve() : Promise.reject(new Error("no JetStream yet")),
  } as unknown as NatsConnection;
  return {
    connection,
    probes: () => probes,
    tell: (type: string) => (controller.enqueue({ type }), turn()),
    end: () => {
      isClosed = true;
      controller.close();
      closed.resolve();
      return turn();
    },
  };
}

Deno.test("again() asks anew when the server answers again and has what it lost, and gives answers and errors that come before", async () => {
  const { connection, probes, tell } = toldConnection();
  let asked = 0;
  const restored: number[] = [];
  const { again, onChange } = watchReturns(connection, () => Promise.resolve(restored.push(asked)));
  const changed = Promise.withResolvers<void>();
  onChange(changed.resolve);
  assertEquals(await again(() => Promise.resolve(1)), 1);
  await assertRejects(() => again(() => Promise.reject(new Error("refused"))), Error, "refused");
  const answer = again(() => ++asked === 1 ? new Promise<number>(() => {}) : Promise.resolve(2));
  await tell("disconnect");
  assertEquals(asked, 1);
  await tell("reconnect");
  await changed.promise;
  assertEquals([await answer, asked, probes(), restored], [2, 2, 2, [1]]);
});

Deno.test("unlessLost() waits for no answer of a server that is lost, and asks nothing of it until it is back", async () => {
  const { connection, tell, end } = toldConnection();
  const { unlessLost, onChange } = watchReturns(connection, () => Promise.reject(new Error("not restored")));
  let changes = 0;
  const changed = Promise.withResolvers<void>();
  onChange(() => (changes++, changed.resolve()));
  const lost = unlessLost(() => new Promise<number>(() => {}));
  assertEquals(await unlessLost(() => Promise.resolve(1)), 1);
  await tell("disconnect");
  assertEquals(await lost, undefined);
  assertEquals(await unlessLost(() => Promise.reject(new Error("it was asked"))), undefined);
  await tell("reconnect");
  await changed.promise;
  assertEquals(await unlessLost(() => Promise.resolve(2)), 2);
  await end();
  assertEquals(changes, 2, "it is told of the end, too");
});
