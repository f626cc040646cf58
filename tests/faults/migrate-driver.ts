/** Brings a file to the newest of a few schemas and ends; killed by tests in the middle of it. */
import { schemaVersion } from "../../server/tenancy/migrate.ts";
import { openMigrated } from "../../server/tenancy/open.ts";
import { MIGRATIONS } from "./migrations.ts";

process.umask(0o077);
const db = openMigrated(process.argv[2] ?? "", "create", MIGRATIONS);
console.log(schemaVersion(db));
db.close();
