/**
 * Numbers as people and vendors write them: a decimal comma, thousands apart, a currency sign, 1.2M, 5%. Which of comma and
 * dot is the decimal sign is one decision for the whole file, and none where the file leaves it open ("1,234" alone).
 * @module
 */
import { parseNumber } from "../parse.ts";

/** The sign before a number's fraction. */
export type DecimalSign = "." | ",";

const CURRENCY = /^[$€£¥₹₩₽]\s?|\s?[$€£¥₹₩₽]$/g;
const MULTIPLES: Readonly<Record<string, string>> = { k: "e3", m: "e6", b: "e9", t: "e12" };
const NULLS: ReadonlySet<string> = new Set(["", "null", "nan", "na", "n/a", "#n/a", "none", "nil", "-", "--", "."]);

/** A number longer than this was not written by anyone. */
const MOST_CHARACTERS = 400;

/** Whether a cell says that there is no value. */
export function isNull(text: string): boolean {
  return text.length < 8 && NULLS.has(text.trim().toLowerCase());
}

/** A number without what surrounds its digits: `body` has sign, digits and separators, `suffix` an exponent. */
function stripped(text: string): { readonly body: string; readonly suffix: string } {
  let body = text.trim().replace(CURRENCY, "");
  if (body[0] === "-" && CURRENCY.test(body.slice(1))) body = `-${body.slice(1).replace(CURRENCY, "")}`;
  CURRENCY.lastIndex = 0;
  const last = body.at(-1)?.toLowerCase() ?? "";
  if (last === "%") return { body: body.slice(0, -1).trimEnd(), suffix: "e-2" };
  const multiple = MULTIPLES[last];
  return multiple === undefined ? { body, suffix: "" } : { body: body.slice(0, -1).trimEnd(), suffix: multiple };
}

/** Digits whose groups are set apart by one sign, joined: groups of three, or of two before the last as in India. */
function joinGroups(whole: string, decimal: DecimalSign): string | undefined {
  const sign = /[^\d]/.exec(whole)?.[0];
  if (sign === undefined) return whole;
  if (!(decimal === "." ? ",'’ \u00a0\u202f\u2009" : ".'’ \u00a0\u202f\u2009").includes(sign)) return undefined;
  const [first, ...groups] = whole.split(sign);
  const last = groups.pop() ?? "";
  const inner = groups[0]?.length ?? 3;
  const isGroup = (group: string, length: number): boolean => group.length === length && /^\d+$/.test(group);
  const even = groups.every((group) => isGroup(group, inner)) && (inner === 2 || inner === 3);
  if (!even || !isGroup(last, 3) || !/^\d+$/.test(first) || first.length > inner) return undefined;
  return first + groups.join("") + last;
}

/**
 * Reads a number with a decimal sign, thousands apart, a currency sign, K M B T, or %. A percentage is divided by 100.
 *
 * @param text The cell.
 * @param decimal The file's decimal sign.
 * @returns The float64 nearest to it, or undefined when the text is no such number.
 */
export function parseStyledNumber(text: string, decimal: DecimalSign): number | undefined {
  if (text.length > MOST_CHARACTERS) return undefined;
  if (decimal === ".") {
    const plain = parseNumber(text);
    if (plain !== undefined) return plain;
  }
  const { body, suffix } = stripped(text);
  const sign = /^[+-]/.exec(body)?.[0] ?? "";
  const exponent = suffix === "" ? /[eE][+-]?\d+$/.exec(body)?.[0] ?? "" : "";
  const digits = body.slice(sign.length, body.length - exponent.length);
  const cut = digits.indexOf(decimal);
  const whole = joinGroups(cut < 0 ? digits : digits.slice(0, cut), decimal);
  const fraction = cut < 0 ? "" : digits.slice(cut + 1);
  if (whole === undefined || !/^\d*$/.test(fraction)) return undefined;
  return parseNumber(`${sign}${whole}${fraction === "" ? "" : `.${fraction}`}${exponent}${suffix}`);
}

/** What one number says of its file's decimal sign; `comma` and `dot` are certain; `long` has no groups. */
type Vote = "comma" | "dot" | "perhaps comma" | "perhaps dot" | "long" | "none";

function voteOf(text: string): Vote {
  if (text.length > MOST_CHARACTERS) return "none";
  const body = stripped(text).body.replace(/^[+-]/, "");
  if (!/^[\d.,'’ \u00a0\u202f\u2009]+(?:[eE][+-]?\d+)?$/.test(body)) return "none";
  const [comma, dot] = [body.lastIndexOf(","), body.lastIndexOf(".")];
  if (comma < 0 && dot < 0) return /^\d{4}/.test(body) ? "long" : "none";
  if (comma >= 0 && dot >= 0) return comma > dot ? "comma" : "dot";
  const [sign, at] = comma >= 0 ? [",", comma] : [".", dot];
  if (body.indexOf(sign) !== at) return sign === "," ? "dot" : "comma";
  const before = body.slice(0, at).replace(/['’ \u00a0\u202f\u2009]/g, "");
  const behind = body.length - at - 1;
  const isGroup = behind === 3 && before.length >= 1 && before.length <= 3 && !before.startsWith("0");
  if (isGroup) return sign === "," ? "perhaps comma" : "perhaps dot";
  return sign === "," ? "comma" : "dot";
}

/** What a file's numbers say of its decimal sign. */
export interface DecimalDecision {
  /** The sign; a dot where there are none. */
  readonly decimal: DecimalSign;
  /** Whether a number decided it; a file of whole numbers decides nothing. */
  readonly decided: boolean;
  /** A number that contradicts the others, or could be read either way with nothing to decide it. */
  readonly doubtful?: string | undefined;
}

/**
 * Decides the decimal sign by the numbers of a file.
 *
 * @param cells Cells of numbers.
 * @param dots Whether dots alone are decimal signs, as in a file that commas separate. Elsewhere 38.738 may be thousands too,
 * unless a long number shows that there are no groups.
 * @returns The sign, or the cell that leaves it open.
 */
export function decideDecimal(cells: Iterable<string>, dots: boolean): DecimalDecision {
  const seen = new Map<Vote, string>();
  for (const cell of cells) {
    const vote = voteOf(cell);
    if (!seen.has(vote)) seen.set(vote, cell);
  }
  const decided = seen.has("comma") || seen.has("dot");
  const decimal = seen.has("comma") ? "," : ".";
  if (seen.has("comma") && seen.has("dot")) return { decimal, decided, doubtful: seen.get("comma") };
  if (decided) return { decimal, decided };
  if (seen.has("perhaps comma")) return { decimal, decided, doubtful: seen.get("perhaps comma") };
  if (seen.has("perhaps dot") && !dots && !seen.has("long")) {
    return { decimal, decided, doubtful: seen.get("perhaps dot") };
  }
  return { decimal, decided: seen.has("perhaps dot") };
}

/** Whether a number could be read with either sign: one comma, and three digits behind it. */
export function isOpenComma(text: string): boolean {
  return voteOf(text) === "perhaps comma";
}
