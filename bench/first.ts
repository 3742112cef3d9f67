/** One reference step from a cold start, for `run.ts` to time; prints the peak of its resident memory in bytes. */
import { openEngine } from "@adaptrade/adaptrade";
import { timeMetaStep } from "./ours.ts";
import { peakMemory } from "./peers/memory.ts";
import { REFERENCE } from "./statistics.ts";

await using engine = await openEngine({ backend: "cpu" });
await timeMetaStep(engine, { ...REFERENCE, tasks: 4 }, 0);
console.log(peakMemory());
