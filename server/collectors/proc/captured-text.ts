import { readFileSync } from "node:fs";
import { join } from "node:path";

/** For tests: the text of a kernel file in the folder `captured`. */
export function captured(name: string): string {
  return readFileSync(join(import.meta.dir, "captured", `${name}.txt`), "utf8");
}
