/**
 * One search, live; `?file=&name=` says which.
 * @module
 */
import { HttpError, page } from "fresh";
import { Head } from "fresh/runtime";
import SearchPage from "../../islands/SearchPage.tsx";
import { readSearch } from "../../server/searches.ts";
import { define } from "../../utils.ts";

/** The data of the page. */
export const handler = define.handlers({
  async GET(ctx) {
    const { searchParams } = ctx.url;
    const search = await readSearch(searchParams.get("file") ?? "", searchParams.get("name") ?? "");
    if (search === null) throw new HttpError(404, "There is no such search. Its file may have been moved or deleted.");
    return page({ search });
  },
});

/** The page. */
export default define.page<typeof handler>(({ data: { search } }) => (
  <>
    <Head>
      <title>{`${search.summary.name} · Searches · adaptrade`}</title>
    </Head>
    <SearchPage search={search} />
  </>
));
