import { A } from "@solidjs/router";
import { createEffect, createMemo, createSignal, For, on, Show } from "solid-js";
import type { AgentInfo } from "../../../server/contract/agents.ts";
import { api } from "../../api/client.ts";
import { createRenewed } from "../../api/renewed.ts";
import { now } from "../../state/clock.ts";
import { machines, partsOf } from "../../state/inventory.ts";
import { newestAgent } from "../../state/live.ts";
import { Button } from "../../ui/button.tsx";
import { Copyable } from "../../ui/copyable.tsx";
import { duration, moment, plural } from "../../ui/format.ts";
import { LinkButton } from "../../ui/link-button.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Segments } from "../../ui/segments.tsx";
import { figuresOf } from "../overview/figures.ts";
import { MachineStrip } from "../overview/machine-strip.tsx";
import { commandFor, isOnlyHere, serverOf, WAYS, type Way } from "./commands.ts";
import type { Made } from "./page.tsx";
import { Reasons } from "./reasons.tsx";

/** The stream tells of a new agent at once; this is for when it does not. */
const LOOK_EVERY_MS = 5_000;
/** Installing takes a few seconds; after this something is probably in the way. */
const LATE_AFTER_MS = 60_000;
/** Machines that are shown whole; beyond that they are counted and named. */
const SHOWN_WHOLE = 3;

/** The line to copy, and what comes of it. */
export function Waiting(props: { made: Made; onAnother: () => void }) {
  const [way, setWay] = createSignal<Way>("service");
  const server = () => serverOf(props.made.command);
  const list = createRenewed(() => api.agents.list.query(), LOOK_EVERY_MS);
  createEffect(on(newestAgent, () => void list.ask(), { defer: true }));

  const isOurs = (agent: AgentInfo) =>
    agent.state !== "waiting" &&
    (props.made.universal ? agent.createdAt >= props.made.madeAt : agent.id === props.made.id);
  const arrived = createMemo(() => {
    const ids = new Set((list.value()?.agents ?? []).filter(isOurs).map(({ id }) => `agent:${id}`));
    if (!props.made.universal) ids.add(`agent:${props.made.id}`);
    return machines().filter(({ sources }) => sources.some((source) => ids.has(source)));
  });
  const waitedMs = () => now() - props.made.madeAt;
  const isLate = () => arrived().length === 0 && waitedMs() > LATE_AFTER_MS;

  return (
    <div class="mt-6 space-y-6">
      <section aria-labelledby="line">
        <div class="mb-3 flex flex-wrap items-center justify-between gap-3">
          <h2 id="line" class="font-semibold">
            Run this on {props.made.universal ? "each machine" : "the machine"}
          </h2>
          <Segments label="How it runs" value={way()} onChoose={setWay} options={WAYS} />
        </div>
        <Copyable
          label="Line"
          text={commandFor(way(), props.made.command, props.made.token)}
          help={HELP[way()]}
        />
        <p class="mt-2 text-sm text-ink-2">
          It holds a token that is shown only now. Good until {moment(props.made.expiresAt)};{" "}
          {props.made.universal ? "every machine gets an identity of its own." : "for one machine."}
        </p>
        <Show when={isOnlyHere(server())}>
          <div class="mt-3">
            <Notice level="warning">
              {server()} means this server only on the server itself. For another machine, open this page
              under the server's own name or address first, or set PULSE_PUBLIC_URL.
            </Notice>
          </div>
        </Show>
      </section>

      <section aria-labelledby="arrival" class="border-t border-line pt-5">
        <div class="flex flex-wrap items-baseline gap-x-3" role="status">
          <h2 id="arrival" class="font-semibold">
            {heading(
              props.made.universal,
              arrived().map(({ name }) => name),
            )}
          </h2>
          <Show when={arrived().length === 0}>
            <span class="size-2 animate-pulse self-center rounded-full bg-accent" aria-hidden="true" />
          </Show>
        </div>
        <Show
          when={arrived().length > 0}
          fallback={
            <p class="mt-0.5 text-ink-2">
              It appears here with its first report, seconds after the line has been run. Waiting for{" "}
              {duration(waitedMs() / 1_000)}.
            </p>
          }
        >
          <div class="settle mt-3 space-y-4">
            <For each={arrived().slice(0, SHOWN_WHOLE)}>
              {(machine) => (
                <MachineStrip
                  machine={machine}
                  figures={figuresOf(machine, partsOf(machine.id, "filesystem"))}
                />
              )}
            </For>
            <Show when={arrived().length > SHOWN_WHOLE}>
              <p class="text-ink-2">
                and{" "}
                <For each={arrived().slice(SHOWN_WHOLE)}>
                  {(machine, index) => (
                    <>
                      {index() > 0 ? ", " : ""}
                      <A href={`/machines/${machine.id}`} class="text-accent underline">
                        {machine.name}
                      </A>
                    </>
                  )}
                </For>
              </p>
            </Show>
          </div>
        </Show>
        <Show when={isLate()}>
          <Reasons server={server()} />
        </Show>
        <Show when={arrived().length > 0 && !props.made.universal && arrived()[0]}>
          {(machine) => (
            <div class="mt-5 flex flex-wrap gap-2">
              <LinkButton href={`/machines/${machine().id}`} look="primary">
                Open {machine().name}
              </LinkButton>
              <Button onClick={() => props.onAnother()}>Add another</Button>
            </div>
          )}
        </Show>
        <Show when={arrived().length === 0}>
          <p class="mt-4 text-sm text-ink-2">
            You may leave this page: until it reports, it is listed as waiting under{" "}
            <A href="/settings/agents" class="text-accent underline">
              Agents
            </A>
            , where it can be revoked as well.
          </p>
        </Show>
      </section>
    </div>
  );
}

const HELP: Record<Way, string> = {
  service:
    "Installs one program and a systemd service that runs as a user without rights. Run again, it updates.",
  containers:
    "The same, and the agent may ask Docker or Podman about containers. Whoever may do that is as good as root on the machine.",
  "by-hand":
    "For any system, or your own supervisor: the same pulse program as this server, or in a checkout bun pulse agent.",
};

function heading(universal: boolean, names: readonly string[]): string {
  if (names.length === 0) return universal ? "Waiting for the first machine" : "Waiting for the machine";
  return names.length === 1 ? `${names[0]} reports` : `${plural(names.length, "machine")} report`;
}
