/**
 * Generated shaders in a browser's own compiler, which is another than Deno's and stricter: about barriers that not all lanes
 * reach, about reserved words, about constants.
 * @module
 */
import { assertEquals } from "@std/assert";
import { generate } from "../../../lib/engine/webgpu/program/generated.ts";
import { selfTestProgram } from "../../../lib/engine/webgpu/self_test.ts";
import { HAS_BROWSER, startBrowser, WEBGPU } from "./browser.ts";

/** What a shader's compiler says, as `error 3:14 message`, or that there is no adapter. */
async function compilerMessages(shaders: readonly string[]): Promise<string[]> {
  await using browser = await startBrowser(WEBGPU);
  const page = await browser.newPage();
  const url = "https://shaders.test/";
  await page.route(url, (route) => route.fulfill({ body: "<!doctype html>", contentType: "text/html" }));
  await page.goto(url);
  return await page.evaluate(async (shaders) => {
    const adapter = await navigator.gpu?.requestAdapter();
    if (!adapter) return ["no adapter"];
    const device = await adapter.requestDevice();
    const all = await Promise.all(shaders.map(async (code) => {
      const { messages } = await device.createShaderModule({ code }).getCompilationInfo();
      return messages.map(({ type, lineNum, linePos, message }) => `${type} ${lineNum}:${linePos} ${message}`);
    }));
    return all.flat();
  }, shaders);
}

Deno.test({
  name: "a browser compiles generated shaders without a word, and says where a broken one is broken",
  ignore: !HAS_BROWSER,
  fn: async () => {
    const limits = { workgroupBytes: 16384, workgroupLanes: 256, iterations: Infinity, functions: 64 };
    const work = { program: selfTestProgram().program, shared: ["w"], summed: ["byW"] };
    const shaders = [0, limits.workgroupBytes].flatMap((workgroupBytes) =>
      generate(work, { ...limits, workgroupBytes }).shaders
    );
    assertEquals(await compilerMessages(shaders), []);
    const broken = shaders[0].replace("work.lane == 0u", "work.lane == missing");
    assertEquals((await compilerMessages([broken])).map((message) => message.split(" ")[0]), ["error"]);
  },
});
