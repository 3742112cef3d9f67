/**
 * GET: a study's markets, `?file=&name=`, sorted `by` a column (`down=1`: the largest first), the first `count` of them.
 * @module
 */
import { HttpError } from "fresh";
import { isMarketColumn } from "../../../components/study_columns.ts";
import { MOST_ROWS, studyMarkets } from "../../../server/studies.ts";
import { define } from "../../../utils.ts";

/** The handler. */
export const handler = define.handlers({
  async GET(ctx) {
    const { searchParams } = ctx.url;
    const by = searchParams.get("by");
    const count = Number(searchParams.get("count"));
    if (!isMarketColumn(by)) {
      throw new HttpError(400, "Cannot sort the markets: expected by to be one of their columns.");
    }
    if (!Number.isInteger(count) || count < 1) {
      throw new HttpError(400, `Cannot give markets: expected count to be a whole number from 1 to ${MOST_ROWS}.`);
    }
    const found = await studyMarkets(searchParams.get("file") ?? "", searchParams.get("name") ?? "", {
      by,
      descending: searchParams.get("down") === "1",
      count,
    });
    if (found === null) throw new HttpError(404, "There is no such study.");
    return Response.json(found);
  },
});
