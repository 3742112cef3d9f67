/**
 * The studies that files hold, as pages show them. What was drawn together is kept until another market ends.
 * @module
 */
import {
  type MarketStudy,
  openStudies,
  type RefusedMarket,
  type Spread,
  studyDistribution,
  type StudyRecord,
  studySentences,
} from "@adaptrade/adaptrade/search";
import { sortedBy } from "../components/SortableHead.tsx";
import { MARKET_COLUMNS, type MarketColumn } from "../components/study_columns.ts";
import { listKept, readKept, type UnreadFile } from "./kept_files.ts";
import { studySettings } from "./study_settings.ts";

/** A study in the list. */
export interface StudySummary extends Omit<StudyRecord, "description" | "endedAt"> {
  /** The file that holds it: the folder's name, a colon, the file's. */
  readonly file: string;
  /** Whether all of it has ended; one that is cut and one that runs look alike. */
  readonly done: boolean;
}

/** The studies, and the files that could not be read. */
export interface StudyList {
  /** Newest first. */
  readonly studies: readonly StudySummary[];
  /** Files whose name says studies and whose content does not, with the reason. */
  readonly unread: readonly UnreadFile[];
}

/** A figure over markets. */
export interface SpreadView extends Omit<Spread, "values"> {
  /** The figure of the market above so many hundredths of them, 0 to 100: `[101]`. */
  readonly curve: readonly number[];
}

/** One market of a study. */
export interface StudiedRow {
  /** The market. */
  readonly market: string;
  /** Decisions whose outcome is known. */
  readonly decisions: number;
  /** 1 − squared error / that of saying nothing. */
  readonly skill: number;
  /** Diebold and Mariano's statistic against saying nothing; null where undefined. */
  readonly statistic: number | null;
  /** Squared error / that of the networks unadapted. */
  readonly adaptation: number;
  /** Net Sharpe ratio a year; null where nothing was traded. */
  readonly sharpe: number | null;
  /** The same less that of holding. */
  readonly beyondHolding: number | null;
  /** Net return over all bars. */
  readonly totalReturn: number | null;
  /** Largest drawdown. */
  readonly maxDrawdown: number | null;
}

/** What a study came to so far. */
export interface StudyFigures {
  /** In sentences, the most important first. */
  readonly sentences: readonly string[];
  /** 1 − squared error / that of saying nothing. */
  readonly skill: SpreadView;
  /** Squared error / that of the networks unadapted. */
  readonly adaptation: SpreadView;
  /** Net Sharpe ratio a year; null where nothing was traded. */
  readonly sharpe: SpreadView | null;
  /** The same less that of holding. */
  readonly beyondHolding: SpreadView | null;
}

/** One study. */
export interface StudyView {
  /** As in the list. */
  readonly summary: StudySummary;
  /** What was asked, by name, as text. */
  readonly settings: readonly (readonly [name: string, value: string])[];
  /** What it came to; null before its first market. */
  readonly figures: StudyFigures | null;
  /** The first markets that could not be studied. */
  readonly refused: readonly RefusedMarket[];
}

/** Markets in an order, and how many there are. */
export interface StudyMarkets {
  /** The first of them. */
  readonly rows: readonly StudiedRow[];
  /** All. */
  readonly total: number;
}

/** Refused markets that are named. */
const NAMED = 100;

/** Most rows that are given at once. */
export const MOST_ROWS = 2000;

interface Drawn {
  readonly stamp: string;
  readonly view: Omit<StudyView, "summary">;
  readonly rows: readonly StudiedRow[];
}

/** What was drawn together last, by file and name. */
const drawn = new Map<string, Drawn>();
/** Studies that are kept so. */
const MOST_DRAWN = 8;

const KEPT = { what: "studies", open: openStudies } as const;

/** All studies of all files. */
export async function listStudies(): Promise<StudyList> {
  const { found, unread } = await listKept(
    KEPT,
    (store, file) => store.list().map((record) => summaryOf(file, record)),
  );
  return { studies: found, unread };
}

/** A study by its file and name; null where there is none that can be read. */
export async function readStudy(file: string, name: string): Promise<StudyView | null> {
  const found = await drawnStudy(file, name);
  return found && { summary: found.summary, ...found.drawn.view };
}

/**
 * A study's markets, sorted.
 *
 * @returns null where there is no such study that can be read
 */
export async function studyMarkets(
  file: string,
  name: string,
  { by, descending, count }: { readonly by: MarketColumn; readonly descending: boolean; readonly count: number },
): Promise<StudyMarkets | null> {
  const found = await drawnStudy(file, name);
  if (found === null) return null;
  const { rows } = found.drawn;
  return {
    rows: sortedBy(rows, MARKET_COLUMNS[by][1], descending).slice(0, Math.min(count, MOST_ROWS)),
    total: rows.length,
  };
}

function drawnStudy(
  file: string,
  name: string,
): Promise<{ readonly summary: StudySummary; readonly drawn: Drawn } | null> {
  return readKept(KEPT, file, (store) => {
    const record = store.list().find((one) => one.name === name);
    if (record === undefined) return null;
    const key = JSON.stringify([file, name]);
    const stamp = JSON.stringify([record.createdAt, record.updatedAt, record.studied, record.refused]);
    const known = drawn.get(key);
    const now = known?.stamp === stamp ? known : {
      stamp,
      ...draw([...store.figures(name)], record, store.refused(name).slice(0, NAMED)),
    };
    drawn.delete(key);
    drawn.set(key, now);
    if (drawn.size > MOST_DRAWN) drawn.delete(drawn.keys().next().value!);
    return { summary: summaryOf(file, record), drawn: now };
  });
}

function summaryOf(file: string, { description: _asked, endedAt, ...record }: StudyRecord): StudySummary {
  return { file, ...record, done: endedAt !== null };
}

function draw(
  figures: readonly MarketStudy[],
  { description }: StudyRecord,
  refused: readonly RefusedMarket[],
): Omit<Drawn, "stamp"> {
  return {
    rows: figures.map(rowOf),
    view: { settings: studySettings(description), figures: figures.length === 0 ? null : figuresOf(figures), refused },
  };
}

function rowOf({ market, score, money }: MarketStudy): StudiedRow {
  const { sharpe = null, holdSharpe = null, totalReturn = null, maxDrawdown = null } = money ?? {};
  return {
    market,
    decisions: score.decisions,
    skill: score.skill,
    statistic: score.statistic,
    adaptation: score.mse / score.unadapted,
    sharpe,
    beyondHolding: sharpe !== null && holdSharpe !== null ? sharpe - holdSharpe : null,
    totalReturn,
    maxDrawdown,
  };
}

function figuresOf(figures: readonly MarketStudy[]): StudyFigures {
  const { skill, adaptation, sharpe, beyondHolding, ...rest } = studyDistribution(figures);
  return {
    sentences: studySentences({ skill, adaptation, sharpe, beyondHolding, ...rest }),
    skill: spreadView(skill),
    adaptation: spreadView(adaptation),
    sharpe: sharpe && spreadView(sharpe),
    beyondHolding: beyondHolding && spreadView(beyondHolding),
  };
}

const HUNDREDTHS = 100;

function spreadView({ values, ...spread }: Spread): SpreadView {
  const curve = Array.from(
    { length: HUNDREDTHS + 1 },
    (_, i) => values[Math.round(i / HUNDREDTHS * (values.length - 1))],
  );
  return { ...spread, curve };
}
