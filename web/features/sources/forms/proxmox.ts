import type { FormField, FormKind, Values } from "../../forms/field.ts";

const FINGERPRINT: FormField = {
  key: "fingerprint",
  label: "Certificate fingerprint",
  input: "text",
  optional: true,
  help: "SHA-256, as the script prints it. Needed where the certificate is Proxmox's own; then exactly this one is trusted.",
};

function access(example: string, user: string): FormField[] {
  return [
    { key: "url", label: "Address", input: "text", example },
    { key: "tokenId", label: "Token id", input: "text", example: `${user}!monitor` },
    {
      key: "tokenSecret",
      label: "Token secret",
      input: "secret",
      help: "Kept encrypted and never shown again.",
    },
    FINGERPRINT,
  ];
}

function hostName(values: Values): string {
  const url = String(values["url"] ?? "");
  return URL.canParse(url) ? new URL(url).hostname : "";
}

export const PROXMOX_VE: FormKind = {
  label: "Proxmox VE",
  words: "A cluster or a single node: nodes, guests, storages, backups.",
  nameFrom: (values) => hostName(values) || "Proxmox VE",
  fields: [
    ...access("https://pve.example.org:8006", "pulse@pve"),
    {
      key: "smartOfSpinningDisks",
      label: "Ask spinning disks for their health",
      input: "switch",
      standard: false,
      further: true,
      help: "Wakes disks that sleep. Only for those that never do.",
    },
  ],
};

export const PROXMOX_BACKUP: FormKind = {
  label: "Proxmox Backup Server",
  words: "Datastores and what is backed up in them, and how long ago.",
  nameFrom: (values) => hostName(values) || "Proxmox Backup",
  fields: access("https://pbs.example.org:8007", "pulse@pbs"),
};
