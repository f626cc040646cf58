/**
 * After a start nothing is open. An org whose sources are to be asked, or that has channels, is woken by
 * being asked for, a few at a time, and then one that has agents: should none of them report any more,
 * nothing else would open it, and nobody would know. It stays open until it rests, which is when all its
 * machines have been judged. All others sleep until somebody comes. The same when orgs are let in again.
 */
import type { DirectoryChange, OrgEntry } from "../contract/directory.ts";
import { DEFAULT_ORG, type OrgId } from "../contract/ids.ts";
import type { Shards } from "./shards.ts";

const AT_ONCE = 4;
const EVERY_MS = 50;
/** Most of those with agents are opened by a report before it is their turn; the others have minutes. */
const WITH_AGENTS_EVERY_MS = 200;

const WHAT_WAKES = new Set<DirectoryChange["kind"]>(["org", "license", "multi_tenant_switch"]);

interface WakingSurroundings {
  shards: Pick<Shards, "org">;
  directory: {
    orgs(): Iterable<OrgEntry>;
    agentCount(orgId: OrgId): number;
    onChange(listener: (changes: readonly DirectoryChange[]) => void): void;
  };
  features: { readonly multiTenant: boolean; readonly multiTenantLicensed: boolean };
}

export class Waking {
  readonly #around: WakingSurroundings;
  readonly #awake = new Set<OrgId>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  constructor(around: WakingSurroundings) {
    this.#around = around;
    around.directory.onChange((changes) => {
      for (const change of changes) this.#forgetStopped(change);
      if (changes.some(({ kind }) => WHAT_WAKES.has(kind))) this.#schedule();
    });
  }

  begin(): void {
    this.#schedule();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** What was stopped has to be woken again, however soon it is let in. */
  #forgetStopped(change: DirectoryChange): void {
    if (change.kind === "org" && change.org.state !== "active") this.#awake.delete(change.org.id);
    else if (change.kind === "multi_tenant_switch" || change.kind === "license") this.#awake.clear();
  }

  #schedule(withinMs = EVERY_MS): void {
    if (this.#stopped) return;
    this.#timer ??= setTimeout(() => void this.#wakeSome(), withinMs);
  }

  async #wakeSome(): Promise<void> {
    const { polled, reporting } = this.#asleep();
    const asleep = [...polled, ...reporting];
    await Promise.all(
      asleep.slice(0, AT_ONCE).map((orgId) => {
        this.#awake.add(orgId);
        /* One that cannot be opened says so to whoever asks for it. */
        return this.#around.shards
          .org(orgId)
          .health.wake()
          .catch(() => {});
      }),
    );
    this.#timer = undefined;
    if (asleep.length > AT_ONCE) this.#schedule(polled.length > AT_ONCE ? EVERY_MS : WITH_AGENTS_EVERY_MS);
  }

  #asleep(): Record<"polled" | "reporting", OrgId[]> {
    const { directory, features } = this.#around;
    const isOn = features.multiTenant && features.multiTenantLicensed;
    const asleep: Record<"polled" | "reporting", OrgId[]> = { polled: [], reporting: [] };
    for (const { id, polled, state } of directory.orgs()) {
      const mayRun = state === "active" && (isOn || id === DEFAULT_ORG);
      if (!mayRun) this.#awake.delete(id);
      else if (this.#awake.has(id)) continue;
      else if (polled) asleep.polled.push(id);
      else if (directory.agentCount(id) > 0) asleep.reporting.push(id);
    }
    return asleep;
  }
}
