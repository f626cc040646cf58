import { expect, test } from "bun:test";
import { mintId } from "../lib/random-id.ts";
import { ResourceId } from "./ids.ts";
import type { Resource } from "./resource.ts";
import { factsOf, fits } from "./scope.ts";

test("all that is named has to fit, of a list one; a machine's parts go with it, and its tags", () => {
  const id = () => ResourceId.parse(mintId("r"));
  const parent = { id: id(), kind: "host", own: { tags: ["db"] } } as unknown as Resource;
  const resource = { id: id(), kind: "filesystem" } as Resource;
  const what = factsOf("filesystem", resource, parent);
  const meant: [Parameters<typeof fits>[0], boolean][] = [
    [{}, true],
    [{ resourceIds: [resource.id] }, true],
    [{ resourceIds: [parent.id] }, true],
    [{ resourceIds: [id()] }, false],
    [{ tags: ["web", "db"] }, true],
    [{ tags: ["web"] }, false],
    [{ kinds: ["filesystem"], rules: ["filesystem"] }, true],
    [{ kinds: ["filesystem"], rules: ["inodes"] }, false],
    [{ kinds: ["host"] }, false],
  ];
  for (const [scope, is] of meant) expect([scope, fits(scope, what)]).toEqual([scope, is]);
});
