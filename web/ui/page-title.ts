import { type Accessor, createEffect, createSignal } from "solid-js";

const [badge, setBadge] = createSignal(0);

/** A number that stands before whatever the title is; none at zero. */
export { setBadge as setTitleBadge };

/** What stands in the browser's tab. The innermost page that says something wins: it runs last. */
export function setPageTitle(title: Accessor<string>): void {
  createEffect(() => {
    document.title = `${badge() > 0 ? `(${badge()}) ` : ""}${title()} · Pulse`;
  });
}
