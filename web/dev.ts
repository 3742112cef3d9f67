/**
 * Builds the dashboard and serves it on 127.0.0.1: `deno task web`. PORT chooses another port (0: any free one). With
 * `build` it only builds, for Fresh's production server.
 * @module
 */
import { Builder } from "fresh/dev";

if (import.meta.main) {
  const { dirname: root = "." } = import.meta;
  const builder = new Builder({ root });
  if (Deno.args.includes("build")) await builder.build();
  else {
    await builder.listen(() => import("./main.ts"), {
      hostname: "127.0.0.1",
      port: Number(Deno.env.get("PORT") ?? 8000),
      onListen: ({ hostname, port }) => console.log(`The dashboard is at http://${hostname}:${port}`),
    });
  }
}
