/** What Docker answers (Engine 20.10 and later), and nothing it may not answer. */
import { fieldsOf, listOf, numberOf, positiveOf, textOf } from "./answer-fields.ts";
import { type Facts, findName, healthOf, inspectionOf, type Listed, labelsOf, stateOf } from "./container.ts";
import { findContainerId, findImageId } from "./engine-socket.ts";

/** Published ports of one container that are told. */
export const PORT_LIMIT = 32;

export function readDockerList(answer: unknown): Listed[] {
  return listOf(answer).flatMap((entry) => {
    const held = fieldsOf(entry);
    const id = findContainerId(held.Id);
    if (!id) return [];
    const words = textOf(held.Status) ?? "";
    const state = stateOf(textOf(held.State));
    const told = textOf(fieldsOf(held.Health).Status);
    const health = healthOf(told ?? /\((?:health: )?(healthy|unhealthy|starting)\)$/.exec(words)?.[1]);
    const exitCode = /^(?:Exited|Restarting) \((\d{1,3})\)/.exec(words)?.[1];
    const created = numberOf(held.Created);
    return {
      id,
      name: findName(listOf(held.Names)),
      state,
      health,
      exitCode: exitCode === undefined ? undefined : Number(exitCode),
      image: textOf(held.Image),
      imageId: findImageId(held.ImageID),
      createdAt: created === undefined ? undefined : created * 1000,
      ports: listOf(held.Ports).slice(0, PORT_LIMIT).flatMap(readPort),
      networkMode: textOf(fieldsOf(held.HostConfig).NetworkMode),
      labels: labelsOf(held.Labels),
      mark: `${id} ${state} ${health} ${exitCode}`,
      stateAgeAtMostMs: ageAtMostMs(words),
    };
  });
}

export function readDockerContainer(answer: unknown): Facts {
  return { ...inspectionOf(answer), imageDigest: undefined };
}

/** Digest under which the image was pulled; an image that was built here has none. */
export function readImageDigest(answer: unknown): string | undefined {
  const [first] = listOf(fieldsOf(answer).RepoDigests);
  return typeof first === "string" ? /@(sha256:[0-9a-f]{64})$/.exec(first)?.[1] : undefined;
}

function readPort(entry: unknown): string[] {
  const held = fieldsOf(entry);
  const inside = positiveOf(held.PrivatePort);
  const outside = positiveOf(held.PublicPort);
  const protocol = textOf(held.Type);
  // A port nobody can reach from outside the engine's network says nothing about this machine.
  if (inside === undefined || outside === undefined || !/^(?:tcp|udp|sctp)$/.test(protocol ?? "")) return [];
  return [portText(textOf(held.IP), outside, inside, protocol)];
}

export function portText(address: string | undefined, outside: number, inside: number, protocol = "tcp") {
  const isAddress = address !== undefined && /^[0-9a-fA-F.:]{2,45}$/.test(address);
  const host = isAddress ? address : "0.0.0.0";
  return `${host.includes(":") ? `[${host}]` : host}:${outside}->${inside}/${protocol}`;
}

const SECOND_MS = 1000;
const UNITS_MS: Readonly<Record<string, number>> = {
  second: SECOND_MS,
  minute: 60 * SECOND_MS,
  hour: 3_600 * SECOND_MS,
  day: 86_400 * SECOND_MS,
  week: 7 * 86_400 * SECOND_MS,
  month: 30 * 86_400 * SECOND_MS,
  year: 365 * 86_400 * SECOND_MS,
};

/**
 * "Up 5 minutes (healthy)" has lasted less than six. Docker rounds down, and hours to the nearest, so one more of the
 * unit is never too little. Undefined where there is no age.
 */
export function ageAtMostMs(words: string): number | undefined {
  if (/Less than a second/.test(words)) return SECOND_MS;
  const about = /About an? (minute|hour)/.exec(words)?.[1];
  if (about !== undefined) return 2 * (UNITS_MS[about] ?? 0);
  const [, count, unit] = /(\d{1,6}) (second|minute|hour|day|week|month|year)s?\b/.exec(words) ?? [];
  return unit === undefined ? undefined : (Number(count) + 1) * (UNITS_MS[unit] ?? 0);
}
