/**
 * The tags of a run as they come in: checked, nothing else.
 * @module
 */
import { plainName } from "./plain_name.ts";
import { requireSettings } from "./settings.ts";

/** Longest tag. */
const LONGEST = 40;
/** Most tags of one run. */
const MOST = 20;

/**
 * Checks the tags that a run is to have.
 *
 * @throws {TypeError} They are no list of words.
 * @throws {FieldError} Something else came with them.
 * @throws {RangeError} There are too many, or one is empty or too long.
 */
export function parseTags(input: unknown): readonly string[] {
  const { tags } = requireSettings<{ tags: unknown }>("Cannot tag a run", input, ["tags"]);
  if (!Array.isArray(tags) || !tags.every((tag) => typeof tag === "string")) {
    throw new TypeError("Cannot tag a run: expected a list of words");
  }
  if (tags.length > MOST) {
    throw new RangeError(`Cannot tag a run: expected at most ${MOST} tags, received ${tags.length}`);
  }
  return tags.map((tag) => {
    const word = plainName(tag, LONGEST);
    if (word !== null && word !== "") return word;
    throw new RangeError(`Cannot tag a run: expected tags of 1 to ${LONGEST} characters, received “${tag.trim()}”`);
  });
}
