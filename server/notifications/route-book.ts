/** Who is told of what, as it is set; in memory and on disk. */
import type { Database } from "../../db/driver.ts";
import { routeSettings } from "../../db/org/notifications.ts";
import type { ChannelId } from "../contract/ids.ts";
import type { RouteList, RouteSettings } from "../contract/routes.ts";
import { NO_ROUTES } from "./routing.ts";

export class RouteBook {
  readonly #db: () => Database;
  #list: RouteList = { settings: NO_ROUTES, revision: 0 };

  constructor(db: () => Database) {
    this.#db = db;
    this.load();
  }

  get list(): RouteList {
    return this.#list;
  }

  get settings(): RouteSettings {
    return this.#list.settings;
  }

  /** Inside the caller's transaction; whoever rolls it back has it loaded again. */
  set(settings: RouteSettings): void {
    const revision = this.#list.revision + 1;
    const values = { revision, settings: { ...settings } };
    this.#db()
      .orm.insert(routeSettings)
      .values({ id: 1, ...values })
      .onConflictDoUpdate({ target: routeSettings.id, set: values })
      .run();
    this.#list = { settings, revision };
  }

  load(): void {
    const row = this.#db().orm.select().from(routeSettings).get();
    this.#list = row
      ? { settings: row.settings as unknown as RouteSettings, revision: row.revision }
      : { settings: NO_ROUTES, revision: 0 };
  }
}

/** Without what names this channel; an escalation to nobody goes. The same object: nothing names it. */
export function withoutChannel(settings: RouteSettings, id: ChannelId): RouteSettings {
  if (!JSON.stringify(settings).includes(id)) return settings;
  const { rest, routes } = settings;
  return {
    ...settings,
    routes: routes.map((route) => policyWithout(route, id)),
    rest: policyWithout(rest, id),
  };
}

function policyWithout<Policy extends RouteSettings["rest"]>(policy: Policy, id: ChannelId): Policy {
  const left = (channels: ChannelId[]) => channels.filter((one) => one !== id);
  const { escalate, ...rest } = policy;
  const others = escalate && left(escalate.channels);
  return {
    ...rest,
    channels: policy.channels === "all" ? policy.channels : left(policy.channels),
    ...(escalate && others && others.length > 0 && { escalate: { ...escalate, channels: others } }),
  } as Policy;
}
