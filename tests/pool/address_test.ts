// Addresses of servers: what is one, what anybody could use, and what is known of old versions.
import { assert, assertEquals, assertThrows } from "@std/assert";
import { isPrivate, parseAddress, serverWarning } from "../../lib/pool/nats/address.ts";

Deno.test("parseAddress() reads token, host and port", () => {
  assertEquals(parseAddress("nats://s%40cret@10.0.0.5"), {
    server: "10.0.0.5:4222",
    host: "10.0.0.5",
    token: "s@cret",
  });
  assertEquals(parseAddress("nats://127.0.0.1:9"), { server: "127.0.0.1:9", host: "127.0.0.1" });
});

Deno.test("parseAddress() refuses what is none, a host beyond loopback without a token, and shows no token", () => {
  assertThrows(() => parseAddress("http://a@b"), TypeError, `received "http://…@b"`);
  assertThrows(
    () => parseAddress("remote"),
    TypeError,
    `expected "local" or nats://TOKEN@HOST:PORT, received "remote"`,
  );
  assertThrows(() => parseAddress("nats://user:secret@10.0.0.5"), TypeError, "nats://…@10.0.0.5");
  assertThrows(() => parseAddress("nats://10.0.0.5"), TypeError, "expected a token before 10.0.0.5");
  const mistaken = ["secret@10.0.0.5", "nats:secret@10.0.0.5", "nats://sec/ret@10.0.0.5", "nats://secret%@10.0.0.5"]
    .concat("nats://se@cret@10.0.0.5/a", "nats://secret@10.0.0.5?a=1", "nats://secret@10.0.0.5:99999");
  for (const at of mistaken) {
    const { message } = assertThrows(() => parseAddress(at), TypeError, 'expected "local" or nats://TOKEN@HOST:PORT');
    assert(!/sec|ret/.test(message.slice(message.indexOf("received"))), message);
  }
});

Deno.test("a name that begins as an address of this machine or of a private network is neither", () => {
  for (const host of ["127.0.0.1.example.org", "127.example.org"]) {
    assertThrows(() => parseAddress(`nats://${host}`), TypeError, `expected a token before ${host}`);
    assert(serverWarning(host, "2.12.7")?.includes("not of a private network"));
  }
  assertEquals(["10.example.org", "192.168.example.org", "10.0.0.1.example.org"].filter(isPrivate), []);
});

Deno.test("serverWarning() speaks of public addresses and of versions before the mended ones, never of loopback", () => {
  assertEquals(serverWarning("127.0.0.1", "2.9.10"), undefined);
  assertEquals(serverWarning("192.168.1.4", "2.12.7"), undefined);
  assertEquals(serverWarning("10.1.1.1", "2.11.16"), undefined);
  assertEquals(serverWarning("10.1.1.1", "3.0.0"), undefined);
  for (const version of ["2.9.10", "2.10.99", "2.11.15", "2.12.6"]) {
    assert(serverWarning("10.1.1.1", version)?.includes(`version ${version} lacks mended security faults`));
  }
  assert(serverWarning("8.8.8.8", "2.12.7")?.includes("not of a private network"));
  const hosts = [
    "10.0.0.1",
    "172.16.0.1",
    "172.31.9.9",
    "192.168.0.1",
    "100.64.0.1",
    "[fd00::1]",
    "[fe80::1]",
    "localhost",
  ];
  assertEquals(hosts.filter((host) => !isPrivate(host)), []);
  assertEquals(["172.32.0.1", "11.0.0.1", "192.169.0.1", "100.128.0.1", "[2001:db8::1]"].filter(isPrivate), []);
});
