/**
 * Dates and times as vendors write them, into ms since 1970 UTC. A form is read only where it has one meaning: a date that
 * may be day-first or month-first needs to be told which, and so does a year of two digits.
 * @module
 */

/** Which comes first in a date such as 1/2/2024: the day or the month. */
export type DateOrder = "dmy" | "mdy";

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const LONG_MONTHS = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
];
const YEAR_FIRST = /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})/;
const COMPACT = /^((?:19|20)\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?:(\d{2})(\d{2})(\d{2})?$|(?=$|[T ,]))/;
const YEAR_LAST = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?!\d)/;
const DAY_NAME = /^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6},? /i;
const DAY_MONTH = /^(\d{1,2})[-/ .]{1,2}([a-z]{3,9})\.?[-/ ,]{1,2}(\d{4}|\d{2})(?!\d)/i;
const MONTH_DAY = /^([a-z]{3,9})\.? (\d{1,2}),? (\d{4})(?!\d)/i;
const YEAR_MONTH = /^(\d{4})[-/ ]([a-z]{3,9})[-/ ](\d{1,2})(?!\d)/i;
const CLOCK = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?: ?([ap])\.?m\.?)?/i;
const HOUR = /^(\d{1,2})[- ]?([ap])m/i;
const COMPACT_CLOCK = /^(\d{2})(\d{2})(\d{2})?(?!\d)/;
const ZONE = /^ ?(?:Z|(?:UTC|GMT)?(?:([+-])(\d{2}):?(\d{2})?)?)$/i;

/** The first and the last year of which times are read; dates in words may be older than the computers that count time. */
export const FIRST_YEAR = 1800;
export const LAST_YEAR = 2100;

/** Whether times of a year are read. */
export function isReadYear(year: number): boolean {
  return year >= FIRST_YEAR && year <= LAST_YEAR;
}

/** Longer cells are no times. */
const MOST_CHARACTERS = 64;

/** ms of midnight of a day, or undefined where there is no such day. */
export function dayMs(year: number, month: number, day: number): number | undefined {
  if (!isReadYear(year) || month < 1 || month > 12 || day < 1) return undefined;
  const at = Date.UTC(year, month - 1, day);
  return new Date(at).getUTCDate() === day ? at : undefined;
}

/** The month of a name, 1 to 12; 0 where it is none. */
function monthOf(name: string): number {
  const lower = name.toLowerCase();
  if (lower === "sept") return 9;
  return (lower.length === 3 ? MONTHS : LONG_MONTHS).indexOf(lower) + 1;
}

/** The year of four or two digits; of two only where the order was told, 1980 to 2079. */
function yearOf(text: string, order: DateOrder | undefined): number | undefined {
  if (text.length === 4) return Number(text);
  if (order === undefined) return undefined;
  return Number(text) + (Number(text) < 80 ? 2000 : 1900);
}

/** A day at the beginning of a text: its midnight, and what follows it. */
interface Day {
  readonly at: number | undefined;
  readonly rest: string;
}

function readDay(text: string, order: DateOrder | undefined): Day | undefined {
  const of = (match: RegExpExecArray, year: number | undefined, month: number, day: number): Day => ({
    at: year === undefined ? undefined : dayMs(year, month, day),
    rest: text.slice(match[0].length),
  });
  let match = YEAR_FIRST.exec(text);
  if (match) return of(match, Number(match[1]), Number(match[3]), Number(match[4]));
  match = COMPACT.exec(text);
  if (match) {
    const { at, rest } = of(match, Number(match[1]), Number(match[2]), Number(match[3]));
    return match[4] === undefined ? { at, rest } : { at, rest: ` ${match[4]}:${match[5]}:${match[6] ?? "00"}` };
  }
  match = YEAR_LAST.exec(text);
  if (match) {
    if (order === undefined) return { at: undefined, rest: "" };
    const [day, month] = order === "dmy" ? [match[1], match[3]] : [match[3], match[1]];
    return of(match, yearOf(match[4], order), Number(month), Number(day));
  }
  match = DAY_MONTH.exec(text);
  if (match) return of(match, yearOf(match[3], order), monthOf(match[2]), Number(match[1]));
  match = MONTH_DAY.exec(text);
  if (match) return of(match, Number(match[3]), monthOf(match[1]), Number(match[2]));
  match = YEAR_MONTH.exec(text);
  return match ? of(match, Number(match[1]), monthOf(match[2]), Number(match[3])) : undefined;
}

/** ms since midnight of parts of a clock; undefined where there is no such time, or parts of a ms. */
function clockMs(
  hour: number,
  rest: { minute?: string; second?: string; fraction?: string; half?: string },
): number | undefined {
  const minute = Number(rest.minute ?? 0);
  const second = Number(rest.second ?? 0);
  const half = rest.half?.toLowerCase();
  if (half !== undefined && (hour < 1 || hour > 12)) return undefined;
  const of24 = half === undefined ? hour : hour % 12 + (half === "p" ? 12 : 0);
  if (of24 > 23 || minute > 59 || second > 59) return undefined;
  const fraction = (rest.fraction ?? "").padEnd(3, "0");
  if (/[1-9]/.test(fraction.slice(3))) return undefined;
  return ((of24 * 60 + minute) * 60 + second) * 1000 + Number(fraction.slice(0, 3));
}

/** ms since midnight of a clock at the beginning of a text, the zone behind it taken off. */
function readClock(text: string, compact: boolean): number | undefined {
  let match = CLOCK.exec(text);
  let ms: number | undefined;
  if (match) {
    const [, hour, minute, second, fraction, half] = match;
    ms = clockMs(Number(hour), { minute, second, fraction, half });
  } else if ((match = HOUR.exec(text))) {
    ms = clockMs(Number(match[1]), { half: match[2] });
  } else if (compact && (match = COMPACT_CLOCK.exec(text))) {
    ms = clockMs(Number(match[1]), { minute: match[2], second: match[3] });
  }
  if (!match || ms === undefined) return undefined;
  const zone = ZONE.exec(text.slice(match[0].length));
  if (!zone) return undefined;
  const [, sign, hours, minutes] = zone;
  if (hours === undefined) return ms;
  if (Number(hours) > 14 || Number(minutes ?? 0) > 59) return undefined;
  return ms - (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes ?? 0)) * 60_000;
}

/**
 * Reads a date, or a date and time: ISO 8601 (also with slashes or dots, a blank for the T, one digit for a month or a day),
 * 20240131, 20240131 093000, 202401310930, named months (02-Jan-2024, Jan 2, 2024), and with an order 1/2/2024 and years of
 * two digits. Clocks may be 9:30 AM; without a zone they are UTC. Parts of a ms are refused.
 *
 * @param text The cell.
 * @param order Whether the day or the month comes first where both are numbers and the year is last.
 * @returns ms since 1970 UTC, or undefined when the text is no such date.
 */
export function parseDate(text: string, order?: DateOrder): number | undefined {
  const trimmed = text.trim();
  if (trimmed.length < 6 || trimmed.length > MOST_CHARACTERS) return undefined;
  const day = readDay(trimmed.replace(DAY_NAME, ""), order);
  if (day?.at === undefined) return undefined;
  if (day.rest === "" || day.rest === "Z") return day.at;
  const between = /^(?:T|,? +)/.exec(day.rest);
  if (!between) return undefined;
  const clock = readClock(day.rest.slice(between[0].length), true);
  return clock === undefined ? undefined : day.at + clock;
}

/** Whether a text is a date of numbers whose year is last: its meaning needs an order. The separator, or undefined. */
export function yearLastSeparator(text: string): string | undefined {
  return YEAR_LAST.exec(text.trim())?.[2];
}

/**
 * Reads a time of day, as stands in a column beside one of dates: 09:30, 9:30:00 AM, 0930, 093000.
 *
 * @returns ms since midnight UTC, or undefined when the text is no such time.
 */
export function parseClock(text: string): number | undefined {
  const trimmed = text.trim();
  return trimmed.length === 0 || trimmed.length > MOST_CHARACTERS ? undefined : readClock(trimmed, true);
}
