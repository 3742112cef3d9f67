// Files drawn at random in the forms that vendors write, each with the bars that it holds and what would settle its doubts.
import type { TableOptions } from "../../../lib/data/table/head.ts";
import { random } from "../../../lib/net/random.ts";

/** A drawn file. */
export interface GeneratedFile {
  /** What was drawn, for messages. */
  readonly form: string;
  /** The file. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Columns it holds, oldest bar first; what a reader has to give. */
  readonly expected: Readonly<Record<"time" | "open" | "high" | "low" | "close" | "volume", Float64Array>>;
  /** Options under which nothing of it is open. */
  readonly settled: Omit<TableOptions, "symbol">;
}

const MINUTE = 60_000;
const STEPS = [MINUTE, 5 * MINUTE, 60 * MINUTE, 240 * MINUTE, 1440 * MINUTE];
const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October"];
const ALL_MONTHS = [...MONTHS, "November", "December"];

type Draw = ReturnType<typeof drawFrom>;

function drawFrom(seed: number) {
  const stream = random(seed);
  const one = <T>(values: readonly T[]): T => values[Math.floor(stream.uniform() * values.length) % values.length];
  return { one, chance: (share: number): boolean => stream.uniform() < share, uniform: () => stream.uniform(), stream };
}

/** Two digits, or as few as it takes. */
const padded = (value: number, width = 2): string => String(value).padStart(width, "0");

/** Parts of a time. */
function parts(ms: number) {
  const at = new Date(ms);
  return {
    y: String(at.getUTCFullYear()),
    m: at.getUTCMonth() + 1,
    d: at.getUTCDate(),
    hms: at.toISOString().slice(11, 19),
  };
}

/** Ways to write a time, in one cell or two; `order` where it depends on day and month. */
interface TimeForm {
  readonly name: string;
  readonly write: (ms: number) => readonly string[];
  readonly order?: "dmy" | "mdy";
  /** Whether it can be told apart from a day's beginning. */
  readonly clock: boolean;
}

function timeForm({ one, chance }: Draw, daily: boolean): TimeForm {
  const iso = (ms: number): string => new Date(ms).toISOString();
  const separator = one(["/", "-", "."]);
  const pad = chance(0.5) ? 2 : 1;
  const order = one(["dmy", "mdy"] as const);
  const ordered = (ms: number): string => {
    const { y, m, d } = parts(ms);
    const [a, b] = order === "dmy" ? [d, m] : [m, d];
    return [padded(a, pad), padded(b, pad), y].join(separator);
  };
  const named = (ms: number): string => {
    const { y, m, d } = parts(ms);
    const month = ALL_MONTHS[m - 1];
    return one([
      `${month.slice(0, 3)} ${padded(d)}, ${y}`,
      `${padded(d)}-${month.slice(0, 3)}-${y}`,
      `${d} ${month} ${y}`,
    ]);
  };
  const amPm = (ms: number): string => {
    const [hour, minute] = parts(ms).hms.split(":").map(Number);
    return `${hour % 12 || 12}:${padded(minute)} ${hour < 12 ? "AM" : "PM"}`;
  };
  // Dots are day first by custom: a month-first date with dots is nobody's.
  const dotted = separator === "." ? "dmy" as const : order;
  const orderedDate = separator === "." && order === "mdy" ? named : ordered;
  const whole: TimeForm[] = [
    { name: "s", write: (ms) => [String(ms / 1000)], clock: true },
    { name: "ms", write: (ms) => [String(ms)], clock: true },
    { name: "us", write: (ms) => [`${ms}000`], clock: true },
    { name: "ns", write: (ms) => [`${ms}000000`], clock: true },
    { name: "iso", write: (ms) => [iso(ms).slice(0, 19)], clock: true },
    { name: "iso z", write: (ms) => [iso(ms)], clock: true },
    { name: "iso blank", write: (ms) => [iso(ms).slice(0, 16).replace("T", " ")], clock: true },
    { name: "iso zone", write: (ms) => [`${iso(ms + 3 * 60 * MINUTE).slice(0, 19)}+03:00`], clock: true },
    { name: "slash", write: (ms) => [iso(ms).slice(0, 19).replaceAll("-", "/").replace("T", " ")], clock: true },
    {
      name: "compact",
      write: (ms) => [`${iso(ms).slice(0, 10).replaceAll("-", "")} ${parts(ms).hms.replaceAll(":", "")}`],
      clock: true,
    },
    { name: "am pm", write: (ms) => [`${iso(ms).slice(0, 10)} ${amPm(ms)}`], clock: true },
    { name: "ordered", write: (ms) => [`${orderedDate(ms)} ${parts(ms).hms.slice(0, 5)}`], order: dotted, clock: true },
    { name: "two columns", write: (ms) => [iso(ms).slice(0, 10), parts(ms).hms], clock: true },
    {
      name: "two columns, hhmm",
      write: (ms) => [iso(ms).slice(0, 10).replaceAll("-", "."), parts(ms).hms.slice(0, 5).replace(":", "")],
      clock: true,
    },
    { name: "two columns, ordered", write: (ms) => [orderedDate(ms), parts(ms).hms], order: dotted, clock: true },
  ];
  const days: TimeForm[] = [
    { name: "day", write: (ms) => [iso(ms).slice(0, 10)], clock: false },
    { name: "day compact", write: (ms) => [iso(ms).slice(0, 10).replaceAll("-", "")], clock: false },
    { name: "day named", write: (ms) => [named(ms)], clock: false },
    { name: "day ordered", write: (ms) => [orderedDate(ms)], order: dotted, clock: false },
  ];
  return one(daily ? [...whole, ...days] : whole);
}

/** A number's decimals as this file writes them. */
function numberForm({ one, chance }: Draw, separator: string, places: number) {
  const decimal = chance(0.3) ? "," : ".";
  // In a file that commas separate 2.268 is a fraction: whoever writes whole numbers so uses another separator.
  const groups = chance(0.25) && !(separator === "," && decimal === "," && places === 0);
  const group = groups ? one(decimal === "." ? [",", "'", " ", "\u00a0"] : [".", "'", " ", "\u00a0"]) : "";
  const currency = chance(0.1) ? one(["$", "€", "£"]) : "";
  const write = (text: string): string => {
    const [whole, fraction] = text.split(".");
    const grouped = group === "" ? whole : whole.replaceAll(/\B(?=(\d{3})+$)/g, group);
    return `${currency}${grouped}${fraction === undefined ? "" : decimal + fraction}`;
  };
  const cell = (text: string): string => {
    const written = write(text);
    return written.includes(separator) || written.includes('"') ? `"${written}"` : written;
  };
  return { decimal, group, currency, cell } as const;
}

/** Draws a file. */
export async function generateFile(seed: number): Promise<GeneratedFile> {
  const draw = drawFrom(seed);
  const { one, chance, uniform, stream } = draw;
  const step = one(STEPS);
  const rows = 3 + Math.floor(uniform() * 30);
  const from = Math.floor((Date.UTC(1991, 0, 2) + uniform() * 1.1e12) / step) * step;
  const places = Math.floor(uniform() * 6);
  const scale = 10 ** (uniform() * 5.5 - (places > 3 ? 2 : 0)) + 10 ** -places * 50;
  const text = (value: number): string => Math.max(10 ** -places, value).toFixed(places);
  let price = scale;
  const bars = Array.from({ length: rows }, (_, i) => {
    const open = price;
    price *= Math.exp(0.02 * stream.normal());
    const [top, bottom] = [Math.max(open, price) * 1.003, Math.min(open, price) * 0.997];
    const volume = text(1000 * uniform() * 3);
    return { time: from + i * step, open: text(open), high: text(top), low: text(bottom), close: text(price), volume };
  });
  const separator = one([",", ",", ";", "\t", "|"]);
  const times = timeForm(draw, step === 1440 * MINUTE);
  const numbers = numberForm(draw, separator, places);
  const end = one(["\n", "\n", "\r\n", "\r"]);
  const newestFirst = chance(0.3);
  const withHeader = chance(0.85);
  const extra = withHeader && chance(0.4);
  const quoteAll = chance(0.15);
  const timeNames = times.write(0).length === 2
    ? ["Date", "Time"]
    : [one(["timestamp", "Date", "time", "open_time", "Datetime"])];
  const names = [...timeNames, "Open", "High", "Low", "Close", one(["Volume", "vol", "Vol.", "VOLUME"])];
  const width = names.length;
  const place = extra ? one([0, width]) : -1;
  const quoted = (cell: string): string =>
    cell.startsWith('"') ? cell : quoteAll || cell.includes(separator) ? `"${cell}"` : cell;
  const withExtra = (cells: string[], cell: string): string[] => place < 0 ? cells : cells.toSpliced(place, 0, cell);
  const table = bars.map(({ time, open, high, low, close, volume }, i) =>
    withExtra([...times.write(time), ...[open, high, low, close, volume].map(numbers.cell)], `n${i}`).map(quoted)
  );
  if (newestFirst) table.reverse();
  const blank = chance(0.2) ? Math.floor(uniform() * rows) : -1;
  const lines = table.flatMap((cells, i) => i === blank ? ["", cells.join(separator)] : [cells.join(separator)]);
  if (withHeader) lines.unshift(withExtra(names, "note").map(quoted).join(separator));
  if (withHeader && chance(0.15)) lines.unshift("# prices of one market", "");
  if (chance(0.15)) lines.push("", "Downloaded without warranty");
  const whole = lines.join(end) + (chance(0.8) ? end : "");
  const encoding = one(["utf-8", "utf-8", "mark", "utf-16", "gzip"]);
  let bytes = new TextEncoder().encode(encoding === "mark" || encoding === "utf-16" ? `\ufeff${whole}` : whole);
  if (encoding === "utf-16") {
    bytes = new Uint8Array(Uint16Array.from(`\ufeff${whole}`, (character) => character.charCodeAt(0)).buffer);
  } else if (encoding === "gzip") {
    const zipped = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
    bytes = new Uint8Array(await new Response(zipped).arrayBuffer());
  }
  const column = (name: "open" | "high" | "low" | "close" | "volume"): Float64Array =>
    Float64Array.from(bars, (bar) => Number(bar[name]));
  return {
    form: JSON.stringify({
      seed,
      rows,
      step,
      places,
      separator,
      times: times.name,
      order: times.order,
      numbers: { ...numbers, cell: undefined },
      end,
      newestFirst,
      withHeader,
      extra,
      quoteAll,
      encoding,
    }),
    bytes,
    expected: {
      time: Float64Array.from(bars, ({ time }) => time),
      open: column("open"),
      high: column("high"),
      low: column("low"),
      close: column("close"),
      volume: column("volume"),
    },
    settled: {
      decimal: numbers.decimal,
      ...(times.order ? { dateOrder: times.order } : {}),
      ...(withHeader ? {} : { columns: [...timeNames, "open", "high", "low", "close", "volume"] }),
    },
  };
}
