import type { Alert } from "../../server/contract/alerts.ts";
import type { LiveEvent } from "../../server/contract/live.ts";
import type { Metrics, Resource, ResourceChange } from "../../server/contract/resource.ts";

/** What is known of everything that is watched. */
export interface Picture {
  /** False until the first snapshot: "nothing there" and "not known yet" are not the same. */
  known: boolean;
  resources: Record<string, Resource>;
  /** Those that are open. */
  alerts: Record<string, Alert>;
}

export const NOTHING_KNOWN: Picture = { known: false, resources: {}, alerts: {} };

/** The next picture. Resources an event does not touch stay the same objects. */
export function reduce(picture: Picture, event: LiveEvent): Picture {
  switch (event.type) {
    case "snapshot": {
      const resources: Record<string, Resource> = {};
      for (const resource of event.data.resources) resources[resource.id] = resource;
      const alerts: Record<string, Alert> = {};
      for (const alert of event.data.alerts) alerts[alert.id] = alert;
      return { known: true, resources, alerts };
    }
    case "resources": {
      const resources = { ...picture.resources };
      for (const change of event.data.changed) {
        const next = merge(resources[change.id], change);
        if (next) resources[change.id] = next;
      }
      for (const id of event.data.removed) delete resources[id];
      return { ...picture, resources };
    }
    case "alert.fired":
    case "alert.updated": {
      const { alert } = event.data;
      return { ...picture, alerts: { ...picture.alerts, [alert.id]: alert } };
    }
    case "alert.resolved": {
      const { [event.data.alert.id]: _, ...alerts } = picture.alerts;
      return { ...picture, alerts };
    }
    default:
      // A kind of event this page does not know yet, or the end of a stream: the picture stands.
      return picture;
  }
}

export interface Touched {
  resources: string[];
  alerts: string[];
}

/** Ids of what may differ after `event`; undefined when everything may. */
export function touchedBy(event: LiveEvent): Touched | undefined {
  switch (event.type) {
    case "snapshot":
      return undefined;
    case "resources":
      return {
        resources: [...event.data.changed.map((change) => change.id), ...event.data.removed],
        alerts: [],
      };
    case "alert.fired":
    case "alert.updated":
    case "alert.resolved":
      return { resources: [], alerts: [event.data.alert.id] };
    default:
      return { resources: [], alerts: [] };
  }
}

/** The event that brings someone who joins late to the same picture. */
export function snapshotOf(picture: Picture, at: number): LiveEvent {
  return {
    id: "",
    type: "snapshot",
    at,
    data: {
      resources: Object.values(picture.resources),
      alerts: Object.values(picture.alerts),
      serverTime: at,
    },
  };
}

function merge(known: Resource | undefined, change: ResourceChange): Resource | undefined {
  const { attributes, metrics, parentId, own, ...fields } = change;
  const base = known ?? begin(change);
  if (!base) return undefined;
  return {
    ...base,
    ...fields,
    ...(parentId !== undefined && { parentId: parentId ?? undefined }),
    ...(own !== undefined && { own: own ?? undefined }),
    attributes: attributes ? withKeys(base.attributes, attributes) : base.attributes,
    metrics: metrics ? withKeys(base.metrics, metrics) : base.metrics,
  };
}

/** A change alone makes a resource only when it is complete; half of one would show wrong figures. */
function begin(change: ResourceChange): Resource | undefined {
  const { id, kind, name, status, sources, lastSeenAt } = change;
  if (!kind || name === undefined || !status || !sources || lastSeenAt === undefined) return undefined;
  return { id, kind, name, status, sources, lastSeenAt, attributes: {}, metrics: {} as Metrics };
}

function withKeys<Value>(
  known: Record<string, Value>,
  changed: Record<string, Value | null>,
): Record<string, Value> {
  const next = { ...known };
  for (const [key, value] of Object.entries(changed)) {
    if (value === null) delete next[key];
    else next[key] = value as Value;
  }
  return next;
}
