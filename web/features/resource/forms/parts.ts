/** What a machine is made of: small pages, one figure or two. */
import { chart, type ResourceForm, top } from "../form.ts";

export const DISK: ResourceForm = {
  facts: [
    ["smart_health", "SMART"],
    ["health", "Health"],
    ["life_left_percent", "Life left"],
    ["wear_percent", "Wear"],
    ["temperature_celsius", "Temperature"],
    "model",
    "serial",
    ["size_bytes", "Size"],
    ["disk_type", "Type"],
    "used_by",
    "rotational",
    ["smart_not_read", "SMART is not read"],
  ],
  charts: (disk) => [
    chart(disk, "throughput", "Throughput", [
      ["read", "disk_read_bytes_per_second"],
      ["write", "disk_write_bytes_per_second"],
    ]),
    chart(disk, "busy", "Busy", [["busy", "disk_busy_percent"]]),
    chart(disk, "operations", "Operations", [
      ["read", "disk_reads_per_second"],
      ["write", "disk_writes_per_second"],
    ]),
    chart(disk, "waits", "Wait per operation", [
      ["read", "disk_read_wait_seconds"],
      ["write", "disk_write_wait_seconds"],
    ]),
    chart(disk, "temperature", "Temperature", [["now", "temperature_celsius"]]),
    chart(disk, "wear", "Wear", [
      ["worn", "wear_percent"],
      ["life left", "life_left_percent"],
    ]),
  ],
  still: ["size_bytes"],
};

export const FILESYSTEM: ResourceForm = {
  facts: [
    ["filesystem_used_percent", "Used"],
    ["filesystem_available_bytes", "Left"],
    ["filesystem_total_bytes", "Size"],
    ["filesystem_inodes_used_percent", "Inodes used"],
    "device",
    ["fstype", "Type"],
    "read_only",
  ],
  charts: (filesystem) => [
    chart(filesystem, "used", "Space used", [["used", "filesystem_used_bytes"]], {
      form: "stack",
      ...top(filesystem.metrics["filesystem_total_bytes"]),
    }),
    chart(filesystem, "inodes", "Inodes used", [["used", "filesystem_inodes_used_percent"]], { top: 100 }),
  ],
  still: ["filesystem_used_percent", "filesystem_available_bytes", "filesystem_total_bytes"],
};

export const INTERFACE: ResourceForm = {
  facts: ["addresses", "mac", ["speed_bits_per_second", "Speed, bit/s"]],
  charts: (port) => [
    chart(port, "throughput", "Throughput", [
      ["in", "network_receive_bytes_per_second"],
      ["out", "network_transmit_bytes_per_second"],
    ]),
    chart(port, "faults", "Errors and drops", [
      ["errors in", "network_receive_errors_per_second"],
      ["errors out", "network_transmit_errors_per_second"],
      ["drops in", "network_receive_drops_per_second"],
      ["drops out", "network_transmit_drops_per_second"],
    ]),
  ],
};

export const SENSOR: ResourceForm = {
  charts: (sensor) => [
    chart(sensor, "temperature", "Temperature", [["now", "temperature_celsius"]]),
    chart(sensor, "fan", "Fan", [["now", "fan_rpm"]]),
  ],
};

export const CORE: ResourceForm = {
  charts: (core) => [chart(core, "cpu", "CPU", [["used", "cpu_percent"]], { top: 100 })],
};
