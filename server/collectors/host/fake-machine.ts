import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** For tests: a folder that looks like a machine, laid out file by file. */
export interface FakeMachine {
  root: string;
  /** A path that ends in `/` is an empty folder. */
  write(files: Record<string, string>): void;
  link(path: string, target: string): void;
  remove(path: string): void;
  [Symbol.dispose](): void;
}

export function fakeMachine(files: Record<string, string> = {}): FakeMachine {
  const root = mkdtempSync(join(tmpdir(), "pulse-machine-"));
  const machine: FakeMachine = {
    root,
    write(written) {
      for (const [path, text] of Object.entries(written)) {
        const at = join(root, path);
        mkdirSync(path.endsWith("/") ? at : dirname(at), { recursive: true });
        if (!path.endsWith("/")) writeFileSync(at, text);
      }
    },
    link(path, target) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      symlinkSync(target, join(root, path));
    },
    remove: (path) => rmSync(join(root, path), { recursive: true, force: true }),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
  machine.write(files);
  return machine;
}
