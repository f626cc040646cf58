import { lazy, Show, Suspense } from "solid-js";
import { isNarrow } from "../../ui/narrow.ts";
import type { ResourceListProps } from "./resource-list.tsx";

const ResourceList = lazy(async () => ({ default: (await import("./resource-list.tsx")).ResourceList }));

/** As high as what is drawn. */
const HEIGHT = { frame: 84, row: 36, narrowRow: 56 };

/** A list whose program is fetched only where there is something to list; its room is kept meanwhile. */
export function LaterList(props: ResourceListProps) {
  const height = () => {
    const rows = Math.min(props.resources.length, props.atFirst ?? props.resources.length);
    return HEIGHT.frame + rows * (isNarrow() ? HEIGHT.narrowRow : HEIGHT.row);
  };
  return (
    <Show when={props.resources.length > 0}>
      <Suspense fallback={<div style={{ height: `${height()}px` }} />}>
        <ResourceList {...props} />
      </Suspense>
    </Show>
  );
}
