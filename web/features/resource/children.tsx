import { createMemo, For } from "solid-js";
import type { Resource, ResourceKind } from "../../../server/contract/resource.ts";
import { partsOf } from "../../state/inventory.ts";
import { KIND_ORDER, KINDS } from "./kinds.ts";
import { LaterList } from "./later-list.tsx";

/** Above the charts a long list would push everything else away. */
const AT_FIRST = 8;

/** What is in a resource, a table for each kind. */
export function Children(props: { resource: Resource; without?: readonly ResourceKind[]; short?: boolean }) {
  const kinds = createMemo(() => {
    const present = new Set(partsOf(props.resource.id).map(({ kind }) => kind));
    return KIND_ORDER.filter((kind) => present.has(kind) && !props.without?.includes(kind));
  });
  return (
    <For each={kinds()}>
      {(kind) => (
        <LaterList
          id={`in-${kind}`}
          title={KINDS[kind].many}
          kind={kind}
          resources={partsOf(props.resource.id, kind)}
          within={props.resource}
          {...(props.short ? { atFirst: AT_FIRST } : {})}
        />
      )}
    </For>
  );
}
