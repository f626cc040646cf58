import { type JSX, Show } from "solid-js";
import { state } from "../../state/session.ts";
import { FrontDoor } from "../sign-in/front-door.tsx";

/** A page that only says something: within the shell, or on its own for who is not signed in. */
export function TroubleFrame(props: { title: string; children: JSX.Element }) {
  return (
    <Show
      when={state() === "signed_in"}
      fallback={<FrontDoor title={props.title}>{props.children}</FrontDoor>}
    >
      <div class="mx-auto max-w-[480px] pt-[16dvh]">
        <h1 class="text-xl font-semibold tracking-tight">{props.title}</h1>
        <div class="mt-2">{props.children}</div>
      </div>
    </Show>
  );
}
