/** Which methods the dashboard's addresses take, without a server: what a handler lacks is refused with 405 and `Allow`. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { HttpError } from "fresh";
import { MethodError, refuseOthers, requireReading } from "../../web/server/methods.ts";

Deno.test("refuseOthers() leaves what is there, and refuses the rest by the names of what is there", () => {
  const GET = () => new Response("got");
  const POST = () => new Response("put");
  const given = Object.freeze({ GET, POST });
  const filled: Record<string, () => Response> = refuseOthers(given);
  assertEquals([filled.GET, filled.POST, filled.HEAD], [GET, POST, undefined]);
  for (const method of ["PUT", "PATCH", "DELETE", "OPTIONS"]) {
    const error = assertThrows(() => filled[method](), MethodError);
    assertEquals([error.status, error.allow], [405, "GET, HEAD, POST"]);
    assert(error instanceof HttpError);
  }
  const writing: Record<string, () => Response> = refuseOthers({ POST });
  assertEquals(assertThrows(() => writing.GET(), MethodError).allow, "POST");
  assertEquals(assertThrows(() => writing.HEAD(), MethodError).allow, "POST");
  assertEquals(refuseOthers(GET), GET);
});

Deno.test("requireReading() lets GET and HEAD pass alone", () => {
  requireReading("GET");
  requireReading("HEAD");
  for (const method of ["POST", "PUT", "get", "toString"]) assertThrows(() => requireReading(method), MethodError);
});
