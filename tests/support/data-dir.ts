import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A place for a data directory of its own; `path` does not exist yet, as on a new machine. */
export interface TemporaryDataDir {
  path: string;
  remove(): void;
}

export function temporaryDataDir(): TemporaryDataDir {
  const parent = mkdtempSync(join(tmpdir(), "pulse-test-"));
  return { path: join(parent, "data"), remove: () => rmSync(parent, { recursive: true, force: true }) };
}
