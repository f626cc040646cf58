import { expect, test } from "bun:test";
import { Report } from "../../contract/report.ts";
import { capturedPage } from "../exposition/captured-page.ts";
import { parseExposition } from "../exposition/parse.ts";
import { isNodePage, NodeMachine } from "./node.ts";

const NOW = 1_795_462_000_000;
const parse = (page: string | Uint8Array) =>
  parseExposition(typeof page === "string" ? new TextEncoder().encode(page) : page);
const text = (name: string) => capturedPage(name).toString();

/** What one page says of a machine, or several that were read ten seconds after each other. */
function machine(...pages: string[]) {
  const node = new NodeMachine();
  const reports = pages.map((page, index) => node.read(parse(page), index * 10_000, NOW + index * 10_000));
  const resources = reports.at(-1) ?? [];
  Report.parse({ v: 1, boot: "12345678", seq: 0, at: 0, intervalMs: 10_000, resources });
  return {
    host: resources[0],
    of: (kind: string) => resources.filter((resource) => resource.kind === kind),
    at: (key: string) => resources.find((resource) => resource.key === `host/${key}`),
  };
}

/** The page with more counted. */
function later(page: string, counted: Record<string, number>): string {
  return page.replace(/^([a-z_]\S*) (\S+)$/gm, (line, series: string, value: string) =>
    series in counted ? `${series} ${Number(value) + (counted[series] ?? 0)}` : line,
  );
}

test("one machine's page is a machine; a federated one, another exporter's and an empty one are none", () => {
  expect(isNodePage(parse(capturedPage("node-exporter-1.5")))).toBe(true);
  for (const other of ["postgres-exporter", "redis-exporter", "blackbox-exporter", "haproxy"])
    expect(isNodePage(parse(capturedPage(other)))).toBe(false);
  expect(isNodePage([])).toBe(false);
  const cpu = (instance: string) => `node_cpu_seconds_total{cpu="0",mode="idle",instance="${instance}"} 1\n`;
  const boot = (instance: string) => `node_boot_time_seconds{instance="${instance}"} 1\n`;
  expect(isNodePage(parse(cpu("a") + boot("a")))).toBe(true);
  expect(isNodePage(parse(cpu("a") + cpu("b") + boot("a") + boot("b")))).toBe(false);
});

test("a page of a real machine: what it is, and its parts", () => {
  const { host, of } = machine(text("node-exporter-1.5"));
  expect(host).toMatchObject({
    kind: "host",
    key: "host",
    name: "vm",
    status: "up",
    attributes: {
      os: "Debian GNU/Linux 12 (bookworm)",
      architecture: "x86_64",
      cpu_count: 2,
      boot_at: 1_795_886_251_000,
    },
    metrics: { load1: 6.04, processes_blocked: 0 },
  });
  expect(host?.metrics).not.toHaveProperty("cpu_percent");
  expect(host?.metrics).not.toHaveProperty("failed_units");
  expect(of("core").map(({ key }) => key)).toEqual(["host/core/0", "host/core/1"]);
  expect(of("filesystem").map(({ key }) => key)).toEqual(["host/filesystem//"]);
  expect(of("disk").map(({ key }) => key)).toEqual(["host/disk/vda"]);
  expect(of("interface").map(({ key }) => key)).toEqual(["host/interface/eth0"]);
});

test("what happened between two pages", () => {
  const page = text("node-exporter-1.5");
  const { host, at } = machine(
    page,
    later(page, {
      'node_cpu_seconds_total{cpu="0",mode="user"}': 4,
      'node_cpu_seconds_total{cpu="0",mode="idle"}': 6,
      'node_cpu_seconds_total{cpu="1",mode="idle"}': 10,
      'node_disk_read_bytes_total{device="vda"}': 1_024_000,
      'node_disk_io_time_seconds_total{device="vda"}': 2.5,
      'node_disk_read_bytes_total{device="zram0"}': 5_000_000,
      'node_network_receive_bytes_total{device="eth0"}': 100_000,
      node_pressure_io_waiting_seconds_total: 1,
    }),
  );
  expect(host?.metrics).toMatchObject({
    cpu_percent: 20,
    cpu_user_percent: 20,
    disk_read_bytes_per_second: 102_400,
    disk_busy_percent: 25,
    network_receive_bytes_per_second: 10_000,
    network_transmit_bytes_per_second: 0,
    pressure_io_percent: 10,
    pressure_cpu_percent: 0,
  });
  expect(at("core/0")?.metrics.cpu_percent).toBe(40);
  expect(at("core/1")?.metrics.cpu_percent).toBe(0);
});

const MINIMUM = 'node_cpu_seconds_total{cpu="0",mode="idle"} 1\nnode_boot_time_seconds 1.79e9\n';

test("a machine of which hardly anything is known is a host all the same", () => {
  const { host } = machine(MINIMUM);
  expect(host).toMatchObject({ name: "host", status: "up", attributes: { cpu_count: 1 } });
  expect(host?.metrics).toEqual({ uptime_seconds: 5_462_000 });
});

test("available memory is what the kernel says, and what ZFS would give back", () => {
  const { host } = machine(
    `${MINIMUM}node_memory_MemTotal_bytes 1000\nnode_memory_MemFree_bytes 100\nnode_memory_MemAvailable_bytes 400\n` +
      "node_memory_SwapTotal_bytes 0\nnode_zfs_arc_size 300\nnode_zfs_arc_c_min 100\n",
  );
  expect(host?.metrics).toMatchObject({
    memory_available_bytes: 600,
    memory_used_percent: 40,
    zfs_arc_bytes: 300,
  });
  expect(host?.metrics).not.toHaveProperty("swap_total_bytes");
});

test("what the kernel killed since the page was first read is told of for an hour", () => {
  const watched = new NodeMachine();
  const kills = (counted: number, atMs: number) => {
    const page = parse(`${MINIMUM}node_vmstat_oom_kill ${counted}\n`);
    return watched.read(page, atMs, NOW).find(({ kind }) => kind === "host")?.metrics["oom_kills"];
  };
  expect([kills(7, 0), kills(9, 15_000), kills(9, 3_000_000), kills(9, 3_700_000)]).toEqual([0, 2, 2, 0]);
});

test("of filesystems those that fill up, each once", () => {
  const mounts = [
    ["/dev/sda1", "ext4", "/"],
    ["/dev/sda1", "ext4", "/var/log/bound"],
    ["tank/data", "zfs", "/tank"],
    ["tmpfs", "tmpfs", "/run"],
    ["nas:/export", "nfs4", "/mnt/nas"],
    ["//nas/share", "cifs", "/mnt/share"],
    ["/dev/fuse", "fuse.sshfs", "/mnt/ssh"],
    ["/dev/loop3", "squashfs", "/snap/core"],
    ["/dev/sdb1", "xfs", "/dead"],
  ];
  const page = mounts
    .map(([device, fstype, mountpoint]) => {
      const labels = `{device="${device}",fstype="${fstype}",mountpoint="${mountpoint}"}`;
      const isDead = mountpoint === "/dead";
      const space = `node_filesystem_size_bytes${labels} 1000\nnode_filesystem_free_bytes${labels} 300\nnode_filesystem_avail_bytes${labels} 200\n`;
      return `node_filesystem_readonly${labels} 0\n${isDead ? "" : space}`;
    })
    .join("");
  const { of, at } = machine(MINIMUM + page);
  expect(of("filesystem").map(({ name, status }) => [name, status])).toEqual([
    ["/", "up"],
    ["/tank", "up"],
    ["/dead", "unknown"],
  ]);
  expect(at("filesystem//")?.metrics).toEqual({
    filesystem_total_bytes: 1000,
    filesystem_used_bytes: 700,
    filesystem_available_bytes: 200,
    filesystem_used_percent: 77.78,
  });
});

test("of disks the physical ones, whatever the exporter was told to show", () => {
  const names = [
    "sda",
    "sda1",
    "nvme0n1",
    "nvme0n1p2",
    "xvda1",
    "dm-0",
    "md127",
    "loop0",
    "zram0",
    "sr0",
    "zd16",
    "mmcblk0",
    "mmcblk0p1",
  ];
  const counters = [
    "reads_completed",
    "read_bytes",
    "read_time_seconds",
    "writes_completed",
    "written_bytes",
    "write_time_seconds",
    "io_time_seconds",
    "io_time_weighted_seconds",
  ];
  const page = names
    .map((name) => counters.map((one) => `node_disk_${one}_total{device="${name}"} 1\n`).join(""))
    .join("");
  const info = 'node_disk_info{device="sda",model="WDC_WD40EFRX-68N",rotational="1"} 1\n';
  const { of, at } = machine(MINIMUM + page + info);
  expect(of("disk").map(({ name }) => name)).toEqual(["sda", "nvme0n1", "xvda1", "mmcblk0"]);
  expect(at("disk/sda")?.attributes).toEqual({ model: "WDC WD40EFRX-68N", rotational: true });
});

test("the machine's traffic is that of its cards, and in a container that of its cable", () => {
  const traffic = (name: string, id: number, link: number, bytes: number) =>
    `node_network_receive_bytes_total{device="${name}"} ${bytes}\nnode_network_transmit_bytes_total{device="${name}"} 0\n` +
    `node_network_iface_id{device="${name}"} ${id}\nnode_network_iface_link{device="${name}"} ${link}\n` +
    `node_network_protocol_type{device="${name}"} 1\n` +
    `node_network_info{device="${name}",address="02:FC:00:00:00:0${id}",operstate="up"} 1\n` +
    `node_network_speed_bytes{device="${name}"} 1.25e8\n`;
  const host = (bytes: number) =>
    MINIMUM +
    traffic("eno1", 2, 2, bytes) +
    traffic("vmbr0", 3, 3, bytes) +
    traffic("eno1.20", 4, 2, bytes) +
    traffic("veth1a", 5, 9, bytes);
  const one = machine(host(0), host(50_000));
  expect(one.of("interface").map(({ name }) => name)).toEqual(["eno1", "vmbr0", "eno1.20"]);
  expect(one.host?.metrics.network_receive_bytes_per_second).toBe(5_000);
  expect(one.at("interface/eno1")?.attributes).toEqual({
    mac: "02:fc:00:00:00:02",
    speed_bits_per_second: 1_000_000_000,
    state: "up",
  });
  const inside = (bytes: number) => MINIMUM + traffic("eth0", 2, 17, bytes) + traffic("wg0", 3, 3, bytes);
  expect(machine(inside(0), inside(70_000)).host?.metrics.network_receive_bytes_per_second).toBe(7_000);
});

test("sensors have the names our own collector gives them", () => {
  const temperature = (chip: string, sensor: string, celsius: number) =>
    `node_hwmon_temp_celsius{chip="${chip}",sensor="${sensor}"} ${celsius}\n`;
  const chip = (chip: string, name: string) =>
    `node_hwmon_chip_names{chip="${chip}",chip_name="${name}"} 1\n`;
  const { of, host, at } = machine(
    MINIMUM +
      chip("platform_coretemp_0", "coretemp") +
      chip("pci0000:00_0000:00:18_3", "k10temp") +
      chip("nvme_nvme0", "nvme") +
      chip("platform_nct6775_656", "nct6798") +
      temperature("platform_coretemp_0", "temp1", 61) +
      temperature("pci0000:00_0000:00:18_3", "temp1", 52.125) +
      temperature("nvme_nvme0", "temp1", 38.85) +
      temperature("platform_nct6775_656", "temp7", 0) +
      'node_hwmon_sensor_label{chip="platform_coretemp_0",label="Package id 0",sensor="temp1"} 1\n' +
      'node_hwmon_temp_crit_celsius{chip="platform_coretemp_0",sensor="temp1"} 100\n' +
      'node_hwmon_fan_rpm{chip="platform_nct6775_656",sensor="fan2"} 1180\n' +
      'node_hwmon_fan_rpm{chip="platform_nct6775_656",sensor="fan3"} 0\n',
  );
  expect(of("sensor").map(({ name, metrics }) => [name, ...Object.values(metrics)])).toEqual([
    ["coretemp.0 Package id 0", 61],
    ["k10temp-0000:00:18.3 temp1", 52.1],
    ["nvme0 temp1", 38.9],
    ["nct6798-nct6775.656 fan2", 1180],
  ]);
  expect(at("sensor/coretemp.0/Package id 0")?.attributes.critical_celsius).toBe(100);
  expect(host?.metrics.temperature_celsius).toBe(61);
});

test("a board without hwmon has its thermal zones", () => {
  const { of, host } = machine(`${MINIMUM}node_thermal_zone_temp{type="cpu-thermal",zone="0"} 47.2\n`);
  expect(of("sensor").map(({ key }) => key)).toEqual(["host/sensor/thermal_zone0/cpu-thermal"]);
  expect(host?.metrics.temperature_celsius).toBe(47.2);
});

test("units that failed, where the exporter looks at systemd", () => {
  const unit = (name: string, state: string, value: number) =>
    `node_systemd_unit_state{name="${name}",state="${state}",type="simple"} ${value}\n`;
  const page =
    unit("a.service", "failed", 1) + unit("a.service", "active", 0) + unit("b.service", "failed", 0);
  const { host } = machine(MINIMUM + page);
  expect(host?.metrics.failed_units).toBe(1);
  expect(host?.attributes.failed_units).toEqual(["a.service"]);
});

test("no page makes a machine the contract refuses", () => {
  const labels = ["", "-1", "999999", "x".repeat(300), "\\\\\\n", "__proto__", "constructor", "eth0", "/"];
  const page = text("node-exporter-1.5");
  for (const value of labels) {
    const changed = page.replace(/^(node_\w+\{\w+=)"[^"]*"/gm, `$1"${value}"`);
    machine(changed, changed);
  }
  for (const value of ["NaN", "+Inf", "-Inf", "-1", "1e308"]) {
    const changed = page.replace(/^(node_\S+) \S+$/gm, `$1 ${value}`);
    machine(changed, changed);
  }
});
