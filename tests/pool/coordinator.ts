// A coordinator to be killed: runs jobs with a journal, and says how many are done.
import { openPool } from "@adaptrade/adaptrade/pool";

const [journal, log, count] = Deno.args;
const pool = await openPool("local", { workers: 1, kinds: [import.meta.resolve("./own_kinds.ts")], journal });
const input = await pool.put(Uint8Array.of(1));
await pool.map(
  Array.from({ length: Number(count) }, (_, seed) => ({
    kind: "holds",
    version: 1,
    inputs: [input],
    params: { ms: 20, log },
    seed,
  })),
  { onProgress: ({ done }) => console.log(done) },
);
