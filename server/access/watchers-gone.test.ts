import { expect, test } from "bun:test";
import type { DirectoryChange } from "../contract/directory.ts";
import { watchersGone } from "./watchers-gone.ts";

const person = { id: "u1", email: "", name: "", operator: false, disabled: false };

test.each([
  ["a membership ends", { kind: "member_gone", orgId: "o1", userId: "u1" }, [{ orgId: "o1", person: "u1" }]],
  ["a session ends", { kind: "session_ended", idHash: "h" }, [{ by: "h" }]],
  ["a token is revoked", { kind: "token_gone", id: "t1" }, [{ by: "t1" }]],
  ["a person is disabled", { kind: "person", person: { ...person, disabled: true } }, [{ person: "u1" }]],
  ["a person is renamed", { kind: "person", person }, []],
  ["an org is purged, and its actor with it", { kind: "org_purged", orgId: "o1" }, []],
] as const)("%s", (_, change, gone) => {
  expect(watchersGone([change as unknown as DirectoryChange])).toEqual(gone as never);
});
