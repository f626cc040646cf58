import { A } from "@solidjs/router";
import { type JSX, Show } from "solid-js";

/** Words that lead somewhere, where there is somewhere to lead. */
export function MaybeLink(props: { to: string | undefined; children: JSX.Element }) {
  return (
    <Show when={props.to} fallback={<span class="min-w-0 break-words">{props.children}</span>}>
      {(to) => (
        <A href={to()} class="inline-block min-h-6 min-w-6 py-0.5 break-words hover:underline">
          {props.children}
        </A>
      )}
    </Show>
  );
}
