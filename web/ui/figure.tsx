import type { Figure as Value } from "./format.ts";

/** A number and its unit: the number carries, the unit steps back. */
export function Figure(props: { value: Value; class?: string }) {
  return (
    <span class={`whitespace-nowrap ${props.class ?? ""}`}>
      {props.value.number}
      {props.value.unit ? <span class="ml-[0.25em] text-[0.86em] text-ink-3">{props.value.unit}</span> : null}
    </span>
  );
}
