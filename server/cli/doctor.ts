import { inspect } from "../tenancy/integrity.ts";
import type { Command } from "./command.ts";

export const doctor: Command = {
  name: "doctor",
  usage: () => ["pulse doctor"],
  summary: "looks for trouble: permissions, disk, clock, schema versions, damage",
  async run({ config, out }) {
    const findings = inspect(config.dataDir, Date.now());
    const ok = findings.every((finding) => finding.ok);
    const width = Math.max(...findings.map(({ subject }) => subject.length)) + 2;
    out.answer(
      { ok, findings },
      findings.map(({ subject, ok, words }) => `${ok ? "ok  " : "BAD "} ${subject.padEnd(width)}${words}`),
    );
    return ok ? 0 : 1;
  },
};
