import { expect, test } from "bun:test";
import { numberOf, parseKill } from "./kernel-log.ts";

/* As kernel 6.18 and kernel 4.9 say it. */
const ofMachine =
  "6,4711,11333593188,-;oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/system.slice/postgresql.service,task=postgres,pid=13446,uid=107";
const ofLimit =
  "6,4712,11333593188,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=libpod-cb37,mems_allowed=0,oom_memcg=/libpod_parent/libpod-cb37,task_memcg=/libpod_parent/libpod-cb37,task=dd,pid=13446,uid=0";
const victim =
  "3,4713,11333593207,-;Memory cgroup out of memory: Killed process 13446 (dd) total-vm:67804kB, anon-rss:16000kB\n SUBSYSTEM=x";
const old = "3,812,4000,-;Out of memory: Kill process 812 (my app) score 900 or sacrifice child";

test("a kill names its victim, and whether it was the machine that had no memory left", () => {
  expect(parseKill(ofMachine, true)).toEqual({ process: "postgres", isOfLimit: false });
  expect(parseKill(ofLimit, true)).toEqual({ process: "dd", isOfLimit: true });
  expect(parseKill(old, false)).toEqual({ process: "my app", isOfLimit: false });
  expect(parseKill(victim, false)).toEqual({ process: "dd", isOfLimit: true });
});

test("a kill of which there are two lines counts once", () => {
  expect(parseKill(victim, true)).toBeUndefined();
  expect(parseKill(ofLimit, false)).toBeUndefined();
  expect(parseKill("6,1,2,-;eth0: link is up", true)).toBeUndefined();
});

test("records are numbered", () => {
  expect(numberOf(ofMachine)).toBe(4711);
  expect(numberOf("nonsense")).toBeNaN();
});
