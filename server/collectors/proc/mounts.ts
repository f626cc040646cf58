/** One line of /proc/self/mountinfo. */
export interface Mount {
  /** major:minor. Every mount of one filesystem has the same, btrfs subvolumes included. */
  deviceNumber: string;
  /** What of the filesystem is mounted: `/`, or a directory of it for a bind mount or a subvolume. */
  root: string;
  mountPoint: string;
  fstype: string;
  /** /dev/sda1, or the dataset for ZFS. */
  source: string;
  readOnly: boolean;
}

/** Lines that are read at most: a container host has several per container. */
const LINE_LIMIT = 16_384;

export function parseMountinfo(text: string): Mount[] {
  const mounts: Mount[] = [];
  for (const line of text.split("\n", LINE_LIMIT)) {
    // The number of optional fields before the lone dash varies (shared:1, master:2 …).
    const [place = "", kind = ""] = line.split(" - ", 2);
    const [, , deviceNumber, root, mountPoint, options] = place.split(" ");
    const [fstype, source, superOptions = ""] = kind.split(" ");
    if (!deviceNumber || !root || !mountPoint || !options || !fstype || source === undefined) continue;
    mounts.push({
      deviceNumber,
      root: decoded(root),
      mountPoint: decoded(mountPoint),
      fstype,
      source: decoded(source),
      readOnly: [...options.split(","), ...superOptions.split(",")].includes("ro"),
    });
  }
  return mounts;
}

/** The kernel writes space, tab, line end, backslash and # as three octal digits. */
function decoded(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

/** Real filesystems although no block device is their own: the kernel gives them major number 0. */
const WITHOUT_DEVICE_NUMBER = new Set(["btrfs", "zfs", "bcachefs", "ubifs", "jffs2"]);

/** Images that are full by design. */
const IMAGES = new Set(["squashfs", "iso9660", "udf", "erofs", "cramfs", "romfs"]);

/** Layers of container engines: the filesystem under them is reported. */
const ENGINE_LAYER =
  /^\/var\/lib\/(?:docker|containers\/storage|containerd)\/(?:overlay2?|aufs|zfs|btrfs|devicemapper|vfs)\//;

/** Files that container engines mount one by one from the machine's disk. */
const ENGINE_FILES = new Set(["/etc/hosts", "/etc/hostname", "/etc/resolv.conf"]);

/**
 * The filesystems that fill up by themselves: local, writable by nature, each once. Network and FUSE
 * filesystems are left out on purpose: their server watches them, and asking a dead one for its size
 * holds a thread until the machine is restarted.
 */
export function realFilesystems(mounts: Mount[]): Mount[] {
  // A later mount on the same point hides the earlier one.
  const visible = new Map(mounts.map((mount) => [mount.mountPoint, mount]));
  const byDevice = new Map<string, Mount>();
  for (const mount of visible.values()) {
    if (!isReal(mount)) continue;
    const known = byDevice.get(mount.deviceNumber);
    if (!known || rank(mount) < rank(known)) byDevice.set(mount.deviceNumber, mount);
  }
  return [...byDevice.values()];
}

function isReal(mount: Mount): boolean {
  // In a container the root is an overlay, and it is the only way to see how full the disk is.
  if (mount.mountPoint === "/" && mount.fstype === "overlay") return true;
  if (IMAGES.has(mount.fstype) || ENGINE_LAYER.test(mount.mountPoint)) return false;
  if (ENGINE_FILES.has(mount.mountPoint)) return false;
  return !mount.deviceNumber.startsWith("0:") || WITHOUT_DEVICE_NUMBER.has(mount.fstype);
}

/** Of the mounts of one filesystem the most telling first: `/`, then whole ones, then the shortest path. */
function rank(mount: Mount): number {
  if (mount.mountPoint === "/") return 0;
  return (mount.root === "/" ? 0 : 10_000) + mount.mountPoint.length;
}
