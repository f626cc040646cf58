import { fieldsOf, momentOf, numberOf, positiveOf, textOf } from "./answer-fields.ts";
import type { ContainerId, ImageId } from "./engine-socket.ts";

/** Containers of one machine that are reported: those that were made first. */
export const CONTAINER_LIMIT = 1_000;

/** What a list says of a container, of Docker and Podman alike. */
export interface Listed {
  id: ContainerId;
  /** Undefined when the engine's answer is no name an engine would give. */
  name: string | undefined;
  state: string;
  health: string | undefined;
  exitCode: number | undefined;
  image: string | undefined;
  imageId: ImageId | undefined;
  createdAt: number | undefined;
  ports: string[];
  networkMode: string | undefined;
  labels: Readonly<Record<string, string>>;
  /** Differs when the container has to be looked at again. */
  mark: string;
  /** Docker's list has no moments, only ages in words: how long the state has lasted at most. */
  stateAgeAtMostMs?: number;
}

/** What only a look at the one container says. */
export interface Facts {
  startedAt: number | undefined;
  finishedAt: number | undefined;
  exitCode: number | undefined;
  isOomKilled: boolean;
  /** Why it could not be started, in the engine's words. */
  error: string | undefined;
  pid: number | undefined;
  restartCount: number | undefined;
  restartPolicy: string | undefined;
  cpuLimit: number | undefined;
  networkMode: string | undefined;
  imageDigest: string | undefined;
}

/** Names both engines allow; anything else is not shown. */
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,199}$/;

/** Docker lists links to a container as further names, `/other/alias`. */
export function findName(names: unknown[]): string | undefined {
  for (const name of names) {
    const bare = typeof name === "string" ? name.replace(/^\//, "") : "";
    if (NAME.test(bare)) return bare;
  }
  return undefined;
}

const PODMAN_STATES: Readonly<Record<string, string>> = {
  // Ended, and not tidied up yet.
  stopped: "exited",
  configured: "created",
  initialized: "created",
};

/** The words of Docker where Podman has others for the same. */
export function stateOf(word: string | undefined): string {
  const state = word?.toLowerCase() ?? "unknown";
  return PODMAN_STATES[state] ?? (/^[a-z]{1,20}$/.test(state) ? state : "unknown");
}

const HEALTH = new Set(["healthy", "unhealthy", "starting"]);

export function healthOf(word: string | undefined): string | undefined {
  return word !== undefined && HEALTH.has(word) ? word : undefined;
}

/** What both engines say in the same words when they are asked of one container. */
export function inspectionOf(answer: unknown): Omit<Facts, "imageDigest"> {
  const held = fieldsOf(answer);
  const state = fieldsOf(held.State);
  const config = fieldsOf(held.HostConfig);
  return {
    startedAt: momentOf(state.StartedAt),
    finishedAt: momentOf(state.FinishedAt),
    exitCode: numberOf(state.ExitCode),
    isOomKilled: state.OOMKilled === true,
    error: textOf(state.Error),
    pid: positiveOf(state.Pid),
    restartCount: numberOf(held.RestartCount),
    restartPolicy: textOf(fieldsOf(config.RestartPolicy).Name),
    cpuLimit: cpuLimitOf(
      positiveOf(config.NanoCpus),
      positiveOf(config.CpuQuota),
      positiveOf(config.CpuPeriod),
    ),
    networkMode: textOf(config.NetworkMode),
  };
}

/** Cores' worth of time a container may use. */
function cpuLimitOf(nanoCpus: number | undefined, quota: number | undefined, period: number | undefined) {
  if (nanoCpus !== undefined) return nanoCpus / 1e9;
  // The kernel's period when none was chosen.
  return quota === undefined ? undefined : quota / (period ?? 100_000);
}

/** Labels of one container that are looked at, and how much of one. */
const LABEL_LENGTH = 200;
const LABELS = [
  "com.docker.compose.project",
  "com.docker.compose.service",
  "io.podman.compose.project",
  "com.docker.stack.namespace",
  "com.docker.swarm.service.name",
  "org.opencontainers.image.version",
] as const;

/** Labels may hold anything, secrets too: of all others nothing is kept. */
export function labelsOf(value: unknown): Record<string, string> {
  const held = fieldsOf(value);
  const labels: Record<string, string> = {};
  for (const label of LABELS) {
    const text = held[label];
    if (typeof text === "string" && text !== "") labels[label] = text.slice(0, LABEL_LENGTH);
  }
  return labels;
}
