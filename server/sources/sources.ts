/** What people do with sources: input judged, written, answered. */
import type { SourceId } from "../contract/ids.ts";
import { SourceId as SourceIdForm } from "../contract/ids.ts";
import type { Resource } from "../contract/resource.ts";
import { SourceForms } from "../contract/source-forms.ts";
import {
  CHECK_TYPES,
  type CreateSourceInput,
  SOURCE_LIMITS,
  type Source,
  type SourceType,
  type UpdateSourceInput,
} from "../contract/sources.ts";
import { DomainError } from "../lib/domain-error.ts";
import { mintId } from "../lib/random-id.ts";
import type { Secrets } from "../lib/sealed-secrets.ts";
import type { SourceBook, StoredSource } from "./source-book.ts";

export interface WithSources {
  sources: SourceBook;
  inventory: {
    idsFrom(source: string): Resource["id"][];
    find(source: string, key: string): Resource["id"] | undefined;
    get(id: Resource["id"]): Resource | undefined;
  };
  clock: () => number;
}

export function list(org: WithSources): { sources: Omit<Source, "heartbeatUrl">[] } {
  const sources = [...org.sources.all()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return { sources: sources.map((source) => shown(org, source)) };
}

export function create(
  org: WithSources,
  { input, limit }: { input: CreateSourceInput; limit: number },
): { source: Omit<Source, "heartbeatUrl"> } {
  if (org.sources.size >= limit) {
    throw new DomainError(
      "limit_reached",
      `${org.sources.size} of at most ${limit} sources are there. Remove one that is not needed any more.`,
    );
  }
  const { type, name, intervalMs, enabled = true } = input;
  const now = org.clock();
  const { config, secrets } = judged(type, input.config, given(input.secrets));
  const source: StoredSource = {
    id: SourceIdForm.parse(mintId("p")),
    type,
    name,
    config,
    secretsSet: Object.keys(secrets),
    intervalMs: intervalMs ?? SOURCE_LIMITS.defaultIntervalMs,
    enabled,
    agentId: agentOf(type, input.from, secrets),
    createdAt: now,
    updatedAt: now,
    lastBeatAt: undefined,
  };
  org.sources.put(source, secrets);
  return { source: shown(org, source) };
}

export function update(
  org: WithSources,
  { input }: { input: UpdateSourceInput },
): { source: Omit<Source, "heartbeatUrl"> } {
  const known = getSource(org, input.id);
  const { name, intervalMs, enabled, from } = input;
  const { config, secrets } = joined(org, known, input);
  const next: StoredSource = {
    ...known,
    ...(name !== undefined && { name }),
    ...(intervalMs !== undefined && { intervalMs }),
    ...(enabled !== undefined && { enabled }),
    config,
    secretsSet: Object.keys(secrets),
    agentId: from === undefined ? known.agentId : agentOf(known.type, from, secrets),
    updatedAt: org.clock(),
  };
  if (next.agentId) agentOf(next.type, next.agentId, secrets);
  org.sources.put(next, input.secrets || input.config ? secrets : undefined);
  return { source: shown(org, next) };
}

export function remove(org: WithSources, { id }: { id: SourceId }): { name: string; type: SourceType } {
  const { name, type } = getSource(org, id);
  org.sources.remove(id);
  return { name, type };
}

/** Config and secrets as they would be after this update, or for a try. */
export function joined(
  org: WithSources,
  known: StoredSource,
  {
    config = known.config,
    secrets,
  }: { config?: Record<string, unknown> | undefined; secrets?: Secrets | undefined },
): { config: Record<string, unknown>; secrets: Secrets } {
  const moves = addressOf(config) !== addressOf(known.config);
  const kept = known.secretsSet.length > 0 ? org.sources.secretsOf(known.id) : {};
  const again = known.secretsSet.filter((name) => secrets?.[name] === undefined);
  /* Else somebody who may not see a credential could have it sent to a server of their own. */
  if (moves && again.length > 0) {
    throw new DomainError("invalid_request", "The address has changed: enter the credentials again.", {
      fields: Object.fromEntries(again.map((name) => [`secrets.${name}`, "must be entered again"])),
    });
  }
  return judged(known.type, config, given(moves ? secrets : { ...kept, ...secrets }));
}

/** In the form of its type, or refused with what would be right. */
export function judged(
  type: SourceType,
  config: Record<string, unknown>,
  secrets: Secrets,
): { config: Record<string, unknown>; secrets: Secrets } {
  const form = SourceForms[type];
  const parsedConfig = form.config.safeParse(config);
  const parsedSecrets = form.secrets.safeParse(secrets);
  const fields = {
    ...faults("config", parsedConfig.error?.issues ?? []),
    ...faults("secrets", parsedSecrets.error?.issues ?? []),
  };
  if (!parsedConfig.success || !parsedSecrets.success) {
    const [where = "config", what = "is not valid"] = Object.entries(fields)[0] ?? [];
    throw new DomainError("invalid_request", `${where.split(".").at(-1)} ${what}.`, { fields });
  }
  return {
    config: parsedConfig.data as Record<string, unknown>,
    secrets: parsedSecrets.data as Secrets,
  };
}

export function getSource(org: WithSources, id: SourceId): StoredSource {
  const source = org.sources.get(id);
  if (!source) throw new DomainError("not_found", "There is no such source.");
  return source;
}

/** Under this name what it finds is reported. */
export function reporterOf({ id, agentId }: Pick<StoredSource, "id" | "agentId">): string {
  return agentId ? `agent:${agentId}` : `source:${id}`;
}

/** What a check is called by whoever makes it. */
export function checkKeyOf(id: SourceId): string {
  return `check/${id}`;
}

export function isCheck(type: SourceType): boolean {
  return (CHECK_TYPES as readonly SourceType[]).includes(type);
}

function shown(org: WithSources, source: StoredSource): Omit<Source, "heartbeatUrl"> {
  const { agentId, lastBeatAt: _, ...rest } = source;
  /* Of an agent's many resources one is this check. */
  const check = isCheck(source.type) && org.inventory.find(reporterOf(source), checkKeyOf(source.id));
  const ids = check ? [check] : org.inventory.idsFrom(`source:${source.id}`);
  const resources = ids.flatMap((id) => org.inventory.get(id) ?? []);
  const first = resources.find(({ parentId }) => !parentId);
  return {
    ...rest,
    from: agentId ?? "server",
    ...(first && { resourceId: first.id }),
    resources: resources.length,
    state: org.sources.stateOf(source),
  };
}

function agentOf(
  type: SourceType,
  from: CreateSourceInput["from"],
  secrets: Secrets,
): StoredSource["agentId"] {
  if (from === undefined || from === "server") return undefined;
  const wrong = !isCheck(type)
    ? "can only make checks"
    : type === "heartbeat"
      ? "cannot hear heartbeats: they are sent to this server"
      : Object.keys(secrets).length > 0
        ? "is not given credentials: have this server make the check"
        : undefined;
  if (wrong) throw new DomainError("invalid_request", `An agent ${wrong}.`, { fields: { from: wrong } });
  return from;
}

function given(secrets: Secrets | undefined): Secrets {
  const named = Object.entries(secrets ?? {}).filter(([, value]) => value !== null && value !== "");
  return Object.fromEntries(named);
}

/** Where its credentials are sent to. */
function addressOf(config: Record<string, unknown>): string {
  const { url, host, port } = config;
  const place = typeof url === "string" && URL.canParse(url) ? new URL(url).origin : url;
  return JSON.stringify([place ?? null, host ?? null, port ?? null]);
}

function faults(
  where: string,
  issues: readonly { path: PropertyKey[]; message: string }[],
): Record<string, string> {
  const named = issues
    .slice(0, 10)
    .map(({ path, message }) => [[where, ...path.map(String)].join("."), message]);
  return Object.fromEntries(named) as Record<string, string>;
}
