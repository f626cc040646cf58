/**
 * One container engine behind one socket, and what it said last.
 *
 * A look is one list, then an inspection of each container whose entry in the list says that something happened since
 * it was last inspected, then the figures of those that run. Nothing that makes an engine count bytes on a disk
 * (`size=1`, `/system/df`): on a slow disk that alone kept dockerd busy.
 *
 * Whoever asks waits for a look, but not for long, and not at all for an engine that failed the last time: it gets the
 * last picture. So an engine that hangs delays the report of its machine once, by `WAIT_MS`. A picture is believed for
 * a while, because a slow engine is not a broken one; then its containers are of unknown status until it answers.
 */
import type { ReportedResource } from "../../contract/report.ts";
import type { Facts, Listed } from "./container.ts";
import { readDockerContainer, readDockerList, readImageDigest } from "./docker-answers.ts";
import {
  type ContainerId,
  docker,
  EngineFailure,
  type EngineFailureKind,
  type EngineSocket,
  type ImageId,
  podman,
} from "./engine-socket.ts";
import { Figures, type FiguresOptions } from "./figures.ts";
import { readPodmanContainer, readPodmanList } from "./podman-answers.ts";
import { containerResource, type Failure, shownName, unknownResource } from "./resource.ts";
import { Restarts } from "./restarts.ts";
import { eachOf } from "./side-by-side.ts";

/** Containers of one engine that are reported: those that were made first. */
export const CONTAINER_LIMIT = 1_000;

/** How long a report waits for a look. */
const WAIT_MS = 1_000;
/** How old a picture may be and still be told as it is. */
const BELIEVED_MS = 60_000;

/** Docker's list has one or two kilobytes a container, more with many labels and mounts. */
const LIST_LIMITS = { timeoutMs: 20_000, bytes: 8 * 1_048_576 };
const ONE_LIMITS = { timeoutMs: 5_000, bytes: 1_048_576 };
const PING_LIMITS = { timeoutMs: 5_000, bytes: 4_096 };

/** Inspections of one look, so that a first look at a thousand containers is spread over several. */
const INSPECTIONS_PER_LOOK = 250;
const INSPECTIONS_AT_ONCE = 4;
/** All of them together: one container that Docker cannot get hold of must not cost the picture of the others. */
const INSPECTIONS_WITHIN_MS = 15_000;

/** What the list calls the start and what the inspection does differ by rounding, and by the time between the two. */
const AGE_TOLERANCE_MS = 2_000;

interface Known {
  mark: string;
  facts: Facts | undefined;
  inspectedAt: number;
  lastFailure: Failure | undefined;
}

/** Docker or Podman, found out by its first answer. */
interface Dialect {
  kind: "docker" | "podman";
  /** As people call it: `Docker 28.1.1`. */
  title: string;
  major: number;
}

export interface EngineOptions extends FiguresOptions {
  socket: EngineSocket;
  /** What this engine is called in keys, given its kind and its socket; asked once for each kind. */
  label: (kind: string, file: string) => string;
  now: () => number;
  waitMs?: number;
}

export class Engine {
  private dialect: Dialect | undefined;
  private engine = "";
  private known = new Map<ContainerId, Known>();
  private digests = new Map<ImageId, string | undefined>();
  private readonly restarts = new Restarts();
  private readonly figures: Figures;
  private picture: { at: number; resources: ReportedResource[]; left: number } | undefined;
  private failure: EngineFailureKind | undefined;
  private underWay: Promise<void> | undefined;
  private isPrompt = true;
  private isSpoken = false;
  private readonly waitMs: number;

  constructor(private readonly options: EngineOptions) {
    this.figures = new Figures(options);
    this.waitMs = options.waitMs ?? WAIT_MS;
  }

  get title(): string | undefined {
    return this.dialect?.title;
  }

  /** One plain sentence for whoever keeps the machine. A socket nobody listens on is an engine that is not used. */
  get problem(): string | undefined {
    const name =
      this.dialect?.kind === "podman" || /podman/.test(this.options.socket.file) ? "Podman" : "Docker";
    if (this.failure === undefined) {
      return this.picture?.left ? `${name} has more than ${CONTAINER_LIMIT} containers.` : undefined;
    }
    if (this.failure === "absent") return this.dialect ? `${name} is not running.` : undefined;
    if (this.failure === "denied") {
      const group =
        name === "Docker" ? "add its user to the group docker, or run it as root" : "run it as root";
      return `Pulse may not use ${this.options.socket.file}: ${group}.`;
    }
    if (this.failure === "late") return `${name} does not answer.`;
    if (this.failure === "too_large") return `${name} answers more than can be read.`;
    return `${name} answers what cannot be read.`;
  }

  async collect(): Promise<ReportedResource[]> {
    if (!this.underWay) {
      this.underWay = this.look().finally(() => {
        this.underWay = undefined;
      });
      await within(this.underWay, this.isPrompt ? this.waitMs : 0);
    }
    if (!this.picture) return [];
    const isFresh = this.options.now() - this.picture.at < BELIEVED_MS;
    // One bad answer is no reason to doubt the last good one; an engine that is gone is.
    const isGone = this.failure === "absent" || this.failure === "denied";
    if (isFresh && !isGone) return this.picture.resources;
    const problem = this.problem ?? "The container engine does not answer.";
    return this.picture.resources.map((resource) => unknownResource(resource, problem));
  }

  /** Never rejects: how it failed is `failure`. */
  private async look(): Promise<void> {
    const startMs = performance.now();
    try {
      const dialect = await this.speak();
      const all = await this.list(dialect);
      const listed = firstMade(all);
      this.forget(listed);
      await this.inspect(dialect, listed);
      const resources = await this.describe(listed);
      this.picture = { at: this.options.now(), resources, left: all.length - listed.length };
      this.failure = undefined;
    } catch (error) {
      this.failure = error instanceof EngineFailure ? error.kind : "unreadable";
      // Another engine, or another version of it, may come back.
      this.isSpoken = false;
    }
    this.isPrompt = this.failure === undefined && performance.now() - startMs < this.waitMs;
  }

  private async speak(): Promise<Dialect> {
    if (this.dialect && this.isSpoken) return this.dialect;
    const { socket } = this.options;
    const headers = await socket.headers(PING_LIMITS);
    const dialect = readDialect(headers);
    if (this.dialect?.kind !== dialect.kind) this.engine = this.options.label(dialect.kind, socket.file);
    this.isSpoken = true;
    this.dialect = dialect;
    return dialect;
  }

  private async list({ kind, major }: Dialect): Promise<Listed[]> {
    const { socket } = this.options;
    const answer = await socket.json(kind === "podman" ? podman(major).list : docker.list, LIST_LIMITS);
    if (!Array.isArray(answer)) throw new EngineFailure("unreadable");
    return kind === "podman" ? readPodmanList(answer) : readDockerList(answer);
  }

  private async inspect(dialect: Dialect, listed: Listed[]): Promise<void> {
    const now = this.options.now();
    const changed = listed.filter((entry) => hasChanged(this.known.get(entry.id), entry, now));
    // The longest not looked at first: those that change at every look must not keep the others out.
    const order = changed.sort((one, other) => this.inspectedAt(one) - this.inspectedAt(other));
    const endMs = performance.now() + INSPECTIONS_WITHIN_MS;
    await eachOf(order.slice(0, INSPECTIONS_PER_LOOK), INSPECTIONS_AT_ONCE, async (entry) => {
      if (performance.now() > endMs) return;
      const facts = await this.inspectOne(dialect, entry);
      const before = this.known.get(entry.id);
      this.known.set(entry.id, {
        // One that could not be inspected is tried again at the next look.
        mark: facts ? entry.mark : "",
        facts,
        inspectedAt: now,
        lastFailure: facts?.exitCode ? facts : before?.lastFailure,
      });
    });
  }

  private inspectedAt(entry: Listed): number {
    return this.known.get(entry.id)?.inspectedAt ?? 0;
  }

  /** Undefined for one that has just been removed, or does not answer: the list has said the most important. */
  private async inspectOne({ kind, major }: Dialect, entry: Listed): Promise<Facts | undefined> {
    const { socket } = this.options;
    try {
      if (kind === "podman") {
        return readPodmanContainer(await socket.json(podman(major).container(entry.id), ONE_LIMITS));
      }
      const facts = readDockerContainer(await socket.json(docker.container(entry.id), ONE_LIMITS));
      return { ...facts, imageDigest: await this.digest(entry.imageId) };
    } catch {
      return undefined;
    }
  }

  /** Asked once for each image: an id names its content, so its digest never changes. */
  private async digest(imageId: ImageId | undefined): Promise<string | undefined> {
    if (imageId === undefined) return undefined;
    if (!this.digests.has(imageId)) {
      this.digests.set(imageId, undefined);
      try {
        const image = await this.options.socket.json(docker.image(imageId), ONE_LIMITS);
        this.digests.set(imageId, readImageDigest(image));
      } catch {
        // A container without its image's digest is still a container.
      }
    }
    return this.digests.get(imageId);
  }

  private async describe(listed: Listed[]): Promise<ReportedResource[]> {
    const now = this.options.now();
    const looping = this.restarts.observe(this.runs(listed), now);
    const running = listed.flatMap((entry) => {
      const facts = this.known.get(entry.id)?.facts;
      return entry.state === "running" || entry.state === "paused" ? [{ listed: entry, facts }] : [];
    });
    const metrics = await this.figures.read(running);
    const resources = new Map<string, ReportedResource>();
    for (const entry of listed) {
      const known = this.known.get(entry.id);
      const resource = containerResource({
        engine: this.engine,
        listed: entry,
        facts: known?.facts,
        lastFailure: known?.lastFailure,
        isLooping: looping.has(shownName(entry)),
        metrics: metrics.get(entry.id) ?? {},
      });
      if (!resources.has(resource.key)) resources.set(resource.key, resource);
    }
    return [...resources.values()];
  }

  private runs(listed: Listed[]) {
    const runs = listed.flatMap((entry) => {
      const facts = this.known.get(entry.id)?.facts;
      return facts ? [[shownName(entry), { ...facts, id: entry.id, state: entry.state }] as const] : [];
    });
    return new Map(runs);
  }

  private forget(listed: Listed[]): void {
    const ids = new Set(listed.map(({ id }) => id));
    const images = new Set(listed.map(({ imageId }) => imageId));
    for (const id of this.known.keys()) if (!ids.has(id)) this.known.delete(id);
    for (const id of this.digests.keys()) if (!images.has(id)) this.digests.delete(id);
  }
}

/** Pure. */
export function hasChanged(
  known: Pick<Known, "mark" | "facts"> | undefined,
  listed: Listed,
  nowMs: number,
): boolean {
  if (!known || known.mark !== listed.mark) return true;
  if (listed.stateAgeAtMostMs === undefined) return false;
  const isRunning = listed.state === "running" || listed.state === "paused";
  const since = isRunning ? known.facts?.startedAt : known.facts?.finishedAt;
  return since !== undefined && nowMs - since > listed.stateAgeAtMostMs + AGE_TOLERANCE_MS;
}

function firstMade(listed: Listed[]): Listed[] {
  if (listed.length <= CONTAINER_LIMIT) return listed;
  const order = [...listed].sort((one, other) => (one.createdAt ?? 0) - (other.createdAt ?? 0));
  return order.slice(0, CONTAINER_LIMIT);
}

function readDialect(headers: Headers): Dialect {
  const libpod = /^(\d{1,3})\.[\w.-]{1,30}$/.exec(headers.get("libpod-api-version") ?? "");
  if (libpod) return { kind: "podman", title: `Podman ${libpod[0]}`, major: Number(libpod[1]) };
  const version = /^Docker\/([\w.+-]{1,40})/.exec(headers.get("server") ?? "")?.[1];
  return { kind: "docker", title: version === undefined ? "Docker" : `Docker ${version}`, major: 0 };
}

async function within(promise: Promise<void>, timeoutMs: number): Promise<void> {
  let timer: Timer | undefined;
  const end = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([promise, end]);
  clearTimeout(timer);
}
