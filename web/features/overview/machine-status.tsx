import { Match, Switch } from "solid-js";
import type { Resource } from "../../../server/contract/resource.ts";
import { now } from "../../state/clock.ts";
import { duration, moment } from "../../ui/format.ts";
import { LevelMark } from "../../ui/level-mark.tsx";
import { levelAt } from "./current-problems.ts";

const WORDS = { fine: "well", warning: "warning", critical: "critical" };

export function MachineMark(props: { machine: Resource }) {
  const unknown = () => props.machine.status === "unknown";
  return (
    <LevelMark
      level={unknown() ? "unknown" : levelAt(props.machine.id)}
      label={unknown() ? "not reporting" : WORDS[levelAt(props.machine.id)]}
    />
  );
}

/** "down", "not reporting", or nothing at all: what goes well needs no word. */
export function MachineWord(props: { machine: Resource }) {
  const silence = () => duration((now() - props.machine.lastSeenAt) / 1_000);
  return (
    <Switch>
      <Match when={props.machine.status === "down"}>
        <span class="text-sm text-bad" title={`Last seen ${moment(props.machine.lastSeenAt)}`}>
          down {silence()}
        </span>
      </Match>
      <Match when={props.machine.status === "unknown"}>
        <span class="text-sm text-warn" title={`Last seen ${moment(props.machine.lastSeenAt)}`}>
          silent {silence()}
        </span>
      </Match>
    </Switch>
  );
}

/** Whether the figures of a machine are from now. */
export function isCurrent(machine: Resource): boolean {
  return machine.status !== "down" && machine.status !== "unknown";
}
