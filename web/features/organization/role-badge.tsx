import type { Role } from "../../../server/contract/roles.ts";
import { ROLE_WORDS } from "./names.ts";

const LOOK: Record<Role, string> = {
  owner: "bg-owner-soft text-owner",
  admin: "bg-admin-soft text-admin",
  editor: "bg-editor-soft text-editor",
  viewer: "bg-track text-ink-2",
};

/** A role as a word; its colour only speeds up reading. */
export function RoleBadge(props: { role: Role }) {
  return (
    <span class={`inline-block shrink-0 rounded-full px-2 text-xs leading-5 font-medium ${LOOK[props.role]}`}>
      {ROLE_WORDS[props.role]}
    </span>
  );
}
