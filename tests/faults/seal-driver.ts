/** Puts the history of a file in order and ends; killed by tests in the middle of it. */
import { HistoryStore } from "../../server/history/store.ts";
import { Upkeep } from "../../server/history/upkeep.ts";
import { loadMigrations } from "../../server/tenancy/migrate.ts";
import { openMigrated } from "../../server/tenancy/open.ts";

process.umask(0o077);
const [path = "", now = "0"] = process.argv.slice(2);
const db = openMigrated(path, "existing", loadMigrations("org"));
const history = new HistoryStore(() => db);
const upkeep = new Upkeep({
  db: () => db,
  history,
  clock: () => Number(now),
  onFailure: (error) => {
    throw error;
  },
});
upkeep.finish();
upkeep.stop();
db.close();
console.log("done");
