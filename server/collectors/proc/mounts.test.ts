import { expect, test } from "bun:test";
import { captured } from "./captured-text.ts";
import { parseMountinfo, realFilesystems } from "./mounts.ts";

const realOf = (file: string) =>
  realFilesystems(parseMountinfo(captured(file))).map((mount) => mount.mountPoint);

test.each([
  ["a virtual machine", "mountinfo-6.18-vm", ["/"]],
  [
    "Ubuntu with LVM, RAID, snaps, Docker, bind mounts and network shares",
    "mountinfo-ubuntu-docker-snap",
    ["/", "/boot", "/boot/efi", "/srv/big disk", "/mnt/usb"],
  ],
  [
    "Fedora: all subvolumes of a btrfs are one",
    "mountinfo-fedora-btrfs",
    ["/", "/boot", "/boot/efi", "/mnt/pool"],
  ],
  [
    "Proxmox: one per ZFS dataset, none of Docker's",
    "mountinfo-proxmox-zfs",
    ["/", "/rpool", "/rpool/ROOT", "/rpool/data/subvol-101-disk-0"],
  ],
  ["a Docker container: its root and its volume", "mountinfo-docker-container", ["/", "/data"]],
  ["an LXC container", "mountinfo-proxmox-lxc", ["/"]],
])("the real filesystems of %s", (_, file, mountPoints) => {
  expect(realOf(file)).toEqual(mountPoints);
});

test("names with spaces, tabs and backslashes are written out", () => {
  const [mount] = parseMountinfo("1 0 8:1 / /a\\040b\\011c\\134d rw - ext4 /dev/disk\\040one rw\n");
  expect(mount).toMatchObject({ mountPoint: "/a b\tc\\d", source: "/dev/disk one" });
});

test("read-only by the mount or by the filesystem itself", () => {
  const text = [
    "1 0 8:1 / /a ro,relatime - ext4 /dev/sda1 rw",
    "2 0 8:2 / /b rw,relatime shared:4 master:9 - ext4 /dev/sda2 ro,errors=remount-ro",
    "3 0 8:3 / /c rw,relatime - ext4 /dev/sda3 rw,errors=remount-ro",
  ].join("\n");
  expect(parseMountinfo(text).map((mount) => mount.readOnly)).toEqual([true, true, false]);
});

test("a mount on top of another hides it", () => {
  const text = "1 0 8:1 / /mnt rw - ext4 /dev/sda1 rw\n2 1 0:50 / /mnt rw - nfs nas:/x rw\n";
  expect(realFilesystems(parseMountinfo(text))).toEqual([]);
});

test("lines that are cut or of another form are passed over", () => {
  expect(parseMountinfo("1 0 8:1 / /mnt\n1 0 8:1 / /mnt rw ext4\n - \nx - y\n")).toEqual([]);
});
