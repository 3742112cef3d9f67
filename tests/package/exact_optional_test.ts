// The whole tree checks with exactOptionalPropertyTypes (deno.json); a project that checks its types without can import it, too.
import { testWith } from "../permissions.ts";
import { checkEntryPoints } from "./check_types.ts";

testWith("read", "write", "run")(
  "every entry point checks without exactOptionalPropertyTypes",
  () => checkEntryPoints({ exactOptionalPropertyTypes: false }),
);
