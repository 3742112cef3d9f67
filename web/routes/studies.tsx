/**
 * The studies that files of the data folder hold, live.
 * @module
 */
import { page } from "fresh";
import { Head } from "fresh/runtime";
import Studies from "../islands/Studies.tsx";
import { listStudies } from "../server/studies.ts";
import { define } from "../utils.ts";

/** The data of the page. */
export const handler = define.handlers({
  async GET() {
    return page({ list: await listStudies() });
  },
});

/** The page. */
export default define.page<typeof handler>(({ data: { list } }) => (
  <>
    <Head>
      <title>Studies · adaptrade</title>
    </Head>
    <header class="page-head">
      <div>
        <h1>Studies</h1>
        <p>
          Each walks over many markets with one forecaster and keeps what came of every one. One market proves nothing;
          how they spread does.
        </p>
      </div>
    </header>
    <Studies list={list} />
  </>
));
