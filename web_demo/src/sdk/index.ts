/**
 * ObCLIP for browsers.
 *
 *     const pipe = await ObclipPipeline.load("bundle/", { onProgress });
 *     for await (const step of pipe.generate("an old woman pilot", { cloud: "https://cloud.example" })) { ... }
 *
 * {@link ObclipPipeline.read} says what would be sent, and sends nothing.
 */
export { ObclipError } from "./errors.js";
export { ObclipPipeline } from "./pipeline.js";
export type * from "./types.js";
