/**
 * The part of `@std/assert` that the tests use, over `node:assert`, with the same signatures.
 * deno.jsr.json maps the name to the original instead.
 * @module
 */
