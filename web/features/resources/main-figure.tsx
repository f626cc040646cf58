import { Show } from "solid-js";
import type { Resource } from "../../../server/contract/resource.ts";
import { Figure } from "../../ui/figure.tsx";
import { statusOf } from "../resource/status.ts";
import { StatusWord } from "./cell.tsx";
import { figuresOfKind } from "./main-figures.ts";

/** The one figure a narrow row has room for, or how it is. */
export function MainFigure(props: { resource: Resource }) {
  const isFine = () => statusOf(props.resource).level === "fine";
  const figure = () => (isFine() ? figuresOfKind(props.resource.kind)[0] : undefined);
  return (
    <span class="ml-2 shrink-0 text-right text-sm">
      <Show when={figure()} fallback={<StatusWord resource={props.resource} />}>
        {(shown) => <Figure value={shown().column.write(shown().column.value(props.resource))} />}
      </Show>
    </span>
  );
}
