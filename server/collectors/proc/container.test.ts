import { expect, test } from "bun:test";
import { captured } from "./captured-text.ts";
import { type ContainerMarks, containerOf } from "./container.ts";

const none: ContainerMarks = { dockerenv: false, containerenv: false };

test.each<[string, Partial<ContainerMarks>, string | undefined]>([
  ["a machine", {}, undefined],
  ["a machine that is seen to be one", { initialNamespaces: true }, undefined],
  ["a virtual machine made from a Docker image", { initialNamespaces: true, dockerenv: true }, undefined],
  ["Docker with version 2", { initialNamespaces: false, dockerenv: true, initCgroup: "0::/\n" }, "docker"],
  ["Docker with version 1, mark removed", { initCgroup: "12:pids:/docker/5d6e\n" }, "docker"],
  ["Podman", { containerenv: true, initEnvironment: "container=oci\0PATH=/bin" }, "podman"],
  ["Kubernetes", { initCgroup: "0::/kubepods.slice/kubepods-pod1.slice/cri-2.scope\n" }, "kubernetes"],
  ["LXC with systemd", { systemdContainer: "lxc\n" }, "lxc"],
  ["LXC without systemd, as root", { initEnvironment: "HOME=/\0container=lxc\0" }, "lxc"],
  ["LXC without systemd, as somebody", { mountinfo: captured("mountinfo-proxmox-lxc") }, "lxc"],
  ["LXC with version 1", { initCgroup: "5:memory:/lxc/101/ns\n" }, "lxc"],
  ["nspawn", { systemdContainer: "systemd-nspawn" }, "systemd-nspawn"],
  [
    "a Proxmox host, which runs lxcfs itself",
    { mountinfo: captured("mountinfo-proxmox-zfs"), initialNamespaces: true },
    undefined,
  ],
  [
    "an environment that only looks like it",
    { initEnvironment: "xcontainer=lxc\0A=container=lxc" },
    undefined,
  ],
])("%s", (_, marks, engine) => {
  expect(containerOf({ ...none, ...marks })).toBe(engine as string);
});
