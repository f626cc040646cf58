/**
 * What Podman's own API (libpod) answers. Its imitation of Docker's says less: its list knows no health and no exit
 * code, has no moments, and takes half as long again.
 */
import { fieldsOf, listOf, momentOf, numberOf, positiveOf, textOf } from "./answer-fields.ts";
import { type Facts, findName, healthOf, inspectionOf, type Listed, labelsOf, stateOf } from "./container.ts";
import { PORT_LIMIT, portText } from "./docker-answers.ts";
import { findContainerId, findImageId } from "./engine-socket.ts";

export function readPodmanList(answer: unknown): Listed[] {
  return listOf(answer).flatMap((entry) => {
    const held = fieldsOf(entry);
    const id = findContainerId(held.Id);
    // The pause container that holds the namespaces of a pod is part of the engine.
    if (!id || held.IsInfra === true) return [];
    const word = textOf(held.State)?.toLowerCase();
    const state = stateOf(word);
    const health = healthOf(textOf(held.Status));
    const hasEnded = state === "exited";
    const exitCode = hasEnded ? numberOf(held.ExitCode) : undefined;
    return {
      id,
      name: findName(listOf(held.Names)),
      state,
      health,
      exitCode,
      image: textOf(held.Image),
      imageId: findImageId(`sha256:${textOf(held.ImageID)}`),
      createdAt: momentOf(held.Created),
      ports: listOf(held.Ports).slice(0, PORT_LIMIT).flatMap(readPorts).slice(0, PORT_LIMIT),
      networkMode: undefined,
      labels: labelsOf(held.Labels),
      // "stopped" becomes "exited" once Podman has tidied up, and only then the exit code is sure.
      mark: [id, word, health, exitCode, numberOf(held.StartedAt), hasEnded && numberOf(held.ExitedAt)].join(
        " ",
      ),
    };
  });
}

export function readPodmanContainer(answer: unknown): Facts {
  const digest = textOf(fieldsOf(answer).ImageDigest) ?? "";
  return { ...inspectionOf(answer), imageDigest: /^sha256:[0-9a-f]{64}$/.exec(digest)?.[0] };
}

/** A range is one entry. */
function readPorts(entry: unknown): string[] {
  const held = fieldsOf(entry);
  const inside = positiveOf(held.container_port);
  const outside = positiveOf(held.host_port);
  const protocol = textOf(held.protocol) ?? "tcp";
  if (inside === undefined || outside === undefined || !/^[a-z,]{3,12}$/.test(protocol)) return [];
  const count = Math.min(PORT_LIMIT, positiveOf(held.range) ?? 1);
  const address = textOf(held.host_ip);
  return Array.from({ length: count }, (_, index) =>
    portText(address, outside + index, inside + index, protocol),
  );
}
