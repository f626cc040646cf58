/** Answers ranges of a file over HTTP as JSON, in a process of its own so that its memory can be read. */
import { ResourceId } from "../server/contract/ids.ts";
import type { Resource } from "../server/contract/resource.ts";
import { range } from "../server/history/range.ts";
import { HistoryStore } from "../server/history/store.ts";
import { Limiter } from "../server/lib/limiter.ts";
import { loadMigrations } from "../server/tenancy/migrate.ts";
import { openMigrated } from "../server/tenancy/open.ts";
import { EVERY_MS } from "./history-data.ts";

const [path = "", port = "0"] = process.argv.slice(2);
const db = openMigrated(path, "existing", loadMigrations("org"));
const org = {
  history: new HistoryStore(() => db),
  historyReads: new Limiter({ atOnce: 2, maxWaiting: 200, refusal: "busy" }),
  inventory: {
    get: (id: ResourceId) => ({ id }) as Resource,
    /* Each machine is a source of its own, under the same id. */
    viewsOf: (id: ResourceId) => [{ id, source: id }],
  },
  intervalOf: () => EVERY_MS,
  isClosed: false,
};

Bun.serve({
  port: Number(port),
  hostname: "127.0.0.1",
  async fetch(request) {
    const asked = new URL(request.url).searchParams;
    const number = (name: string) => Number(asked.get(name));
    if (new URL(request.url).pathname !== "/") return new Response();
    return Response.json(
      await range(org, {
        resourceId: ResourceId.parse(asked.get("id")),
        metrics: [asked.get("metric") ?? ""],
        from: number("from"),
        to: number("to"),
        maxPoints: number("points"),
      }),
    );
  },
});
