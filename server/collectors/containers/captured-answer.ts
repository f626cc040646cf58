import { readFileSync } from "node:fs";
import { join } from "node:path";

/** For tests: an engine's answer in the folder `captured`. */
export function capturedAnswer(name: string): unknown {
  return JSON.parse(readFileSync(join(import.meta.dir, "captured", `${name}.json`), "utf8"));
}
