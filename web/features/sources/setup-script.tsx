import { Show } from "solid-js";
import type { SetupScriptInput } from "../../../server/contract/sources.ts";
import { createAnswer } from "../../api/answer.ts";
import { api } from "../../api/client.ts";
import { Copyable } from "../../ui/copyable.tsx";
import { Notice } from "../../ui/notice.tsx";

/** The first step with Proxmox: a token that may look and nothing else. */
export function SetupScript(props: { type: SetupScriptInput["type"] }) {
  const answer = createAnswer(
    () => props.type,
    (type) => api.sources.setupScript.query({ type }),
  );
  return (
    <section class="max-w-xl" aria-labelledby="step-script">
      <h2 id="step-script" class="font-semibold">
        1. Make a token that may only look
      </h2>
      <p class="mt-0.5 mb-3 text-ink-2">
        Run this as root {props.type === "proxmox-ve" ? "on one node" : "on the backup server"}. It makes a
        user, a token and the rights to look, and prints the four lines asked for below.
      </p>
      <Show
        when={answer.value()}
        fallback={
          <Show when={answer.refusal()} fallback={<div class="skeleton h-64 w-full" />}>
            {(refused) => <Notice>{refused().words}</Notice>}
          </Show>
        }
      >
        {(known) => <Copyable label="Script" text={known().script} block tall />}
      </Show>
      <h2 class="mt-7 font-semibold">2. Say where it is</h2>
    </section>
  );
}
