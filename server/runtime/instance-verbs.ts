import * as accounts from "../people/accounts.ts";
import * as storedSessions from "../people/stored-sessions.ts";
import { directory, facts, setupLink } from "./instance-runtime.ts";

/** Everything that can be asked of the instance. The edge's calls are typed from this. */
export const instanceVerbs = {
  people: {
    setup: accounts.setup,
    verify: accounts.verify,
    changePassword: accounts.changePassword,
    list: accounts.list,
    create: accounts.create,
    resetPassword: accounts.resetPassword,
    disable: accounts.disable,
  },
  sessions: { store: storedSessions.store, extend: storedSessions.extend, end: storedSessions.end },
  system: { directory, setupLink, facts },
};

export type InstanceVerbs = typeof instanceVerbs;
