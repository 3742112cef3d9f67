import { assertEquals, assertRejects } from "@std/assert";
import { openEngine } from "../../../lib/engine/open.ts";

Deno.test("openEngine() opens the float64 reference by name", async () => {
  await using engine = await openEngine({ backend: "naive" });
  assertEquals([engine.info.backend, engine.info.threads], ["naive", 1]);
  await assertRejects(() => openEngine({ backend: "tpu" as "cpu" }), RangeError, "auto, webgpu, cpu or naive, got tpu");
});
