import type { ReportedResource } from "../../contract/report.ts";
import type { Metrics } from "../../contract/resource.ts";
import { clip, known, knownAttributes, resourceKey } from "../host/figures.ts";
import type { Facts, Listed } from "./container.ts";
import { judge } from "./verdict.ts";

const SHORT_ID = 12;
const PORT_LIMIT = 32;

/** The name, not the id: compose makes a container anew at every change, and its history goes on. */
export function shownName(listed: Listed): string {
  return listed.name ?? listed.id.slice(0, SHORT_ID);
}

export interface Shown {
  /** `docker`, `podman`, `podman-1000`: which engine of this machine. */
  engine: string;
  listed: Listed;
  /** Undefined until the container was looked at. */
  facts: Facts | undefined;
  isLooping: boolean;
  /** How it ended when it last failed: what a loop is about, also while it runs. */
  lastFailure: Failure | undefined;
  metrics: Metrics;
}

export type Failure = Pick<Facts, "exitCode" | "isOomKilled">;

/** Attributes are what hardly changes: a new value costs a write to disk. */
export function containerResource({
  engine,
  listed,
  facts,
  isLooping,
  lastFailure,
  metrics,
}: Shown): ReportedResource {
  const { state, health, labels } = listed;
  const hasEnded = state === "exited" || state === "dead" || state === "restarting";
  const exitCode = hasEnded ? (listed.exitCode ?? facts?.exitCode) : undefined;
  const verdict = judge({
    state,
    health,
    exitCode: isLooping ? lastFailure?.exitCode : exitCode,
    isOomKilled: (isLooping ? lastFailure : facts)?.isOomKilled ?? false,
    error: facts?.error,
    isLooping,
  });
  return {
    kind: "container",
    key: resourceKey("container", engine, shownName(listed)),
    parent: "host",
    name: shownName(listed),
    status: verdict.status,
    attributes: knownAttributes({
      engine,
      container_id: listed.id.slice(0, SHORT_ID),
      // In a loop these change from one look to the next, and say nothing.
      state: isLooping ? undefined : state,
      started_at: isLooping ? undefined : facts?.startedAt,
      finished_at: hasEnded && !isLooping ? facts?.finishedAt : undefined,
      exit_code: isLooping ? undefined : exitCode,
      health: state === "running" ? health : undefined,
      problem: verdict.problem,
      ended: verdict.ended,
      finished: verdict.ended === "finished" || undefined,
      oom_killed: (hasEnded && facts?.isOomKilled) || undefined,
      restart_policy: facts?.restartPolicy,
      image: listed.image === undefined ? undefined : clip(listed.image),
      image_version: clipped(labels["org.opencontainers.image.version"]),
      image_digest: facts?.imageDigest,
      cpu_limit: facts?.cpuLimit,
      compose_project: clipped(labels["com.docker.compose.project"] ?? labels["io.podman.compose.project"]),
      compose_service: clipped(labels["com.docker.compose.service"]),
      swarm_stack: clipped(labels["com.docker.stack.namespace"]),
      swarm_service: clipped(labels["com.docker.swarm.service.name"]),
      ports: listed.ports.length > 0 ? [...new Set(listed.ports)].sort().slice(0, PORT_LIMIT) : undefined,
      created_at: listed.createdAt,
    }),
    metrics: { ...metrics, ...known({ restart_count: facts?.restartCount }) },
  };
}

/** What is left of a container while its engine does not answer: that it was there. */
export function unknownResource(resource: ReportedResource, problem: string): ReportedResource {
  const { state: _, health: __, ended: ___, finished: ____, ...attributes } = resource.attributes;
  return { ...resource, status: "unknown", attributes: { ...attributes, problem }, metrics: {} };
}

function clipped(text: string | undefined): string | undefined {
  return text === undefined ? undefined : clip(text);
}
