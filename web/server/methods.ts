/**
 * Which methods an address takes: a method that it does not is answered with 405 and `Allow`. Fresh itself answers 404, for a
 * file route takes any method and then finds no handler; so handlers are filled up with refusals. Holds no handler of its own.
 * @module
 */
import { HttpError } from "fresh";

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;

/** A request by a method that its address does not take. */
export class MethodError extends HttpError {
  /** @param allow the methods that it takes, as the header `Allow` lists them */
  constructor(readonly allow: string) {
    super(405, "This address does not take that kind of request.");
  }
}

/**
 * Handlers by method, filled up: each method that they lack is refused. GET answers HEAD too.
 *
 * @param handlers handlers by method, or one for all of them, which is left as it is
 */
export function refuseOthers<Handlers>(handlers: Handlers): Handlers {
  if (typeof handlers !== "object" || handlers === null) return handlers;
  const taken = METHODS.filter((method) => method in handlers || (method === "HEAD" && "GET" in handlers));
  const refuse = (): never => {
    throw new MethodError(taken.join(", "));
  };
  const others = METHODS.filter((method) => !taken.includes(method));
  return { ...handlers, ...Object.fromEntries(others.map((method) => [method, refuse])) };
}

/** Refuses every method but GET and HEAD, which are what pages and files take. @throws {MethodError} It is another one. */
export function requireReading(method: string): void {
  if (method !== "GET" && method !== "HEAD") throw new MethodError("GET, HEAD");
}
