import type { Resource } from "../../../server/contract/resource.ts";
import { isMachine } from "../../state/inventory.ts";
import { LevelMark } from "../../ui/level-mark.tsx";
import { levelAt } from "../overview/current-problems.ts";
import { statusOf } from "./status.ts";

/** How a resource is, as a shape; of a machine, how its worst part is. */
export function StatusMark(props: { resource: Resource; silent?: boolean }) {
  const status = () => statusOf(props.resource);
  const level = () => {
    const own = status().level;
    return own === "fine" && isMachine(props.resource) ? levelAt(props.resource.id) : own;
  };
  return <LevelMark level={level()} {...(props.silent ? {} : { label: status().word })} />;
}
