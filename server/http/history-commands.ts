/**
 * What `pulse history` asks. The instance says which org is meant and what it may store; the rest is the org's own
 * actor's to answer. With the server stopped the command has both for itself.
 */
import { type HistoryRetention, RetentionInput, SetRetentionInput } from "../contract/history.ts";
import type { OrgId } from "../contract/ids.ts";
import { DomainError } from "../lib/domain-error.ts";
import type { Calls } from "../runtime/calls.ts";
import type { InstanceVerbs } from "../runtime/instance-verbs.ts";
import type { OrgVerbs } from "../runtime/org-verbs.ts";

export interface Actors {
  instance: Calls<InstanceVerbs>;
  org(orgId: OrgId): Pick<Calls<OrgVerbs>, "history">;
}

/** Verbs of commands that take more than the instance. */
export const ORG_COMMANDS = {
  "historyCommands.show": show,
  "historyCommands.keep": keep,
} as const satisfies Record<string, (actors: Actors, input: unknown) => Promise<unknown>>;

async function show(actors: Actors, asked: unknown): Promise<HistoryRetention> {
  const { named, rest } = apart(asked);
  const input = parse(RetentionInput, rest);
  const { orgId, quotaBytes } = await actors.instance.orgCommands.place(named);
  return actors.org(orgId).history.retention({ input, quotaBytes });
}

async function keep(actors: Actors, asked: unknown): Promise<HistoryRetention> {
  const { named, rest } = apart(asked);
  const input = parse(SetRetentionInput, rest);
  const { orgId, quotaBytes } = await actors.instance.orgCommands.place(named);
  const { history } = actors.org(orgId);
  const details = { ...(await history.setRetention({ input, quotaBytes })) };
  const by = { kind: "command" } as const;
  await actors.instance.audit.note({ by, orgId, action: "history.retention_set", details });
  return history.retention({ input: {}, quotaBytes });
}

function apart(asked: unknown): { named: { org?: string }; rest: object } {
  const { org, ...rest } = (asked ?? {}) as { org?: string };
  return { named: org === undefined ? {} : { org }, rest };
}

interface Form<T> {
  safeParse(
    input: unknown,
  ):
    | { success: true; data: T }
    | { success: false; error: { issues: { path: PropertyKey[]; message: string }[] } };
}

function parse<T>(form: Form<T>, input: unknown): T {
  const parsed = form.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new DomainError("invalid_request", `${String(issue?.path.at(-1) ?? "It")} ${issue?.message}.`);
}
