/** systemd's own word on the unit: that it is one, and how exposed what it runs is. */
import { expect, test } from "bun:test";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const unit = join(import.meta.dir, "pulse-agent.service");
/** Out of ten; a unit without any fence has 9.6. */
const MOST_EXPOSED = 2.5;

function analyze(...words: string[]): { out: string; status: number } {
  const root = mkdtempSync(join(tmpdir(), "pulse-unit-"));
  try {
    for (const folder of ["etc/systemd/system", "usr/local/bin", "usr/lib/systemd/system"]) {
      mkdirSync(join(root, folder), { recursive: true });
    }
    copyFileSync(unit, join(root, "etc/systemd/system/pulse-agent.service"));
    writeFileSync(join(root, "usr/local/bin/pulse"), "#!/bin/sh\n", { mode: 0o755 });
    const { stdout, stderr, exitCode } = Bun.spawnSync(
      ["systemd-analyze", ...words, `--root=${root}`, "pulse-agent.service"],
      { stdout: "pipe", stderr: "pipe" },
    );
    return { out: stdout.toString() + stderr.toString(), status: exitCode };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

test("it is a unit systemd understands every line of", () => {
  const { out } = analyze("verify");
  expect(out).not.toMatch(/pulse-agent\.service:\d+:/);
});

test("what it runs is fenced in", () => {
  const { out, status } = analyze("security", "--offline=yes", `--threshold=${MOST_EXPOSED * 10}`);
  expect(out).toMatch(/Overall exposure level for pulse-agent\.service: [\d.]+/);
  expect({ out: status === 0 ? "" : out, status }).toEqual({ out: "", status: 0 });
});
