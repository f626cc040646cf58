import { expect, test } from "bun:test";
import type { TokenEntry } from "../contract/directory.ts";
import { TokenId, UserId } from "../contract/ids.ts";
import { TokenUse } from "./tokens.ts";

const MINUTE = 60_000;
const START = 1_000 * MINUTE;

function token(letter: string, lastUsedAt?: number): TokenEntry {
  return {
    id: TokenId.parse(`t${letter.repeat(19)}`),
    secretHash: "",
    madeBy: UserId.parse(`u${"a".repeat(19)}`),
    scopes: [],
    orgIds: [],
    ...(lastUsedAt !== undefined && { lastUsedAt }),
  };
}

function setUp() {
  let now = START;
  const written: [id: string, minute: number][] = [];
  const use = new TokenUse(
    () => now,
    ({ id, at }) => void written.push([id.slice(0, 2), (at - START) / MINUTE]),
  );
  const pass = (minutes: number) => {
    now += minutes * MINUTE;
  };
  return { use, written, pass };
}

test("the use of a token is written every five minutes at most, of each by itself", () => {
  const { use, written, pass } = setUp();
  for (let minute = 0; minute <= 10; minute++) {
    for (const letter of ["a", "b"]) use.note(token(letter));
    pass(1);
  }
  expect(written).toEqual([
    ["ta", 0],
    ["tb", 0],
    ["ta", 5],
    ["tb", 5],
    ["ta", 10],
    ["tb", 10],
  ]);
});

test("what was written before the start counts", () => {
  const { use, written, pass } = setUp();
  const used = token("a", START - 2 * MINUTE);
  use.note(used);
  pass(2);
  use.note(used);
  expect(written).toEqual([]);
  pass(1);
  use.note(used);
  expect(written).toEqual([["ta", 3]]);
});

test("a token that was forgotten is nobody's any more", () => {
  const { use, written } = setUp();
  use.note(token("a"));
  use.forget(token("a").id);
  use.note(token("a"));
  expect(written).toHaveLength(2);
});
