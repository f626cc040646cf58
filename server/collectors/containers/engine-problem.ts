import { CONTAINER_LIMIT } from "./container.ts";
import type { EngineFailureKind } from "./engine-socket.ts";

export interface EngineCondition {
  kind: "docker" | "podman" | undefined;
  socket: string;
  failure: EngineFailureKind | undefined;
  /** Containers beyond the limit. */
  left: number;
}

/** One plain sentence for whoever keeps the machine. A socket nobody listens on is an engine that is not used. */
export function engineProblem({ kind, socket, failure, left }: EngineCondition): string | undefined {
  const name = kind === "podman" || /podman/.test(socket) ? "Podman" : "Docker";
  switch (failure) {
    case undefined:
      return left > 0 ? `${name} has more than ${CONTAINER_LIMIT} containers.` : undefined;
    case "absent":
      return kind === undefined ? undefined : `${name} is not running.`;
    case "denied":
      return name === "Docker"
        ? `Pulse may not use ${socket}: add its user to the group docker, or run it as root.`
        : `Pulse may not use ${socket}: run it as root.`;
    case "late":
      return `${name} does not answer.`;
    case "too_large":
      return `${name} answers more than can be read.`;
    default:
      return `${name} answers what cannot be read.`;
  }
}
