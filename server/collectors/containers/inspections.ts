import type { Facts, Listed } from "./container.ts";
import { readDockerContainer, readImageDigest } from "./docker-answers.ts";
import { type ContainerId, docker, type EngineSocket, type ImageId, podman } from "./engine-socket.ts";
import { readPodmanContainer } from "./podman-answers.ts";
import type { Failure } from "./resource.ts";
import { eachOf } from "./side-by-side.ts";

const LIMITS = { timeoutMs: 5_000, bytes: 1_048_576 };

/** Inspections of one look, so that a first look at a thousand containers is spread over several. */
const PER_LOOK = 250;
const AT_ONCE = 4;
/** All of them together: one container that Docker cannot get hold of must not cost the picture of the others. */
const WITHIN_MS = 15_000;

/** What the list says of an age and what the inspection does differ by rounding, and by the time between the two. */
const AGE_TOLERANCE_MS = 2_000;

export interface Inspected {
  mark: string;
  /** Undefined for one that has just been removed, or that the engine cannot get hold of. */
  facts: Facts | undefined;
  at: number;
  lastFailure: Failure | undefined;
}

/** Docker or Podman; `major` is the release whose API is spoken, which only Podman cares about. */
export interface Dialect {
  kind: "docker" | "podman";
  major: number;
}

/** What is known of each container beyond the list, asked for again only when the list says that something happened. */
export class Inspections {
  private inspected = new Map<ContainerId, Inspected>();
  private readonly digests = new Map<ImageId, string | undefined>();

  constructor(private readonly socket: EngineSocket) {}

  of(id: ContainerId): Inspected | undefined {
    return this.inspected.get(id);
  }

  /** `listed` are all there are: every other one is forgotten. */
  async refresh(dialect: Dialect, listed: readonly Listed[], now: number): Promise<void> {
    this.forget(listed);
    const changed = listed.filter((entry) => hasChanged(this.inspected.get(entry.id), entry, now));
    // The longest not looked at first: those that change at every look must not keep the others out.
    const order = changed.sort((one, other) => this.inspectedAt(one) - this.inspectedAt(other));
    const endMs = performance.now() + WITHIN_MS;
    await eachOf(order.slice(0, PER_LOOK), AT_ONCE, async (entry) => {
      if (performance.now() > endMs) return;
      const facts = await this.inspect(dialect, entry);
      const before = this.inspected.get(entry.id);
      this.inspected.set(entry.id, {
        // One that could not be inspected is tried again at the next look.
        mark: facts ? entry.mark : "",
        facts,
        at: now,
        lastFailure: failureOf(entry, facts) ?? before?.lastFailure,
      });
    });
  }

  private inspectedAt(entry: Listed): number {
    return this.inspected.get(entry.id)?.at ?? 0;
  }

  private async inspect({ kind, major }: Dialect, entry: Listed): Promise<Facts | undefined> {
    try {
      if (kind === "podman") {
        return readPodmanContainer(await this.socket.json(podman(major).container(entry.id), LIMITS));
      }
      const facts = readDockerContainer(await this.socket.json(docker.container(entry.id), LIMITS));
      return { ...facts, imageDigest: await this.digest(entry.imageId) };
    } catch {
      // The list has said the most important.
      return undefined;
    }
  }

  /** Asked once for each image: an id names its content. */
  private async digest(imageId: ImageId | undefined): Promise<string | undefined> {
    if (imageId === undefined) return undefined;
    if (!this.digests.has(imageId)) {
      this.digests.set(imageId, undefined);
      try {
        this.digests.set(imageId, readImageDigest(await this.socket.json(docker.image(imageId), LIMITS)));
      } catch {
        // A container without its image's digest is still a container.
      }
    }
    return this.digests.get(imageId);
  }

  private forget(listed: readonly Listed[]): void {
    const ids = new Set(listed.map(({ id }) => id));
    const images = new Set(listed.map(({ imageId }) => imageId));
    for (const id of this.inspected.keys()) if (!ids.has(id)) this.inspected.delete(id);
    for (const id of this.digests.keys()) if (!images.has(id)) this.digests.delete(id);
  }
}

/** Between list and inspection the container may have been started again: then the list has the exit code. */
function failureOf(listed: Listed, facts: Facts | undefined): Failure | undefined {
  const exitCode = listed.exitCode || facts?.exitCode;
  return exitCode ? { exitCode, isOomKilled: facts?.isOomKilled ?? false } : undefined;
}

/** Pure. A restart between two lists leaves the state as it was, and shows in its age only. */
export function hasChanged(
  inspected: Pick<Inspected, "mark" | "facts"> | undefined,
  listed: Pick<Listed, "mark" | "state" | "stateAgeAtMostMs">,
  now: number,
): boolean {
  if (!inspected || inspected.mark !== listed.mark) return true;
  if (listed.stateAgeAtMostMs === undefined) return false;
  const isRunning = listed.state === "running" || listed.state === "paused";
  const since = isRunning ? inspected.facts?.startedAt : inspected.facts?.finishedAt;
  return since !== undefined && now - since > listed.stateAgeAtMostMs + AGE_TOLERANCE_MS;
}
