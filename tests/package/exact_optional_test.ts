// A program that checks its types with exactOptionalPropertyTypes can import the package, and so can one without.
import { testWith } from "../permissions.ts";
import { checkEntryPoints } from "./check_types.ts";

testWith("read", "write", "run")(
  "every entry point checks under exactOptionalPropertyTypes",
  () => checkEntryPoints({ exactOptionalPropertyTypes: true }),
);
