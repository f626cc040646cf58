import { limitOf } from "./limits.ts";

/** What the edge knows of an org and its actor does not. */
export interface OrgOutside {
  /** What links to its pages begin with; undefined: the server does not know its own address. */
  home: string | undefined;
  notificationsPerHour: number;
}

/** Until the edge has said otherwise. */
export const NOTHING_OUTSIDE: OrgOutside = {
  home: undefined,
  notificationsPerHour: limitOf(undefined, "notificationsPerHour"),
};
