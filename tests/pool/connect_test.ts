// A connection that is lost and then refused: whatever its sockets report is heard, and ends the connection alone.
import { assertEquals } from "@std/assert";
import { parseAddress } from "../../lib/pool/nats/address.ts";
import { connectTo } from "../../lib/pool/nats/connect.ts";
import { startServer, testNats } from "./nats_server.ts";

testNats("connections to a server that comes back with another token end, each with the server's word", async () => {
  await using server = await startServer();
  const address = parseAddress(server.at);
  // One in twenty was reset while nobody listened to its socket, which ends the program.
  const connections = await Promise.all(Array.from({ length: 150 }, () => connectTo(address, "test")));
  await server.restart({ token: "another" });
  const closed = await Promise.all(connections.map((connection) => connection.closed()));
  assertEquals(new Set(closed.map(String)), new Set(["AuthorizationError: Authorization Violation"]));
});
