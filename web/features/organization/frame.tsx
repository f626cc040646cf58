import { useCurrentMatches, useIsRouting, useLocation } from "@solidjs/router";
import { createEffect, createMemo, on, onCleanup, type ParentProps, Show } from "solid-js";
import { api } from "../../api/client.ts";
import { place } from "../../api/org-context.ts";
import { forgetLive, startLive } from "../../state/live.ts";
import { me } from "../../state/session.ts";
import { countInbox } from "./inbox.ts";
import { noteUsed } from "./last-used.ts";
import { leadOn } from "./moving.ts";
import { here, isLicensed, look, standing } from "./standing.ts";
import { Stranded } from "./stranded.tsx";

const COUNT_EVERY_MS = 300_000;

/** Around every page: what is of an organization is shown to whom it may be, and otherwise it is said why not. */
export function Frame(props: ParentProps) {
  const matches = useCurrentMatches();
  const location = useLocation();
  const isRouting = useIsRouting();
  const anywhere = () => matches().some(({ route }) => route.info?.["anywhere"] === true);
  const isFine = createMemo(() => standing() === "fine");

  createEffect(
    on(isFine, (fine) => {
      if (fine) startLive(false);
      else forgetLive();
    }),
  );
  const entered = createMemo(() => (isFine() && isLicensed() && place().slug ? here()?.id : undefined));
  createEffect(
    on(entered, (id) => {
      const person = me()?.user.id;
      if (!id || !person) return;
      noteUsed(person, id);
      void enter();
    }),
  );
  // Not before the router has written the address: it would write over a new one.
  createEffect(
    on([() => location.pathname, standing, isRouting], ([pathname, , busy]) => busy || leadOn(pathname)),
  );
  void countInbox();
  const counting = setInterval(() => document.hidden || void countInbox(), COUNT_EVERY_MS);
  onCleanup(() => clearInterval(counting));

  return (
    <Show when={isFine() || anywhere()} fallback={<Stranded standing={standing()} />}>
      {props.children}
    </Show>
  );
}

/** The server remembers the choice; and what it says of it may be newer than what is known here. */
async function enter(): Promise<void> {
  try {
    const { org } = await api.orgs.get.query();
    const known = here();
    if (known && (known.role !== org.role || known.name !== org.name || known.state !== org.state))
      await look();
  } catch {
    // A refusal that matters is heard where all of them are.
  }
}
