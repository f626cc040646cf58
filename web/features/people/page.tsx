import { createSignal, lazy, Match, Show, Suspense, Switch } from "solid-js";
import type { NewPassword, PersonInfo } from "../../../server/contract/people.ts";
import { createAnswer } from "../../api/answer.ts";
import { api } from "../../api/client.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/confirm.tsx";
import { Notice } from "../../ui/notice.tsx";
import { toast } from "../../ui/toast.tsx";
import { SettingsFrame } from "../settings/frame.tsx";
import { withFreshSession } from "../shell/confirm-identity.tsx";
import { HandOver } from "./hand-over.tsx";
import { PeopleList } from "./list.tsx";

const NewPerson = lazy(async () => ({ default: (await import("./new-person.tsx")).NewPerson }));

type Deed = { kind: "reset" | "disable"; person: PersonInfo };

export function PeoplePage() {
  const answer = createAnswer(
    () => true,
    () => api.system.people.query(),
  );
  const [adding, setAdding] = createSignal(false);
  const [asked, setAsked] = createSignal<Deed>();
  const [given, setGiven] = createSignal<NewPassword>();
  const done = () => setAsked(undefined);

  const reset = async ({ email }: PersonInfo) => {
    setGiven(await withFreshSession(() => api.system.resetPassword.mutate({ email })));
  };
  const disable = async ({ email, name }: PersonInfo) => {
    await withFreshSession(() => api.system.disablePerson.mutate({ email }));
    toast(`${name} can no longer sign in.`);
    answer.ask();
  };

  return (
    <SettingsFrame
      title="People"
      lead="Everybody with an account on this server."
      action={
        <Button look="primary" onClick={() => setAdding(true)}>
          Add a person
        </Button>
      }
    >
      <div class="mt-6">
        <Show
          when={answer.value()}
          fallback={
            <Show when={answer.refusal()} fallback={<div class="skeleton h-28 w-full" />}>
              {(refused) => <Notice>{refused().words}</Notice>}
            </Show>
          }
        >
          {(known) => (
            <PeopleList
              people={known().people}
              onReset={(person) => setAsked({ kind: "reset", person })}
              onDisable={(person) => setAsked({ kind: "disable", person })}
            />
          )}
        </Show>
      </div>
      <Suspense>
        <Show when={adding()}>
          <NewPerson onAdded={answer.ask} onClose={() => setAdding(false)} />
        </Show>
      </Suspense>
      <Switch>
        <Match when={asked()} keyed>
          {({ kind, person }) =>
            kind === "reset" ? (
              <Confirm
                title={`Give ${person.name} a new password?`}
                verb="Make a new password"
                act={() => reset(person)}
                onClose={done}
              >
                <p>
                  The old password stops working and {person.email} is signed out everywhere. You see the new
                  one once, to hand over.
                </p>
              </Confirm>
            ) : (
              <Confirm
                title={`Switch off the account of ${person.name}?`}
                verb="Switch off"
                typed={person.email}
                act={() => disable(person)}
                onClose={done}
              >
                <p>
                  {person.name} is signed out everywhere and cannot sign in any more; their tokens stop
                  working. Nothing they made is deleted. This page cannot switch the account on again.
                </p>
              </Confirm>
            )
          }
        </Match>
      </Switch>
      <Show when={given()} keyed>
        {(handed) => <HandOver given={handed} onClose={() => setGiven(undefined)} />}
      </Show>
    </SettingsFrame>
  );
}
