import { createSignal, lazy, Match, Show, Suspense, Switch } from "solid-js";
import type { OrgOverview } from "../../../server/contract/orgs.ts";
import { createAnswer } from "../../api/answer.ts";
import { api } from "../../api/client.ts";
import { explain } from "../../api/errors.ts";
import { Button } from "../../ui/button.tsx";
import { Notice } from "../../ui/notice.tsx";
import { toast } from "../../ui/toast.tsx";
import { SettingsFrame } from "../settings/frame.tsx";
import { Creation } from "./creation.tsx";
import { OrganizationList } from "./organization-list.tsx";
import { isLicensed, isThere } from "./routes.ts";
import { Unlicensed } from "./unlicensed.tsx";

const Limits = lazy(async () => ({ default: (await import("./limits.tsx")).Limits }));
const Suspension = lazy(async () => ({ default: (await import("./deeds.tsx")).Suspension }));
const Purge = lazy(async () => ({ default: (await import("./deeds.tsx")).Purge }));
const SwitchedOff = lazy(async () => ({ default: (await import("./switch-off.tsx")).SwitchedOff }));
const SwitchOff = lazy(async () => ({ default: (await import("./switch-off.tsx")).SwitchOff }));

export type Deed = "limits" | "suspend" | "purge";

export function OrganizationsPage() {
  return (
    <Show when={isLicensed()} fallback={<WithoutLicence />}>
      <Organizations />
    </Show>
  );
}

function WithoutLicence() {
  return (
    <SettingsFrame title="Organizations">
      <div class="mt-6">
        <Show when={isThere()} fallback={<SwitchedOff />}>
          <Unlicensed />
        </Show>
      </div>
    </SettingsFrame>
  );
}

function Organizations() {
  const answer = createAnswer(
    () => true,
    () => api.orgs.overview.query(),
  );
  const [asked, setAsked] = createSignal<{ deed: Deed; org: OrgOverview }>();
  const [switching, setSwitching] = createSignal(false);
  const orgs = () => answer.value()?.orgs.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const done = () => setAsked(undefined);

  const resume = async (org: OrgOverview) => {
    try {
      await api.orgs.resume.mutate({ org: org.id });
      toast(`${org.name} is active again.`);
      answer.ask();
    } catch (error) {
      toast(explain(error).words);
    }
  };

  return (
    <SettingsFrame
      title="Organizations"
      lead="All organizations of this server: how they are, never what is in them."
    >
      <Show
        when={orgs()}
        fallback={
          <div class="mt-6">
            <Show when={answer.refusal()} fallback={<div class="skeleton h-40 w-full" />}>
              {(refused) => <Notice>{refused().words}</Notice>}
            </Show>
          </div>
        }
      >
        {(list) => (
          <div class="mt-6">
            <OrganizationList
              orgs={list()}
              onDeed={(deed, org) => setAsked({ deed, org })}
              onResume={(org) => void resume(org)}
            />
            <Creation open={answer.value()?.creation === "everyone"} onChanged={answer.ask} />
            <section class="mt-9 border-t border-line pt-5">
              <h2 class="font-semibold">Switch multi-tenancy off</h2>
              <p class="mt-1 mb-4 max-w-2xl text-ink-2">
                For an emergency. Only the default organization goes on; all others are shut off at once, and
                nothing is deleted.
              </p>
              <Button look="danger" onClick={() => setSwitching(true)}>
                Switch off…
              </Button>
            </section>
          </div>
        )}
      </Show>
      <Suspense>
        <Switch>
          <Match when={asked()} keyed>
            {({ deed, org }) => (
              <Switch>
                <Match when={deed === "limits"}>
                  <Limits org={org} onSet={answer.ask} onClose={done} />
                </Match>
                <Match when={deed === "suspend"}>
                  <Suspension org={org} onDone={answer.ask} onClose={done} />
                </Match>
                <Match when={deed === "purge"}>
                  <Purge org={org} onDone={answer.ask} onClose={done} />
                </Match>
              </Switch>
            )}
          </Match>
          <Match when={switching()}>
            <SwitchOff orgs={orgs() ?? []} onClose={() => setSwitching(false)} />
          </Match>
        </Switch>
      </Suspense>
    </SettingsFrame>
  );
}
