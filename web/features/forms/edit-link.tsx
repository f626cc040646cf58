import { A } from "@solidjs/router";

/** In a row, beside what else is done with it: to where it is changed. */
export function EditLink(props: { href: string; name: string }) {
  return (
    <A
      href={props.href}
      aria-label={`Edit ${props.name}`}
      class="inline-flex h-8 items-center rounded-md px-2 font-medium text-ink-2 hover:bg-hover hover:text-ink"
    >
      Edit
    </A>
  );
}
