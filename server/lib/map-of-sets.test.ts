import { expect, test } from "bun:test";
import { MapOfSets } from "./map-of-sets.ts";

test("values come in the order in which they were added, each once", () => {
  const map = new MapOfSets<string, number>();
  for (const value of [3, 1, 3, 2]) map.add("a", value);
  map.add("b", 9);
  expect([map.get("a"), map.get("b"), map.get("c")]).toEqual([[3, 1, 2], [9], []]);
});

test("what is taken out of one key stays under another, and taking out what is not there is no news", () => {
  const map = new MapOfSets<string, number>();
  for (const key of ["a", "b"]) map.add(key, 1);
  map.delete("a", 1);
  map.delete("a", 1);
  map.delete("b", 2);
  map.delete("c", 1);
  expect([map.get("a"), map.get("b")]).toEqual([[], [1]]);
  map.add("a", 2);
  expect(map.get("a")).toEqual([2]);
});

test("what is handed out is a copy: it may be emptied while it is walked through", () => {
  const map = new MapOfSets<string, number>();
  for (const value of [1, 2, 3]) map.add("a", value);
  const walked: number[] = [];
  for (const value of map.get("a")) {
    walked.push(value);
    map.delete("a", value);
  }
  expect([walked, map.get("a")]).toEqual([[1, 2, 3], []]);
});
