import { buildInfo } from "../lib/build-info.ts";
import { storageVersion } from "../tenancy/storage.ts";
import type { Command } from "./command.ts";

export const version: Command = {
  name: "version",
  usage: () => ["pulse version"],
  summary: "version, commit, runtime, SQLite version",
  async run({ out }) {
    const build = { ...buildInfo(), sqlite: storageVersion() };
    out.answer(build, [`pulse ${build.version} (${build.commit})`, build.runtime, `SQLite ${build.sqlite}`]);
    return 0;
  },
};
