import { Show } from "solid-js";
import type { Resource } from "../../../server/contract/resource.ts";

/** Where a resource is from that another organization shows here. */
export function ResourceMark(props: { resource: Resource; short?: boolean }) {
  return (
    <Show when={props.resource.sharedFrom}>
      {(from) => {
        const words = () => `Shared by ${from().org.name}`;
        return (
          <span
            class="inline-block max-w-44 shrink-0 truncate rounded-full bg-shared-soft px-2 text-xs leading-5 font-medium text-shared"
            classList={{ "max-w-28": props.short ?? false }}
            title={`${words()}, for members from ${from().role} up`}
          >
            {words()}
          </span>
        );
      }}
    </Show>
  );
}
