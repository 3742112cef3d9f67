/**
 * What a search was asked, in words: method, objective, seed, space. It reads no files.
 * @module
 */
import type { SearchRecord } from "@adaptrade/adaptrade/search";
import { momentUtc } from "../components/format.ts";

/** What `runSearch` keeps of what a search was asked. */
export interface Description {
  readonly space?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly method?: { readonly kind?: string; readonly settings?: Readonly<Record<string, unknown>> };
  readonly objective?: {
    readonly kind?: string;
    readonly version?: number;
    readonly params?: Readonly<Record<string, unknown>> | null;
  };
  readonly seed?: number;
}

/** What was asked; nothing where what is kept is of another shape. */
export function describedBy({ description }: SearchRecord): Description {
  return typeof description === "object" && description !== null ? description as Description : {};
}

/** The library's objectives are of one kind, and told apart by a parameter. */
export function objectiveName(objective: Description["objective"]): string {
  const name = objective?.params?.objective;
  return typeof name === "string" ? name : objective?.kind ?? "unknown";
}

const METHOD_NAMES: Readonly<Record<string, string>> = {
  bohb: "BOHB",
  hyperband: "Hyperband",
  halving: "Successive halving",
  population: "Population",
  random: "Random",
};

/** What people call a method. */
export function methodName(method: Description["method"]): string {
  const kind = method?.kind ?? "unknown";
  return METHOD_NAMES[kind] ?? kind;
}

/** "maxBudget" to "max budget". */
function inWords(name: string): string {
  return name.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** What was asked, by name, as text. */
export function settingsOf({ space = {}, method, objective, seed }: Description): (readonly [string, string])[] {
  const { objective: _named, ...asked } = objective?.params ?? {};
  return [
    ["Method", methodName(method)],
    ...Object.entries(method?.settings ?? {}).map(([name, value]) =>
      [`Method's ${inWords(name)}`, said(value)] as const
    ),
    ["Objective", `${objectiveName(objective)}, version ${objective?.version ?? "unknown"}`],
    ...Object.entries(asked).map(([name, value]) => [`Objective's ${inWords(name)}`, timeOr(name, value)] as const),
    ["Seed", said(seed)],
    ...Object.entries(space).map(([name, parameter]) => [name, rangeOf(parameter)] as const),
  ];
}

/** "3 to 9, integer, log" or "one of 8, 16". */
function rangeOf({ kind, values, min, max, log, when }: Readonly<Record<string, unknown>>): string {
  const range = Array.isArray(values)
    ? `one of ${values.map(said).join(", ")}`
    : `${said(min)} to ${said(max)}, ${inWords(String(kind))}`;
  return `${range}${log === true ? ", log" : ""}${when === undefined ? "" : `, when ${said(when)}`}`;
}

/** The times that the library's objectives judge from and to as such; anything else as it is. */
function timeOr(name: string, value: unknown): string {
  const isTime = (name === "from" || name === "to") && typeof value === "number" && Math.abs(value) <= 8.64e15;
  return isTime ? momentUtc(value) : said(value);
}

function said(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value) ?? "–";
}
