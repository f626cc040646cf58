import { useIsRouting, useLocation } from "@solidjs/router";
import { createEffect, Show } from "solid-js";
import { place, slugIn } from "../../api/org-context.ts";
import { NotFoundPage } from "../trouble/not-found-page.tsx";
import { follow } from "./moving.ts";

/** The page of somewhere else, asked for where the tab stands: goes there. */
export function Arrival() {
  const location = useLocation();
  const isHere = () => place().base !== "" && slugIn(location.pathname) === place().slug;
  const isRouting = useIsRouting();
  createEffect(() => {
    // Before that the address is still the one of the page that led here.
    if (!isRouting() && !isHere()) follow();
  });
  return (
    <Show when={isHere()}>
      <NotFoundPage />
    </Show>
  );
}
