import { For, Match, Show, Switch } from "solid-js";
import type { Org } from "../../../server/contract/orgs.ts";
import { place } from "../../api/org-context.ts";
import { me } from "../../state/session.ts";
import { Button } from "../../ui/button.tsx";
import { setPageTitle } from "../../ui/page-title.ts";
import { InvitationsInbox } from "../invitation/inbox.tsx";
import { leaveSession } from "../shell/leave-session.ts";
import { FrontDoor } from "../sign-in/front-door.tsx";
import { goTo, homeOf, usedFirst } from "./moving.ts";
import { DEFAULT_SLUG } from "./names.ts";
import { RestoreButton } from "./restore.tsx";
import { RoleBadge } from "./role-badge.tsx";
import { here, look, type Standing, setDenied, setUnavailable } from "./standing.ts";
import { purgeWords } from "./words.ts";

const TITLES: Record<Exclude<Standing, "fine">, string> = {
  switched_off: "This feature is not available",
  unlicensed: "This organization is not available now",
  nowhere: "You do not belong to an organization",
  no_access: "You have no access here",
  suspended: "This organization is suspended",
  deleted: "This organization is deleted",
  unavailable: "This organization cannot be opened",
};

/** Instead of a page that cannot be shown: why, and where else to go. */
export function Stranded(props: { standing: Standing }) {
  const title = () => (props.standing === "fine" ? "" : TITLES[props.standing]);
  setPageTitle(title);
  const others = () => usedFirst().filter(({ id, state }) => state === "active" && id !== here()?.id);
  const deleted = () => usedFirst().filter(({ id, state }) => state === "deleted" && id !== here()?.id);
  return (
    <FrontDoor title={title()}>
      <div class="-mt-4 space-y-6">
        <div role="status" class="space-y-4">
          <Words standing={props.standing} />
        </div>
        <Show when={props.standing !== "switched_off" && props.standing !== "unlicensed"}>
          <InvitationsInbox onAccepted={(slug) => goTo(homeOf(slug))} />
        </Show>
        <Show when={others().length > 0}>
          <Elsewhere orgs={others()} />
        </Show>
        <Show when={deleted().length > 0}>
          <Deleted orgs={deleted()} />
        </Show>
        <div class="flex flex-wrap gap-x-5 gap-y-2 border-t border-line pt-4">
          <Show when={props.standing === "unlicensed" && place().slug !== DEFAULT_SLUG}>
            <a href="/" class={LINK}>
              Go to the default organization
            </a>
          </Show>
          <Show when={me()?.operator && props.standing !== "switched_off"}>
            <a href="/settings/organizations" class={LINK}>
              Organizations of this server
            </a>
          </Show>
          <button type="button" class={LINK} onClick={() => void leaveSession()}>
            Sign out
          </button>
        </div>
      </div>
    </FrontDoor>
  );
}

const LINK = "font-medium text-accent hover:underline";

function Elsewhere(props: { orgs: readonly Org[] }) {
  return (
    <nav aria-label="Other organizations">
      <p class="pb-1 text-sm text-ink-2">You also belong to</p>
      <ul class="divide-y divide-line border-y border-line">
        <For each={props.orgs}>
          {(org) => (
            <li>
              <a href={homeOf(org.slug)} class="flex min-h-11 items-center gap-3 hover:bg-hover">
                <span class="min-w-0 flex-1 truncate font-medium" title={org.name}>
                  {org.name}
                </span>
                <RoleBadge role={org.role} />
              </a>
            </li>
          )}
        </For>
      </ul>
    </nav>
  );
}

/** Told to their owner alone. */
function Deleted(props: { orgs: readonly Org[] }) {
  return (
    <ul class="divide-y divide-line border-y border-line" aria-label="Deleted organizations">
      <For each={props.orgs}>
        {(org) => (
          <li class="flex min-h-14 items-center gap-3 py-2">
            <div class="min-w-0 flex-1">
              <p class="truncate font-medium" title={org.name}>
                {org.name}
              </p>
              <p class="text-sm text-ink-2">{purgeWords(org)}</p>
            </div>
            <RestoreButton org={org} />
          </li>
        )}
      </For>
    </ul>
  );
}

function Words(props: { standing: Standing }) {
  return (
    <Switch>
      <Match when={props.standing === "switched_off"}>
        <p class="text-ink-2">
          It has been switched off on this server. Nothing is deleted: when it is switched on again,
          everything is as it was.
        </p>
        <Button look="primary" onClick={() => location.assign("/")}>
          Go on without it
        </Button>
      </Match>
      <Match when={props.standing === "unlicensed"}>
        <p class="text-ink-2">
          Organizations need a licence, and the one of this server is missing or has ended. Nothing is
          deleted.
          {me()?.operator ? " Install a licence to go on." : " Ask whoever operates this server."}
        </p>
        <Show when={me()?.operator} fallback={<Again />}>
          <a href="/settings/licence" class={LINK}>
            Go to the licence
          </a>
        </Show>
      </Match>
      <Match when={props.standing === "nowhere"}>
        <p class="text-ink-2">
          What Pulse watches belongs to organizations, and you are not a member of one. Ask an admin to invite{" "}
          <span class="break-all text-ink">{me()?.user.email}</span>; the invitation then appears here.
        </p>
        <Show when={me()?.operator} fallback={<Again />}>
          <a href="/organizations/new" class={LINK}>
            Create an organization
          </a>
        </Show>
      </Match>
      <Match when={props.standing === "no_access"}>
        <p class="text-ink-2">
          <Show
            when={place().slug !== DEFAULT_SLUG}
            fallback="You are not a member of the default organization of this server."
          >
            <span class="break-all text-ink">{place().slug}</span> does not exist, or you are not a member of
            it any more. Ask one of its admins if that is a mistake.
          </Show>
        </p>
        <Again />
      </Match>
      <Match when={props.standing === "suspended"}>
        <p class="text-ink-2">
          <span class="text-ink">{here()?.name}</span> has been suspended by whoever operates this server. Ask
          them why. Nothing is deleted, and nothing is recorded meanwhile.
        </p>
        <Again />
      </Match>
      <Match when={props.standing === "deleted" && here()}>
        {(org) => (
          <>
            <p class="text-ink-2">
              <span class="text-ink">{org().name}</span> is {purgeWords(org())}. Until then you, as its owner,
              can bring it back with everything in it.
            </p>
            <RestoreButton org={org()} />
          </>
        )}
      </Match>
      <Match when={props.standing === "unavailable"}>
        <p class="text-ink-2">
          The server cannot read what belongs to it. Others are not affected. Tell whoever operates the
          server: its log has the cause.
        </p>
        <Button onClick={() => setUnavailable(false)}>Try again</Button>
      </Match>
    </Switch>
  );
}

function Again() {
  const again = async () => {
    await look();
    setDenied(false);
  };
  return <Button onClick={() => void again()}>Look again</Button>;
}
