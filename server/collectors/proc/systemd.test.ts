import { expect, test } from "bun:test";
import { parseFailedUnits } from "./systemd.ts";

test("the first word of each line, whatever bullet stands before it", () => {
  const text = [
    "nginx.service loaded failed failed A high performance web server",
    "● certbot.service    loaded failed failed Certbot",
    "mnt-big\\x2ddisk.mount loaded failed failed /mnt/big-disk",
    "0 loaded units listed.",
    "",
  ].join("\n");
  expect(parseFailedUnits(text)).toEqual(["nginx.service", "certbot.service", "mnt-big\\x2ddisk.mount"]);
});

test("no failed unit is an empty list", () => {
  expect(parseFailedUnits("")).toEqual([]);
});
