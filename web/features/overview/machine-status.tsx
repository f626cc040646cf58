import { Match, Switch } from "solid-js";
import type { Resource } from "../../../server/contract/resource.ts";
import { now } from "../../state/clock.ts";
import { duration, moment } from "../../ui/format.ts";
import { LevelMark } from "../../ui/level-mark.tsx";
import type { Level } from "../../ui/meter.tsx";
import { isMeantToBeOff } from "../resource/status.ts";
import { levelAt } from "./current-problems.ts";

const WORDS = { fine: "well", warning: "warning", critical: "critical" };

export function MachineMark(props: { machine: Resource }) {
  const level = () => machineLevel(props.machine);
  const word = (known: ReturnType<typeof level>) => {
    if (known !== "unknown") return WORDS[known];
    return isMeantToBeOff(props.machine) ? "off, as expected" : "not reporting";
  };
  return <LevelMark level={level()} label={word(level())} />;
}

/** The worst that is known of it and its parts; of what is not heard of nothing is. */
export function machineLevel(machine: Resource): Level | "unknown" {
  if (machine.status === "unknown" || isMeantToBeOff(machine)) return "unknown";
  return machine.status === "down" ? "critical" : levelAt(machine.id);
}

/** "down", "silent", "off", or nothing at all: what goes well needs no word. */
export function MachineWord(props: { machine: Resource }) {
  const silence = () => duration((now() - props.machine.lastSeenAt) / 1_000);
  return (
    <Switch>
      <Match when={isMeantToBeOff(props.machine)}>
        <span class="text-sm text-ink-3" title={`Last seen ${moment(props.machine.lastSeenAt)}`}>
          off
        </span>
      </Match>
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
