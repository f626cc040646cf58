import { type Accessor, createEffect, createMemo, createSignal, on, onCleanup } from "solid-js";
import type { Alert, Explained } from "../../../server/contract/alerts.ts";
import type { ResourceId } from "../../../server/contract/ids.ts";
import { api } from "../../api/client.ts";
import { picture, serverNow } from "../../state/live.ts";
import type { Limit } from "./chart.tsx";
import type { MachineHistory } from "./history.ts";
import { MARKS_MAX, type Mark } from "./marks.ts";

/** What rules have to say about what is charted: when something was wrong, and from where on it would be. */
export function createRuled(
  resourceId: Accessor<string>,
  history: Pick<MachineHistory, "asked">,
): { marks: Accessor<readonly Mark[]>; limits: Accessor<readonly Limit[]> } {
  return { marks: createMarks(resourceId, history), limits: createLimits(resourceId) };
}

/** What rules found wrong with what the charts are about and with its parts: open now, and in the window asked for. */
function createMarks(
  resourceId: Accessor<string>,
  history: Pick<MachineHistory, "asked">,
): Accessor<readonly Mark[]> {
  const open = createMemo(
    () => Object.values(picture.alerts).filter((alert) => isAbout(alert, resourceId())),
    undefined,
    { equals: (one, other) => one.map(({ id }) => id).join() === other.map(({ id }) => id).join() },
  );
  const [past, setPast] = createSignal<readonly Alert[]>([]);
  // It may travel with a question for history, which is given up only together with all that travels with it.
  let asking = new AbortController();
  // What is not open any more is among the past ones.
  createEffect(
    on([resourceId, history.asked, open], async ([id, asked]) => {
      asking.abort();
      asking = new AbortController();
      const { signal } = asking;
      if (!asked) return;
      const { from, to } = asked;
      const input = {
        resourceId: id as Alert["resource"]["id"],
        state: "resolved" as const,
        /* What fired before may have lasted into it. */
        from: Math.max(0, Math.floor(2 * from - to)),
        to: Math.ceil(to),
        limit: MARKS_MAX,
      };
      // Where they cannot be read the charts are no worse for it.
      const incidents = await api.alerts.incidents.query(input, { signal }).then(
        (list) => list.incidents,
        () => [],
      );
      if (!signal.aborted) setPast(incidents);
    }),
  );
  onCleanup(() => asking.abort());
  return createMemo(() => [...past(), ...open()].map(markOf));
}

function isAbout({ resource, subject, on: runsOn }: Alert, id: string): boolean {
  return resource.id === id || subject.id === id || runsOn?.id === id;
}

function markOf({
  firedAt,
  resolvedAt,
  level,
  about,
  resource,
  metric,
  subject,
  on: runsOn,
  words,
}: Alert): Mark {
  const name = runsOn ? `${subject.name} on ${runsOn.name}` : subject.name;
  return {
    kind: "alert",
    at: firedAt,
    until: resolvedAt ?? serverNow(),
    level,
    about: { resourceId: resource.id, ...(metric !== undefined && { metric }) },
    words: about === "itself" ? `${name} ${words}` : words,
  };
}

/** Those of what the charts are about, and of its parts what an open alert has reached. */
function createLimits(resourceId: Accessor<string>): Accessor<readonly Limit[]> {
  const [own, setOwn] = createSignal<readonly Limit[]>([]);
  let asking = new AbortController();
  createEffect(
    on(resourceId, async (id) => {
      asking.abort();
      asking = new AbortController();
      const { signal } = asking;
      setOwn([]);
      // Where they cannot be read the charts are no worse for it.
      const rules = await api.alerts.explain.query({ resourceId: id as ResourceId }, { signal }).then(
        (explanation) => explanation.rules,
        () => [],
      );
      if (!signal.aborted) setOwn(rules.flatMap((rule) => limitsOf(id, rule)));
    }),
  );
  onCleanup(() => asking.abort());
  const reached = createMemo(
    () =>
      Object.values(picture.alerts).flatMap(
        ({ resource, subject, metric, level, threshold: value }): Limit[] =>
          metric !== undefined &&
          value !== undefined &&
          subject.id === resourceId() &&
          resource.id !== subject.id
            ? [{ resourceId: resource.id, metric, level, value }]
            : [],
      ),
    undefined,
    { equals: (one, other) => JSON.stringify(one) === JSON.stringify(other) },
  );
  return createMemo(() => [...own(), ...reached()]);
}

function limitsOf(resourceId: string, { off, metric, warning, critical }: Explained): Limit[] {
  if (off || metric === undefined) return [];
  return Object.entries({ warning, critical }).flatMap(([level, info]) =>
    info?.trigger === undefined
      ? []
      : [{ resourceId, metric, level: level as Limit["level"], value: info.trigger }],
  );
}
