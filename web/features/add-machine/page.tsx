import { A, useNavigate } from "@solidjs/router";
import { createSignal, Show } from "solid-js";
import type { Enrolled } from "../../../server/contract/agents.ts";
import { onEscape } from "../../ui/keyboard.ts";
import { administers } from "../settings/links.ts";
import { AddForm } from "./form.tsx";
import { Waiting } from "./waiting.tsx";

export interface Made extends Enrolled {
  universal: boolean;
  madeAt: number;
}

/** From nothing to a machine on the page: one line to copy, and then it is there. */
export function AddMachinePage() {
  const navigate = useNavigate();
  const [made, setMade] = createSignal<Made>();
  onEscape(() => {
    navigate("/");
    return true;
  });
  return (
    <div class="mx-auto max-w-[760px]">
      <h1 class="text-xl font-semibold tracking-tight">Add a machine</h1>
      <Show
        when={administers()}
        fallback={
          <p class="mt-0.5 text-ink-2">
            Adding machines is for admins. Ask whoever looks after this Pulse to add it, or to make you an
            admin.
          </p>
        }
      >
        <p class="mt-0.5 text-ink-2">
          A small program on it, the agent, reports here. Proxmox, exporters and anything that answers over
          the network need none: they are{" "}
          <A href="/settings/sources" class="text-accent underline">
            sources
          </A>{" "}
          and{" "}
          <A href="/checks" class="text-accent underline">
            checks
          </A>
          .
        </p>
        <Show when={made()} keyed fallback={<AddForm onMade={setMade} />}>
          {(held) => <Waiting made={held} onAnother={() => setMade(undefined)} />}
        </Show>
      </Show>
    </div>
  );
}
