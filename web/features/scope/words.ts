/** Whom something is for, as it is said. */
import type { SilenceScope } from "../../../server/contract/alerts.ts";
import { plural } from "../../ui/format.ts";
import { KINDS } from "../resource/kinds.ts";

interface Names {
  /** Undefined: it is not there any more. */
  resource: (id: string) => string | undefined;
  rule: (name: string) => string | undefined;
}

/** "filesystems and disks of nas or attic, tagged db, by the rule Room on a filesystem"; nothing named: "everything" */
export function scopeWords({ kinds, resourceIds, tags, rules }: SilenceScope, names: Names): string {
  const what =
    kinds &&
    listed(
      kinds.map((kind) => KINDS[kind].many.replace(/^[A-Z](?![A-Z])/, lower)),
      "and",
    );
  const whose =
    resourceIds &&
    listed(
      resourceIds.map((id) => names.resource(id) ?? "something that is gone"),
      "or",
    );
  const parts = [
    what && whose ? `${what} of ${whose}` : (what ?? whose),
    tags && `${what || whose ? "" : "what is "}tagged ${listed(tags, "or")}`,
    rules &&
      `by the rule ${listed(
        rules.map((rule) => names.rule(rule) ?? rule),
        "or",
      )}`,
  ].filter(Boolean);
  if (parts.length === 0) return "everything";
  return rules && parts.length === 1 ? `whatever is told ${parts[0]}` : parts.join(", ");
}

export interface Covered {
  machines: number;
  others: number;
  /** Open ones. */
  alerts: number;
}

/** "Covers 2 machines and 31 other things, 3 open alerts now." */
export function coveredWords({ machines, others, alerts }: Covered): string {
  if (machines + others === 0) return "Covers nothing that is there now.";
  const things = [
    machines > 0 && plural(machines, "machine"),
    others > 0 && plural(others, machines > 0 ? "other thing" : "thing"),
  ].filter((part) => part !== false);
  return `Covers ${listed(things, "and")}, ${alerts === 0 ? "no open alert" : plural(alerts, "open alert")} now.`;
}

function lower(letter: string): string {
  return letter.toLowerCase();
}

/** "a, b and c" */
export function listed(words: readonly string[], last: "and" | "or"): string {
  if (words.length < 2) return words[0] ?? "";
  return `${words.slice(0, -1).join(", ")} ${last} ${words.at(-1)}`;
}
