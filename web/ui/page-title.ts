import { type Accessor, createEffect } from "solid-js";

/** What stands in the browser's tab. The innermost page that says something wins: it runs last. */
export function setPageTitle(title: Accessor<string>): void {
  createEffect(() => {
    document.title = `${title()} · Pulse`;
  });
}
