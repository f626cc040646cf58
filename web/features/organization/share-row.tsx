import type { ParentProps } from "solid-js";
import type { Share } from "../../../server/contract/shares.ts";
import { now } from "../../state/clock.ts";
import { ago, ahead, moment } from "../../ui/format.ts";
import { RoleBadge } from "./role-badge.tsx";

const STATE: Record<Share["state"], { words: string; look: string }> = {
  pending: { words: "waits to be accepted", look: "text-warn" },
  accepted: { words: "accepted", look: "" },
  expired: { words: "ended", look: "text-warn" },
};

export function ShareRow(props: ParentProps<{ share: Share; way: "from" | "with" }>) {
  const endWords = () => {
    const { expiresAt, state } = props.share;
    if (expiresAt === undefined) return "without an end";
    return state === "expired" ? ago(expiresAt, now()) : `ends ${ahead(expiresAt, now())}`;
  };
  return (
    <li class="flex min-h-14 flex-wrap items-center gap-x-4 gap-y-2 py-2.5">
      <div class="min-w-0 flex-1 basis-60" classList={{ old: props.share.state === "expired" }}>
        <p class="flex items-center gap-2">
          <span class="truncate font-medium" title={props.share.resource.name}>
            {props.share.resource.name}
          </span>
          <span class="text-sm whitespace-nowrap text-ink-2">for</span>
          <RoleBadge role={props.share.role} />
        </p>
        <p
          class="truncate text-sm text-ink-2"
          title={props.share.expiresAt ? moment(props.share.expiresAt) : undefined}
        >
          {props.way} {props.share.org.name} ·{" "}
          <span class={STATE[props.share.state].look}>{STATE[props.share.state].words}</span> · {endWords()}
        </p>
      </div>
      <div class="flex gap-2 empty:hidden">{props.children}</div>
    </li>
  );
}
