import { expect, test } from "bun:test";
import { rank } from "./rank.ts";

const entries = ["db-primary", "web-1", "web-2", "old-web", "cobweb"].map((name) => ({ name }));
const found = (wanted: string) => rank(entries, wanted).map(({ name }) => name);

test("nothing typed shows everything in its order", () => {
  expect(found("  ")).toHaveLength(5);
});

test("beginnings come before words, words before the rest", () => {
  expect(found("web")).toEqual(["web-1", "web-2", "old-web", "cobweb"]);
});

test("every word must be there", () => {
  expect(found("web 2")).toEqual(["web-2"]);
  expect(found("web x")).toEqual([]);
});

test("what something is and is part of finds it too, after what is called so", () => {
  const entries = [
    { name: "nginx", also: "Container nas" },
    { name: "nas", also: "Machine" },
    { name: "eth0", also: "Interface nas" },
  ];
  expect(rank(entries, "nas").map(({ name }) => name)).toEqual(["nas", "nginx", "eth0"]);
  expect(rank(entries, "eth nas").map(({ name }) => name)).toEqual(["eth0"]);
});
