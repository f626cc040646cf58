/**
 * After a start nothing is open. An org whose sources are to be asked is woken by being asked for, a few
 * at a time; all others sleep until somebody comes. The same when orgs are let in again.
 */
import type { DirectoryChange, OrgEntry } from "../contract/directory.ts";
import { DEFAULT_ORG, type OrgId } from "../contract/ids.ts";
import type { Shards } from "./shards.ts";

const AT_ONCE = 4;
const EVERY_MS = 50;

const WHAT_WAKES = new Set<DirectoryChange["kind"]>(["org", "license", "multi_tenant_switch"]);

interface WakingSurroundings {
  shards: Pick<Shards, "org">;
  directory: {
    orgs(): Iterable<OrgEntry>;
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

  #schedule(): void {
    if (this.#stopped) return;
    this.#timer ??= setTimeout(() => void this.#wakeSome(), EVERY_MS);
  }

  async #wakeSome(): Promise<void> {
    const asleep = this.#asleep();
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
    if (asleep.length > AT_ONCE) this.#schedule();
  }

  #asleep(): OrgId[] {
    const { directory, features } = this.#around;
    const isOn = features.multiTenant && features.multiTenantLicensed;
    const asleep: OrgId[] = [];
    for (const { id, polled, state } of directory.orgs()) {
      const mayRun = state === "active" && (isOn || id === DEFAULT_ORG);
      if (!mayRun) this.#awake.delete(id);
      else if (polled && !this.#awake.has(id)) asleep.push(id);
    }
    return asleep;
  }
}
