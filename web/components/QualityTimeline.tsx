/**
 * A market's findings on a time line: one lane for the bars with their gaps as holes, one for each kind of finding. Plain SVG, so
 * it needs no script.
 * @module
 */
import type { JSX } from "preact";
import type { InspectedFinding, Inspection } from "../server/data_inspection.ts";
import { dateUtc, timeUtc } from "./format.ts";
import { hoverTitle } from "./hover_title.ts";

/** What kinds are called. */
export const FINDING_NAMES: Readonly<Record<InspectedFinding["kind"], string>> = {
  order: "Out of order",
  duplicate: "Duplicates",
  overlap: "Overlaps",
  irregular: "Bars of unequal length",
  gap: "Gaps",
  "non-finite": "Not finite",
  "non-positive": "Not positive",
  "negative-volume": "Negative volume",
  "high-low": "High or low wrong",
  jump: "Jumps",
  "possible-split": "Possible splits",
  "possible-relisting": "Possible relistings",
  flat: "Price never moves",
  unclosed: "Not closed yet",
};

/** Below it a date would name several ticks. */
const SHORT_MS = 5 * 86_400_000;
const WIDTH = 1000;
const HEIGHT = 20;

/** The time line. */
export function QualityTimeline({ inspection }: { readonly inspection: Inspection }): JSX.Element {
  const { from, to, findings, counts } = inspection;
  const span = Math.max(1, to! - from!);
  const x = (time: number) => (time - from!) / span * WIDTH;
  const gaps = findings.filter(({ kind }) => kind === "gap");
  const kinds = Object.keys(counts) as InspectedFinding["kind"][];
  const name = span < SHORT_MS ? timeUtc : dateUtc;
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => name(from! + share * span));
  return (
    <div class="timeline">
      <Lane name="Bars" note={inspection.bars.toLocaleString("en")} label={`Bars from ${ticks[0]} to ${ticks[4]}`}>
        <rect class="bars" x="0" y="4" width={WIDTH} height={HEIGHT - 8} />
        {gaps.map(({ time, from }) => (
          <rect key={time} class="hole" x={x(from!)} y="0" width={Math.max(1, x(time) - x(from!))} height={HEIGHT} />
        ))}
      </Lane>
      {kinds.map((kind) => {
        const marks = findings.filter((finding) => finding.kind === kind);
        const count = counts[kind]!;
        return (
          <Lane
            key={kind}
            name={FINDING_NAMES[kind]}
            note={String(count)}
            label={`${FINDING_NAMES[kind]}: ${count}, the first ${dateUtc(marks[0]?.time ?? from!)}`}
          >
            {marks.map((finding) => <Mark key={finding.time} finding={finding} x={x} />)}
          </Lane>
        );
      })}
      <div class="timeline-axis" aria-hidden="true">
        {ticks.map((tick) => <span key={tick}>{tick}</span>)}
      </div>
    </div>
  );
}

function Lane(
  { name, note, label, children }: {
    readonly name: string;
    readonly note: string;
    readonly label: string;
    readonly children: (JSX.Element | JSX.Element[])[] | JSX.Element[];
  },
): JSX.Element {
  return (
    <>
      <div class="timeline-name">
        {name} <span class="muted">{note}</span>
      </div>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
        {children}
      </svg>
    </>
  );
}

function Mark(
  { finding, x }: { readonly finding: InspectedFinding; readonly x: (time: number) => number },
): JSX.Element {
  const { kind, time, from, message } = finding;
  const title = hoverTitle(`${dateUtc(time)}: ${message}`);
  if (from !== null) {
    const start = x(from);
    return (
      <rect
        class="mark"
        data-kind={kind}
        x={start}
        y="2"
        width={Math.max(3, x(time) - start)}
        height={HEIGHT - 4}
        {...title}
      />
    );
  }
  return <line class="mark" data-kind={kind} x1={x(time)} x2={x(time)} y1="2" y2={HEIGHT - 2} {...title} />;
}
