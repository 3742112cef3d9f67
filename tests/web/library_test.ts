/**
 * What the page of methods and models says, against the library: every kind there is, every setting it takes, every default.
 * @module
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { LOSS_KINDS } from "../../lib/loss/losses.ts";
import { requireConfigKeys } from "../../lib/meta/config_keys.ts";
import * as presets from "../../lib/meta/presets.ts";
import { bayesianMaml, type MetaConfig } from "../../lib/meta/mod.ts";
import { buildNamedMethod } from "../../lib/method/methods.ts";
import { buildNamedModel, MODEL_KINDS } from "../../lib/model/models.ts";
import { RULE_KINDS } from "../../lib/rule/rules.ts";
import { requireTarget } from "../../lib/forecast/target.ts";
import { mlp } from "../../mod.ts";
import type { LibraryEntry, LibraryRoom } from "../../web/components/library/entry.ts";
import { LOSSES, RULES } from "../../web/components/library/losses.ts";
import { METHODS_OF_ONE_PASS } from "../../web/components/library/methods.ts";
import { MODELS, TARGETS } from "../../web/components/library/models.ts";
import { PRESETS } from "../../web/components/library/presets.ts";
import { methodEntry, ROOMS } from "../../web/components/library/rooms.ts";
import { METHOD_WORDS } from "../../web/components/run_settings.ts";
import { METHODS, ONE_PASS_METHODS } from "../../web/server/run_config.ts";

const kindsOf = ({ entries }: LibraryRoom): string[] => entries.map(({ kind }) => kind).sort();
const namesOf = ({ fields }: Pick<LibraryEntry, "fields">): string[] => fields.map(({ name }) => name).sort();

/** The names that a check knows, as it says when it meets another one. */
function knownTo(check: (stranger: Record<string, unknown>) => unknown): string[] {
  const { message } = assertThrows(() => check({ stranger: 1 }), TypeError, 'received "stranger"');
  return message.match(/ to hold (.+), received "stranger"/)![1].split(", ").sort();
}

Deno.test("the page of methods and models names every one that the library has", () => {
  const made = Object.keys(presets).filter((name) => typeof presets[name as keyof typeof presets] === "function");
  assertEquals(kindsOf(PRESETS), [...made, "bayesianMaml"].sort());
  const { message } = assertThrows(() => buildNamedMethod("?", {}), RangeError);
  assertEquals(kindsOf(METHODS_OF_ONE_PASS), message.match(/one of (.+), received/)![1].split(", ").sort());
  assertEquals(kindsOf(MODELS), [...MODEL_KINDS].sort());
  assertEquals(kindsOf(LOSSES), [...LOSS_KINDS].sort());
  assertEquals(kindsOf(RULES), [...RULE_KINDS].sort());
  const target = assertThrows(() => requireTarget({ kind: "?", horizon: 1 } as never), RangeError);
  assertEquals(kindsOf(TARGETS), target.message.match(/must be (.+), got/)![1].split(/, | or /).sort());
  for (const { entries } of ROOMS) {
    for (const { name, word, use, not } of entries) {
      for (const text of [name, word, use, not]) assert(text.trim().length > 2, `${name}: ${text}`);
    }
  }
});

Deno.test("the page names every setting that models, methods, losses and rules take, and no other", () => {
  for (const entry of METHODS_OF_ONE_PASS.entries) {
    assertEquals(namesOf(entry), knownTo((options) => buildNamedMethod(entry.kind, options)), entry.kind);
  }
  for (const entry of MODELS.entries.filter(({ kind }) => kind !== "mlp" && kind !== "particles")) {
    assertEquals(namesOf(entry), knownTo((options) => buildNamedModel(entry.kind, options)), entry.kind);
  }
  const layers = MODELS.entries.find(({ kind }) => kind === "mlp")!;
  assertEquals(namesOf(layers), knownTo((options) => mlp(options as never)));
  for (const [room, name] of [[LOSSES, "loss"], [RULES, "rule"]] as const) {
    for (const entry of room.entries) {
      const known = knownTo((stranger) => {
        const part = { kind: entry.kind, ...stranger };
        requireConfigKeys((name === "loss" ? { loss: part } : { inner: { rule: part } }) as never);
      });
      assertEquals(namesOf(entry), known.filter((key) => key !== "kind"), `${name} ${entry.kind}`);
    }
  }
});

Deno.test("the page names every setting of a config of gradient steps, and no other", () => {
  const deep = (name: "inner" | "learn" | "outer") =>
    knownTo((stranger) => requireConfigKeys({ [name]: stranger } as never)).map((key) => `${name}.${key}`);
  const own = ["net", "loss", "outerLoss", "gradient"];
  assertEquals(namesOf(PRESETS), [...own, ...deep("inner"), ...deep("learn"), ...deep("outer")].sort());
});

/** A value of a config at a path, as text. */
function at(config: MetaConfig, path: string): string {
  return String(path.split(".").reduce<unknown>((value, key) => (value as Record<string, unknown>)?.[key], config));
}

Deno.test("the page says of each preset what it sets, as the preset does, and of all what stands where none does", () => {
  const net = mlp({ inputs: 2, hidden: [3], outputs: 2 });
  const plain = presets.maml({ net });
  for (const { kind, fields } of PRESETS.entries) {
    const make = kind === "bayesianMaml" ? bayesianMaml : presets[kind as "maml"];
    const config = make({ net });
    for (const { name, standard } of fields.filter(({ name }) => name.includes("."))) {
      assertEquals(at(config, name), standard, `${kind} ${name}`);
      assert(kind === "maml" || at(plain, name) !== standard, `${kind} ${name} is what all have`);
    }
  }
  for (const { name, standard } of PRESETS.fields) {
    const set = at(plain, name);
    const shown = ["undefined", "[object Object]"].includes(set) ? standard : set;
    assertEquals(shown, standard, name);
  }
});

Deno.test("a run's form offers each method by the page's name, and the page says why where it does not", () => {
  for (const method of METHODS) assertEquals(METHOD_WORDS[method], methodEntry(method).name);
  for (const room of [PRESETS, METHODS_OF_ONE_PASS]) {
    for (const { kind, untrained } of room.entries) {
      assertEquals(untrained === undefined, (METHODS as readonly string[]).includes(kind), kind);
    }
  }
  const onePass: readonly string[] = kindsOf(METHODS_OF_ONE_PASS);
  assert(ONE_PASS_METHODS.every((method) => onePass.includes(method)));
});
