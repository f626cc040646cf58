import { readFileSync } from "node:fs";
import { join } from "node:path";

/** For tests: what a real exporter answered, from the folder `captured`. */
export function capturedPage(name: string): Buffer<ArrayBuffer> {
  return readFileSync(join(import.meta.dir, "captured", `${name}.txt`));
}
