/** Runs the consumer's checks as a program; its argument is the `Host` as JSON, what it prints the outcomes as JSON. */
import process from "node:process";
import { runChecks } from "./consumer.ts";

console.log(JSON.stringify(await runChecks(JSON.parse(process.argv[2]))));
