// What a checkpoint's own parts compute is told apart where they differ far out alone, or are no number on half of all inputs.
import { assertEquals, assertRejects } from "@std/assert";
import type { CustomLoss } from "../../lib/loss/config.ts";
import { decodeState, encodeState } from "../../lib/meta/checkpoint.ts";
import type { CustomParts } from "../../lib/meta/describe_config.ts";
import { maml } from "../../lib/meta/presets.ts";
import { metaInit, type MetaState } from "../../lib/meta/state.ts";
import { defineMethod } from "../../lib/method/define_method.ts";
import type { Method } from "../../lib/method/method.ts";
import { defineModel } from "../../lib/model/define_model.ts";
import type { Model } from "../../lib/model/model.ts";
import { mlp } from "../../lib/net/mlp.ts";
import type { Graph } from "../../lib/program/graph_type.ts";
import type { Value } from "../../lib/program/value.ts";

type Bend = (g: Graph, x: Value) => Value;

const model = (bend: Bend): Model =>
  defineModel({
    name: "bent",
    inputs: 2,
    outputs: 1,
    params: { w: [2, 1] },
    apply: (g, { w }, x) => g.matmul(bend(g, x), w),
  });
const loss = (bend: Bend): CustomLoss => ({
  kind: "custom",
  name: "bent",
  row: (g, predicted, target) => g.mean(bend(g, g.abs(g.sub(predicted, target))), 1),
});
const method = (bend: Bend): Method =>
  defineMethod({
    name: "bent",
    inputs: 2,
    outputs: 1,
    learnables: { w: [2, 1] },
    adapt: (g, { w }, { x, y }) => ({ level: g.mean(g.sub(y, g.matmul(bend(g, x), w)), 0) }),
    predict: (g, { w }, { level }, x) => g.add(level, g.matmul(bend(g, x), w)),
  });
const net = mlp({ inputs: 2, hidden: [], outputs: 1 });

const PARTS: readonly [string, (bend: Bend) => readonly [MetaState, CustomParts]][] = [
  ["net", (bend) => [metaInit(maml({ net: model(bend) })), { net: model(bend) }]],
  ["loss", (bend) => [metaInit(maml({ net, loss: loss(bend) })), { loss: loss(bend) }]],
  ["outerLoss", (bend) => [metaInit(maml({ net, outerLoss: loss(bend) })), { outerLoss: loss(bend) }]],
  ["method", (bend) => [metaInit(method(bend)), { method: method(bend) }]],
];

const BENDS: Readonly<Record<string, Bend>> = {
  "at 5": (g, x) => g.minimum(x, 5),
  "at 50": (g, x) => g.minimum(x, 50),
  nowhere: (_, x) => x,
  logarithm: (g, x) => g.log(x),
  root: (g, x) => g.sqrt(x),
};

Deno.test("a checkpoint refuses a part of its name that differs far out alone, or where the first look saw no number", async () => {
  for (const [part, make] of PARTS) {
    for (const [name, bend] of Object.entries(BENDS)) {
      const [state, own] = make(bend);
      const bytes = await encodeState(state);
      assertEquals((await decodeState(bytes, "file", { custom: own })).state.values, state.values, `${part} ${name}`);
      for (const [other, bent] of Object.entries(BENDS)) {
        if (other === name) continue;
        await assertRejects(
          () => decodeState(bytes, "file", { custom: make(bent)[1] }),
          Error,
          `custom.${part} "bent" computes something else`,
          `${part}: ${other} in place of ${name}`,
        );
      }
    }
  }
});

Deno.test("a checkpoint takes a part that computes the same in other words", async () => {
  const square = (g: Graph, x: Value): Value => g.mul(x, x);
  const folded = (g: Graph, x: Value): Value => g.square(g.neg(g.sub(0, x)));
  const bytes = await encodeState(metaInit(maml({ net: model(square) })));
  await decodeState(bytes, "file", { custom: { net: model(folded) } });
});

Deno.test("a checkpoint from before fingerprints looked far out is read by its first figures", async () => {
  const [state, own] = PARTS[0][1](BENDS.nowhere);
  const bytes = await encodeState(state);
  const end = 44 + new DataView(bytes.buffer).getUint32(8, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(44, end)));
  const older = async (figures: string): Promise<Uint8Array> => {
    const text = new TextEncoder().encode(JSON.stringify({ ...header, fingerprint: figures }));
    const made = new Uint8Array(44 + text.length + bytes.length - end);
    made.set(bytes.subarray(0, 8));
    new DataView(made.buffer).setUint32(8, text.length, true);
    made.set(text, 44);
    made.set(bytes.subarray(end), 44 + text.length);
    const summed = new Uint8Array([...made.subarray(0, 12), ...made.subarray(44)]);
    made.set(new Uint8Array(await crypto.subtle.digest("SHA-256", summed)), 12);
    return made;
  };
  const [first, second] = String(header.fingerprint).split(" ");
  assertEquals(
    (await decodeState(await older(`${first} ${second}`), "file", { custom: own })).state.values,
    state.values,
  );
  await assertRejects(
    () => older(`${first} 1.00000`).then((read) => decodeState(read, "file", { custom: own })),
    Error,
    "computes something else",
  );
});
