import { A, useLocation } from "@solidjs/router";
import { createMemo, createSignal, Show } from "solid-js";
import { unwrap } from "solid-js/store";
import type { Resource, ResourceKind } from "../../../server/contract/resource.ts";
import { Button } from "../../ui/button.tsx";
import { isNarrow } from "../../ui/narrow.ts";
import { comparePath } from "../compare/path.ts";
import { comparing, findColumn, type Sorting, standardColumns } from "../resources/columns.ts";
import { flat } from "../resources/rows.ts";
import { ResourceTable } from "../resources/table.tsx";

export interface ResourceListProps {
  /** Of its heading. */
  id: string;
  title: string;
  kind: ResourceKind;
  /** By name. */
  resources: readonly Resource[];
  /** What they are parts of. */
  within?: Resource;
  /** Shows so many until one asks for all. */
  atFirst?: number;
}

/** Resources of one kind on the page of another, as a table that can be sorted. */
export function ResourceList(props: ResourceListProps) {
  const [sorting, setSorting] = createSignal<Sorting>({ by: "name", reversed: false });
  const [whole, setWhole] = createSignal(false);
  const location = useLocation();
  const compared = () => {
    const { kind, within, resources } = props;
    return within && comparePath({ kind, within, count: resources.length }, location.query);
  };
  const columns = () =>
    standardColumns([props.kind])
      .filter((id) => id !== "parent")
      .flatMap((id) => findColumn(id) ?? []);
  const rows = createMemo(() => {
    const { by, reversed } = sorting();
    return flat({
      resources: props.resources.map((resource) => unwrap(resource)),
      matches: () => true,
      compare: comparing({ by, reversed }),
      byName: by === "name" ? (reversed ? "reversed" : "standard") : undefined,
    });
  });
  const shown = () => (whole() || !props.atFirst ? rows() : rows().slice(0, props.atFirst));
  return (
    <Show when={props.resources.length > 0}>
      <section class="mt-7" aria-labelledby={props.id}>
        <div class="mb-1 flex items-baseline gap-2.5">
          <h2 id={props.id} class="text-lg font-semibold">
            {props.title}
          </h2>
          <span class="text-ink-3">{props.resources.length}</span>
          <Show when={compared()}>
            {(path) => (
              <A href={path()} class="ml-auto text-sm text-accent hover:underline pointer-coarse:py-1">
                Which used most?
              </A>
            )}
          </Show>
        </div>
        <ResourceTable
          still
          openable={false}
          rows={shown()}
          columns={columns()}
          sorting={sorting()}
          narrow={isNarrow()}
          onSort={(by) =>
            setSorting((before) => ({ by, reversed: before.by === by ? !before.reversed : false }))
          }
          onOpen={() => {}}
        />
        <Show when={shown().length < rows().length}>
          <Button look="quiet" class="mt-1 -ml-2" onClick={() => setWhole(true)}>
            Show all {rows().length}
          </Button>
        </Show>
      </section>
    </Show>
  );
}
