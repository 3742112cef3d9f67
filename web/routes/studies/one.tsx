/**
 * One study, live; `?file=&name=` says which.
 * @module
 */
import { HttpError, page } from "fresh";
import { Head } from "fresh/runtime";
import { FIRST_ORDER, ROWS } from "../../components/StudyMarkets.tsx";
import StudyPage from "../../islands/StudyPage.tsx";
import { readStudy, studyMarkets } from "../../server/studies.ts";
import { define } from "../../utils.ts";

/** The data of the page. */
export const handler = define.handlers({
  async GET(ctx) {
    const { searchParams } = ctx.url;
    const [file, name] = [searchParams.get("file") ?? "", searchParams.get("name") ?? ""];
    const study = await readStudy(file, name);
    const markets = study && await studyMarkets(file, name, { ...FIRST_ORDER, count: ROWS });
    if (study === null || markets === null) {
      throw new HttpError(404, "There is no such study. Its file may have been moved or deleted.");
    }
    return page({ study, markets });
  },
});

/** The page. */
export default define.page<typeof handler>(({ data: { study, markets } }) => (
  <>
    <Head>
      <title>{`${study.summary.name} · Studies · adaptrade`}</title>
    </Head>
    <StudyPage study={study} markets={markets} />
  </>
));
