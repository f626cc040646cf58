import { Show } from "solid-js";
import { Dynamic } from "solid-js/web";
import type { Resource } from "../../../server/contract/resource.ts";
import { extension } from "../../state/extension.ts";

/** Beside a name: where the resource is from, when it is not from here. */
export function ResourceOrigin(props: { resource: Resource; short?: boolean }) {
  return (
    <Show when={props.resource.sharedFrom && extension()}>
      {(known) => (
        <Dynamic
          component={known().places.ResourceMark}
          resource={props.resource}
          short={props.short ?? false}
        />
      )}
    </Show>
  );
}
