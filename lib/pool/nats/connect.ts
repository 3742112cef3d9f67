/**
 * Connects to a NATS server, over sockets whose errors are always heard. The client takes every listener off a socket that it lets
 * go of: what the socket reports then, as where a server refuses a token and hangs up, would end the program.
 * @module
 */
import type { NatsConnection } from "@nats-io/transport-node";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { PoolAddress } from "./address.ts";
import { greet } from "./greet.ts";

/** A socket that listens to its errors, whoever takes its listeners off. */
function heard<S extends Socket>(socket: S): S {
  const listen = (): S => socket.on("error", () => {/* its close says the same to who still uses it */});
  const removeAll = socket.removeAllListeners.bind(socket);
  socket.removeAllListeners = (...names): S => {
    removeAll(...names);
    return listen();
  };
  return listen();
}

/**
 * Connects; afterwards the client connects again whenever the connection is lost, until the server refuses its token.
 *
 * @param address Where the server is, and the token.
 * @param name What the server's lists call this connection.
 * @throws {Error} No server answers there, or it refuses.
 */
export async function connectTo(address: PoolAddress, name: string): Promise<NatsConnection> {
  const [{ NatsConnectionImpl, setTransportFactory }, { nodeResolveHost, NodeTransport }] = await Promise.all([
    import("@nats-io/transport-node"),
    import("@nats-io/transport-node/lib/node_transport.js"),
  ]);
  class HeardTransport extends NodeTransport {
    override async dial(at: { readonly hostname: string; readonly port: number }): Promise<Socket> {
      return heard(await super.dial(at));
    }
    override async startTLS(): Promise<TLSSocket> {
      return heard(await super.startTLS());
    }
  }
  const { server, token } = address;
  try {
    await greet(address);
    setTransportFactory({ factory: () => new HeardTransport(), dnsResolveFn: nodeResolveHost });
    return await NatsConnectionImpl.connect({
      servers: server,
      name,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 200,
      pingInterval: 5_000,
      maxPingOut: 2,
      ...(token === undefined ? {} : { token }),
    });
  } catch (error) {
    throw new Error(
      `Cannot open a pool: expected a NATS server at ${server} that takes the token, received "${
        (error as Error).message
      }"; nats-server -js -a HOST --auth TOKEN -sd DIR starts one (Debian package nats-server)`,
      { cause: error },
    );
  }
}
